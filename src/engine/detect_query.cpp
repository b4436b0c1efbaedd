// query-only: the baseline that sees the photo alone (paper, table 2).
#include "engine/detectors.h"
#include "model/query_net.h"

namespace looking3d {
namespace {

class QueryDetector : public Detector {
 public:
  QueryDetector(WeightsInfo info, const NamedTensors& tensors, const Path& path)
      : Detector(std::move(info)), network_(from_json<QueryOptions>(this->info().network)) {
    load_for_inference(network_, tensors, path);
  }

  ReferenceNeed needs() const override { return ReferenceNeed::kNothing; }

  Detection detect(const ReferenceData&, const PreparedPhoto& photo) const override {
    const torch::NoGradGuard no_grad;
    Detection detection;
    const QueryOutput out = network_->forward(photo_tensor(photo.bgr));
    detection.logit = out.logit[0].item<double>();
    detection.box = box_of(out.box[0]);
    return detection;
  }

 private:
  mutable QueryNet network_;  ///< its forward pass changes nothing
};

}  // namespace

std::unique_ptr<Detector> make_query_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path) {
  return std::make_unique<QueryDetector>(std::move(info), tensors, path);
}

}  // namespace looking3d
