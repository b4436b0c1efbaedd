// cmt: correspondences between the photo and the reference's grey views, no camera needed (paper, section 3).
#include <cmath>
#include <cstring>
#include <list>
#include <mutex>
#include <numeric>

#include "base/evenly.h"
#include "base/stopwatch.h"
#include "engine/correspondences.h"
#include "engine/detectors.h"
#include "engine/view_tensors.h"
#include "model/affinity_topk.h"
#include "model/cmt.h"
#include "model/preprocess.h"

namespace looking3d {
namespace {

constexpr size_t kHeldReferences = 4;
constexpr int kShownKeys = 100;  ///< best matches to show where a network attends to all

/// The encoded views that are `count` of all, evenly spread.
CmtReference some_views(const CmtReference& all, int64_t views, int count) {
  std::vector<int64_t> every(static_cast<size_t>(views));
  std::iota(every.begin(), every.end(), int64_t{0});
  const torch::Tensor chosen = torch::tensor(evenly(every, count));
  const auto pick = [&](const torch::Tensor& tensor) {  // [G, N * h * w, ...] -> [G, n * h * w, ...]
    return tensor.unflatten(1, {views, -1}).index_select(1, chosen).flatten(1, 2);
  };
  return {pick(all.features), pick(all.positions), pick(all.matching), pick(all.is_key)};
}

class CmtDetector : public MatchingDetector {
 public:
  CmtDetector(WeightsInfo info, const NamedTensors& tensors, const Path& path)
      : MatchingDetector(std::move(info)), network_(from_json<CmtOptions>(this->info().network)) {
    load_for_inference(network_, tensors, path);
  }

  int grid() const override { return info().size / kPatchSize; }

  Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const override { return detect_as(reference, photo, {}); }

  Detection detect_as(const ReferenceData& reference, const PreparedPhoto& photo, const MatchSetting& setting) const override {
    const torch::NoGradGuard no_grad;
    const Encoded all = encoded_reference(reference);
    const Stopwatch watch;
    const CmtReference shown = setting.views > 0 ? some_views(all.reference, all.views, setting.views) : all.reference;
    const CmtOutput out = network_->compare(photo_tensor(photo.bgr), shown, setting.top_k);
    Detection detection;
    detection.logit = out.logit[0].item<double>();
    detection.box = box_of(out.box[0]);
    if (out.patch_logits.defined()) detection.heat = heat_of(out.patch_logits[0]);
    if (out.kind_logits.defined()) detection.kinds = kinds_of(out.kind_logits[0]);
    detection.network_ms = watch.ms();
    return detection;
  }

  std::vector<PatchMatch> matches(const ReferenceData& reference, const PreparedPhoto& photo,
                                  const std::vector<int>& patches) const override {
    const torch::NoGradGuard no_grad;
    const Encoded all = encoded_reference(reference);
    const torch::Tensor every = network_->compare(photo_tensor(photo.bgr), all.reference).matching;  // [1, nq, c]
    const torch::Tensor query = every.index_select(1, torch::tensor(std::vector<int64_t>(patches.begin(), patches.end())));
    const int keys = network_->options().top_k > 0 ? network_->options().top_k : kShownKeys;
    const torch::Tensor top = affinity_topk(query, all.reference.matching, all.reference.is_key, keys)[0];  // [P, k]
    const torch::Tensor similarity = torch::matmul(query[0], all.reference.matching[0].t())                 // [P, nv]
                                         .masked_fill(all.reference.is_key[0].logical_not(), std::nanf(""));

    std::vector<PatchMatch> result;
    for (size_t i = 0; i < patches.size(); ++i) {
      const auto row = static_cast<int64_t>(i);
      PatchMatch match{patches[i], {}, cv::Mat(static_cast<int>(all.views), static_cast<int>(similarity.size(1) / all.views), CV_32F)};
      for (int64_t k = 0; k < top.size(1); ++k) {
        const auto key = top[row][k].item<int64_t>();
        if (key >= 0) match.top.push_back(static_cast<int>(key));
      }
      std::memcpy(match.similarity.data, similarity[row].contiguous().data_ptr<float>(), match.similarity.total() * sizeof(float));
      result.push_back(std::move(match));
    }
    return result;
  }

 private:
  struct Encoded {
    CmtReference reference;
    int64_t views = 0;
  };

  /// The views encoded by this network; kept for the references used last.
  Encoded encoded_reference(const ReferenceData& reference) const {
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

  Encoded encode(const ReferenceData& reference) const {
    const ViewTensors views = view_tensors(reference, info().size);
    return {network_->encode_reference(views.grey.unsqueeze(0), views.position.unsqueeze(0), views.surface.unsqueeze(0)),
            views.grey.size(0)};
  }

  mutable Cmt network_;  ///< its forward pass changes nothing
  mutable std::mutex mutex_;
  mutable std::list<std::pair<uint64_t, Encoded>> held_;  ///< the latest first
};

}  // namespace

std::unique_ptr<Detector> make_cmt_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path) {
  return std::make_unique<CmtDetector>(std::move(info), tensors, path);
}

}  // namespace looking3d
