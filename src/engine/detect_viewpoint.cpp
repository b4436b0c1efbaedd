// viewpoint: from which reference view a photo was taken, told from the photo alone. It finds no anomalies (paper, section 5.1).
#include "base/stopwatch.h"
#include "engine/detectors.h"
#include "model/viewpoint_net.h"

namespace looking3d {
namespace {

class ViewpointDetector : public Detector {
 public:
  ViewpointDetector(WeightsInfo info, const NamedTensors& tensors, const Path& path)
      : Detector(std::move(info)), network_(from_json<ViewpointOptions>(this->info().network)) {
    load_for_inference(network_, tensors, path);
  }

  bool finds_anomalies() const override { return false; }
  ReferenceNeed needs() const override { return ReferenceNeed::kNothing; }

  Detection detect(const ReferenceData&, const PreparedPhoto& photo) const override {
    const torch::NoGradGuard no_grad;
    const Stopwatch watch;
    Detection detection;
    detection.closest_view = network_->forward(photo_tensor(photo.bgr)).argmax(1).item<int>();
    detection.network_ms = watch.ms();
    return detection;
  }

 private:
  mutable ViewpointNet network_;  ///< its forward pass changes nothing
};

}  // namespace

std::unique_ptr<Detector> make_viewpoint_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path) {
  return std::make_unique<ViewpointDetector>(std::move(info), tensors, path);
}

}  // namespace looking3d
