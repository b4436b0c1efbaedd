// Training of the query-only baselines (paper, table 2).
#include "model/autocast.h"
#include "model/query_net.h"
#include "train/detection_loss.h"
#include "train/photo_method.h"

namespace looking3d {
namespace {

class QueryMethod : public PhotoMethod {
 public:
  QueryMethod(const TrainOptions& options, const DataSet& data, const ProcessGroup& group)
      : PhotoMethod(options, data, data.samples_of("train"), group),
        network_options_{.network = options.network},
        network_(network_options_) {}

  torch::nn::Module& network() override { return *network_; }
  Json network_options() const override { return to_json(network_options_); }

  StepLoss loss() override {
    network_->train();
    const PhotoBatch batch = next_batch();
    QueryOutput out;
    {
      const Bf16Autocast bf16(use_bf16(options_.bf16, group_.device()), group_.device());
      out = network_->forward(batch.photos);
    }
    return detection_loss({out.logit, {}, {}, out.box}, batch.targets, group_);
  }

  std::vector<LabelledScore> scores(const std::vector<size_t>& samples) override {
    const torch::NoGradGuard no_grad;
    network_->eval();
    return scores_in_batches(samples, [&](const std::vector<size_t>& some) {
      const PhotoBatch batch = plain_batch(some);
      return std::pair(network_->forward(batch.photos).logit, batch.targets.anomalous);
    });
  }

 private:
  const QueryOptions network_options_;
  QueryNet network_;
};

}  // namespace

std::unique_ptr<Method> make_query_only(const TrainOptions& options, const DataSet& data, const ProcessGroup& group) {
  return std::make_unique<QueryMethod>(options, data, group);
}

}  // namespace looking3d
