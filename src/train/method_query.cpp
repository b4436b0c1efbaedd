// Training of the query-only baselines (paper, table 2).
#include <optional>

#include "model/autocast.h"
#include "model/query_net.h"
#include "train/detection_loss.h"
#include "train/method.h"
#include "train/photo_batches.h"
#include "train/prefetch.h"

namespace looking3d {
namespace {

class QueryMethod : public Method {
 public:
  QueryMethod(const TrainOptions& options, const DataSet& data, const ProcessGroup& group)
      : options_(options),
        group_(group),
        network_options_{.network = options.network},
        photos_(data, options.size, bytes_of(options.cache_gb)),
        batches_(data, data.samples_of("train"), photos_, options.size, options.seed),
        network_(network_options_) {}

  torch::nn::Module& network() override { return *network_; }
  Json network_options() const override { return to_json(network_options_); }
  int64_t photos_in_pass() const override { return batches_.photos_in_pass(); }

  void start(int64_t step) override {
    const auto make = [this](int64_t index) { return batches_.training(index, options_.photos, options_.augment, group_.share()); };
    prefetcher_.emplace(make, step, options_.workers);
  }

  StepLoss loss() override {
    network_->train();
    const PhotoBatch batch = prefetcher_->next().on(group_.device());
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
      const PhotoBatch batch = batches_.plain(some).on(group_.device());
      return std::pair(network_->forward(batch.photos).logit, batch.targets.anomalous);
    });
  }

 private:
  const TrainOptions options_;
  const ProcessGroup& group_;
  const QueryOptions network_options_;
  PhotoStore photos_;
  const PhotoBatches batches_;
  QueryNet network_;
  std::optional<Prefetcher<PhotoBatch>> prefetcher_;  // last: its threads use the others
};

}  // namespace

std::unique_ptr<Method> make_query_only(const TrainOptions& options, const DataSet& data, const ProcessGroup& group) {
  return std::make_unique<QueryMethod>(options, data, group);
}

}  // namespace looking3d
