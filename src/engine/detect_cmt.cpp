// cmt: correspondences between the photo and the reference's grey views, no camera needed (paper, section 3).
#include <list>
#include <mutex>

#include "base/stopwatch.h"
#include "engine/detectors.h"
#include "model/cmt.h"
#include "model/preprocess.h"
#include "render/reference_views.h"

namespace looking3d {
namespace {

constexpr size_t kHeldReferences = 4;

class CmtDetector : public Detector {
 public:
  CmtDetector(WeightsInfo info, const NamedTensors& tensors, const Path& path)
      : Detector(std::move(info)), network_(from_json<CmtOptions>(this->info().network)) {
    load_for_inference(network_, tensors, path);
  }

  Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const override {
    const torch::NoGradGuard no_grad;
    const CmtReference encoded = encoded_reference(reference);
    const Stopwatch watch;
    const CmtOutput out = network_->compare(photo_tensor(photo.bgr), encoded);
    Detection detection;
    detection.logit = out.logit[0].item<double>();
    detection.box = box_of(out.box[0]);
    if (out.patch_logits.defined()) detection.heat = heat_of(out.patch_logits[0]);
    if (out.kind_logits.defined()) detection.kinds = kinds_of(out.kind_logits[0]);
    detection.network_ms = watch.ms();
    return detection;
  }

 private:
  /// The views encoded by this network; kept for the references used last.
  CmtReference encoded_reference(const ReferenceData& reference) const {
    const std::lock_guard lock(mutex_);
    for (auto held = held_.begin(); held != held_.end(); ++held) {
      if (held->first != reference.serial) continue;
      held_.splice(held_.begin(), held_, held);
      return held_.front().second;
    }
    held_.emplace_front(reference.serial, encode(reference));
    if (held_.size() > kHeldReferences) held_.pop_back();
    return held_.front().second;
  }

  CmtReference encode(const ReferenceData& reference) const {
    const std::vector<ReferenceView> rendered = render_reference_views(reference.scene, reference.shape.all_vertices());
    const auto count = static_cast<int64_t>(rendered.size());
    const int64_t patches = info().size / kPatchSize;
    torch::Tensor views = torch::empty({1, count, 3, info().size, info().size});
    torch::Tensor position = torch::zeros({1, count, patches, patches, 3}),
                  surface = torch::zeros({1, count, patches, patches}, torch::kBool);
    for (int64_t i = 0; i < count; ++i) {
      const ReferenceView& view = rendered[static_cast<size_t>(i)];
      views[0][i].copy_((grey_view(view.grey, info().size).to(torch::kFloat) / 127.5 - 1).unsqueeze(0));
      write_positions(patch_positions(view.depth, view.camera), position[0][i], surface[0][i]);
    }
    return network_->encode_reference(views, position, surface);
  }

  mutable Cmt network_;  ///< its forward pass changes nothing
  mutable std::mutex mutex_;
  mutable std::list<std::pair<uint64_t, CmtReference>> held_;  ///< the latest first
};

}  // namespace

std::unique_ptr<Detector> make_cmt_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path) {
  return std::make_unique<CmtDetector>(std::move(info), tensors, path);
}

}  // namespace looking3d
