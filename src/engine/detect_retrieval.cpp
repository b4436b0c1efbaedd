// lfd and lin: the photo's distance from its reference in a space learnt for retrieval (paper, table 2).
#include "base/stopwatch.h"
#include "engine/detectors.h"
#include "engine/reference_cache.h"
#include "engine/view_tensors.h"
#include "model/lfd_net.h"
#include "model/lin_net.h"

namespace looking3d {
namespace {

constexpr double kDistanceUnit = 0.1;  ///< logits grow by 1 with so much distance: the calibration expects scales near 1

/// Distance of unit vectors by their cosine, in units of the logit.
double distance_logit(const torch::Tensor& cosine) {
  return unit_distance(cosine).item<double>() / kDistanceUnit;
}

class LfdDetector : public Detector {
 public:
  LfdDetector(WeightsInfo info, const NamedTensors& tensors, const Path& path)
      : Detector(std::move(info)), network_(from_json<LfdOptions>(this->info().network)) {
    load_for_inference(network_, tensors, path);
  }

  Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const override {
    const torch::NoGradGuard no_grad;
    const torch::Tensor views = references_.get(reference, [this](const ReferenceData& some) {
      const ViewTensors seen = view_tensors(some, info().size);
      return network_->describe(seen.position, seen.surface.to(torch::kFloat));  // [N, c]
    });
    const Stopwatch watch;
    const LocationField field = network_->locate(photo_tensor(photo.bgr));
    const torch::Tensor seen = network_->describe(field.position, torch::sigmoid(field.surface_logit));  // [1, c]
    Detection detection;
    detection.logit = distance_logit(nearest_view_similarity(seen, views.unsqueeze(0)));
    detection.network_ms = watch.ms();
    return detection;
  }

 private:
  mutable LfdNet network_;  ///< its forward pass changes nothing
  mutable ReferenceCache<torch::Tensor> references_;
};

class LinDetector : public Detector {
 public:
  LinDetector(WeightsInfo info, const NamedTensors& tensors, const Path& path)
      : Detector(std::move(info)), network_(from_json<LinOptions>(this->info().network)) {
    load_for_inference(network_, tensors, path);
  }

  Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const override {
    const torch::NoGradGuard no_grad;
    const torch::Tensor views = references_.get(
        reference, [this](const ReferenceData& some) { return network_->embed_views(view_tensors(some, info().size).grey); });  // [N, c]
    const Stopwatch watch;
    Detection detection;
    detection.logit = distance_logit(network_->similarity(network_->embed_photos(photo_tensor(photo.bgr)), views.unsqueeze(0)));
    detection.network_ms = watch.ms();
    return detection;
  }

 private:
  mutable LinNet network_;  ///< its forward pass changes nothing
  mutable ReferenceCache<torch::Tensor> references_;
};

}  // namespace

std::unique_ptr<Detector> make_lfd_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path) {
  return std::make_unique<LfdDetector>(std::move(info), tensors, path);
}

std::unique_ptr<Detector> make_lin_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path) {
  return std::make_unique<LinDetector>(std::move(info), tensors, path);
}

}  // namespace looking3d
