// cmt: correspondences between the photo and the reference's grey views, no camera needed (paper, section 3).
#include <opencv2/imgproc.hpp>

#include "base/stopwatch.h"
#include "engine/detectors.h"
#include "engine/reference_cache.h"
#include "engine/view_tensors.h"
#include "model/closest_view.h"
#include "model/cmt.h"
#include "model/preprocess.h"

namespace looking3d {
namespace {

constexpr double kObjectShare = 0.25;  ///< of a patch's pixels, from which it shows the object

class CmtDetector : public Detector {
 public:
  CmtDetector(WeightsInfo info, const NamedTensors& tensors, const Path& path)
      : Detector(std::move(info)), network_(from_json<CmtOptions>(this->info().network)) {
    load_for_inference(network_, tensors, path);
  }

  Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const override {
    const torch::NoGradGuard no_grad;
    const CmtReference encoded = references_.get(reference, [this](const ReferenceData& some) { return encode(some); });
    const Stopwatch watch;
    const CmtOutput out = network_->compare(photo_tensor(photo.bgr), encoded);
    Detection detection;
    detection.logit = out.logit[0].item<double>();
    detection.box = box_of(out.box[0]);
    if (out.patch_logits.defined()) detection.heat = heat_of(out.patch_logits[0]);
    if (out.kind_logits.defined()) detection.kinds = kinds_of(out.kind_logits[0]);
    detection.closest_view = closest_view(photo.mask, out.matching[0], encoded);
    detection.network_ms = watch.ms();
    return detection;
  }

 private:
  CmtReference encode(const ReferenceData& reference) const {
    const ViewTensors views = view_tensors(reference, info().size);
    return network_->encode_reference(views.grey.unsqueeze(0), views.position.unsqueeze(0), views.surface.unsqueeze(0));
  }

  /// The view in which the object's patches match patches at nearly the same place (paper, section 5.1); none without a mask of the object.
  /// `matching` [nq, c] of the photo.
  std::optional<int> closest_view(const cv::Mat& mask, const torch::Tensor& matching, const CmtReference& reference) const {
    const int side = info().size / kPatchSize;
    cv::Mat share;
    if (mask.empty()) return {};
    cv::resize(mask, share, {side, side}, 0, 0, cv::INTER_AREA);
    const cv::Mat object = share >= kObjectShare * 255;
    const torch::Tensor rows = torch::from_blob(object.data, {side * side}, torch::kByte).nonzero().squeeze(1);
    if (rows.size(0) == 0) return {};
    const torch::Tensor at = patch_middles(side, side), seen = reference.is_key.view({-1, side * side});
    const torch::Tensor keys = reference.matching.view({seen.size(0), side * side, -1});
    const torch::Tensor distances = view_distances(matching.index_select(0, rows), at.index_select(0, rows), keys, seen, at);
    return distances.argmin().item<int>();
  }

  mutable Cmt network_;  ///< its forward pass changes nothing
  mutable ReferenceCache<CmtReference> references_;
};

}  // namespace

std::unique_ptr<Detector> make_cmt_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path) {
  return std::make_unique<CmtDetector>(std::move(info), tensors, path);
}

}  // namespace looking3d
