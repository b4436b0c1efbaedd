// cmt: correspondences between the photo and the reference's grey views, no camera needed (paper, section 3).
#include <list>
#include <mutex>

#include "base/stopwatch.h"
#include "engine/detectors.h"
#include "engine/view_tensors.h"
#include "model/cmt.h"

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
    const ViewTensors views = view_tensors(reference, info().size);
    return network_->encode_reference(views.grey.unsqueeze(0), views.position.unsqueeze(0), views.surface.unsqueeze(0));
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
