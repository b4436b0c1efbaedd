// Training of the viewpoint network (paper, section 5.1, "Viewpoint prediction"): on normal photos, which reference view is nearest.
#include "base/error.h"
#include "model/autocast.h"
#include "model/viewpoint_net.h"
#include "train/photo_method.h"

namespace looking3d {
namespace {

std::vector<size_t> normal_ones(const DataSet& data, std::vector<size_t> samples) {
  std::erase_if(samples, [&](size_t sample) { return data.samples()[sample].anomalous; });
  return samples;
}

std::vector<size_t> train_samples(const DataSet& data) {
  std::vector<size_t> samples = normal_ones(data, data.samples_of("train"));
  if (samples.empty()) throw InputError(data.root(), "has no normal photo in its train split", "viewpoints are learnt on normal photos");
  return samples;
}

class ViewpointMethod : public PhotoMethod {
 public:
  ViewpointMethod(const TrainOptions& options, const DataSet& data, const ProcessGroup& group)
      : PhotoMethod(options, data, train_samples(data), group), data_(data), network_(network_options_) {}

  torch::nn::Module& network() override { return *network_; }
  Json network_options() const override { return to_json(network_options_); }

  StepLoss loss() override {
    network_->train();
    const PhotoBatch batch = next_batch();
    torch::Tensor logits;
    {
      const Bf16Autocast bf16(use_bf16(options_.bf16, group_.device()), group_.device());
      logits = network_->forward(batch.photos);
    }
    return {torch::cross_entropy_loss(logits.to(torch::kFloat), known_views(batch)) / group_.size(), {}, batch.photos.size(0)};
  }

  /// For each normal photo, above 0.5 where its view is told right.
  std::vector<LabelledScore> scores(const std::vector<size_t>& samples) override {
    const torch::NoGradGuard no_grad;
    network_->eval();
    return scores_in_batches(normal_ones(data_, samples), [&](const std::vector<size_t>& some) {
      const PhotoBatch batch = plain_batch(some);
      const torch::Tensor right = network_->forward(batch.photos).argmax(1) == known_views(batch);
      return std::pair(right.to(torch::kFloat) - 0.5, torch::ones({batch.photos.size(0)}));
    });
  }

  std::vector<Measure> measures(const std::vector<LabelledScore>& scores) const override {
    return {{"val_view_accuracy", accuracy(scores)}};
  }

 private:
  torch::Tensor known_views(const PhotoBatch& batch) const {
    if ((batch.targets.view < 0).any().item<bool>()) throw InputError(data_.root(), "has normal photos without a camera");
    return batch.targets.view;
  }

  const DataSet& data_;
  const ViewpointOptions network_options_;
  ViewpointNet network_;
};

}  // namespace

std::unique_ptr<Method> make_viewpoint(const TrainOptions& options, const DataSet& data, const ProcessGroup& group) {
  return std::make_unique<ViewpointMethod>(options, data, group);
}

}  // namespace looking3d
