// Training of the baselines that retrieve shapes by photos, and tell an anomaly by the photo's distance from its reference (paper, table
// 2): location field descriptors, and cross-modal contrastive learning after Lin et al.
#include <algorithm>
#include <map>
#include <optional>

#include "model/autocast.h"
#include "model/lfd_net.h"
#include "model/lin_net.h"
#include "train/cmt_batches.h"
#include "train/method.h"
#include "train/prefetch.h"
#include "train/retrieval_loss.h"

namespace looking3d {
namespace {

constexpr double kMargin = 0.3;          ///< of lfd, between distances of unit vectors
constexpr double kMetricWeight = 1;      ///< of lfd's triplets beside its location fields
constexpr double kLinTemperature = 0.1;  ///< of lin
constexpr double kCategoryWeight = 0.5;  ///< of lin's categories beside its instances

CmtBatchOptions batch_options(const TrainOptions& options, bool photo_positions) {
  CmtBatchOptions result;
  result.size = options.size;
  result.photos_per_shape = options.photos / options.shapes;
  result.views = options.train_views;
  result.photo_positions = photo_positions;
  result.photometric = options.preset != "paper";
  result.seed = options.seed;
  return result;
}

bool all_have_meshes(const DataSet& data, const std::vector<size_t>& samples) {
  return std::all_of(samples.begin(), samples.end(), [&](size_t sample) { return data.has_mesh(data.samples()[sample].shape_id); });
}

/// What both have in common: batches of photos with the stored views of their shapes, and a cosine of photo and shape.
class RetrievalMethod : public Method {
 public:
  RetrievalMethod(const TrainOptions& options, const DataSet& data, const ProcessGroup& group, bool photo_positions)
      : options_(options),
        device_(group.device()),
        data_(data),
        photos_(data, options.size, bytes_of(options.cache_gb / 3)),
        views_(data, options.size, bytes_of(options.cache_gb / 3)),
        scenes_(data, bytes_of(options.cache_gb / 3)),
        batches_(data, data.samples_of("train"), photos_, views_, scenes_, batch_options(options, photo_positions)) {}

  int64_t photos_in_pass() const override { return batches_.photos_in_pass(); }

  void start(int64_t step) override {
    const auto make = [this](int64_t index) { return batches_.training(index, options_.shapes, options_.augment); };
    prefetcher_.emplace(make, step, options_.workers);
  }

  StepLoss loss() override {
    network().train();
    const CmtBatch batch = prefetcher_->next().on(device_);
    StepLoss loss = loss_of(batch);
    loss.photos = batch.photos.size(0);
    return loss;
  }

  std::vector<LabelledScore> scores(const std::vector<size_t>& samples) override {
    const torch::NoGradGuard no_grad;
    network().eval();
    std::map<std::string, std::vector<size_t>> by_shape;
    for (const size_t sample : samples) by_shape[data_.samples()[sample].shape_id].push_back(sample);
    std::vector<LabelledScore> scores;
    for (const auto& [shape, some] : by_shape) {
      const std::vector<LabelledScore> more = scores_in_batches(some, [&](const std::vector<size_t>& few) {
        const CmtBatch batch = batches_.plain(few).on(device_);
        return std::pair(-similarity(batch).squeeze(1), batch.targets.anomalous);
      });
      scores.insert(scores.end(), more.begin(), more.end());
    }
    return scores;
  }

  /// A distance is no probability before it is calibrated, so accuracy says nothing yet.
  std::vector<Measure> measures(const std::vector<LabelledScore>& scores) const override { return {{"val_auc", auc(scores)}}; }

 protected:
  virtual StepLoss loss_of(const CmtBatch& batch) = 0;
  virtual torch::Tensor similarity(const CmtBatch& batch) = 0;  ///< [B, G]

  const TrainOptions options_;
  const torch::Device device_;

 private:
  const DataSet& data_;
  PhotoStore photos_;
  ViewStore views_;
  SceneStore scenes_;
  const CmtBatches batches_;
  std::optional<Prefetcher<CmtBatch>> prefetcher_;  // last: its threads use the others
};

void add_part(StepLoss& loss, const char* name, const torch::Tensor& part, double weight) {
  loss.total = loss.total.defined() ? loss.total + weight * part : weight * part;
  loss.parts.emplace_back(name, part.detach());
}

/// Places are learnt on one grey view of each shape, where they are stored, and on the photos where meshes give them; patches that show
/// the damage are left out, since the damaged mesh is not stored.
class LfdMethod : public RetrievalMethod {
 public:
  LfdMethod(const TrainOptions& options, const DataSet& data, const ProcessGroup& group)
      : RetrievalMethod(options, data, group, all_have_meshes(data, data.samples_of("train"))), network_(network_options_) {}

  torch::nn::Module& network() override { return *network_; }
  Json network_options() const override { return to_json(network_options_); }

 private:
  StepLoss loss_of(const CmtBatch& batch) override {
    const int64_t groups = batch.views.size(0), photos = batch.photos.size(0);
    LocationField field;
    torch::Tensor described;
    {
      const Bf16Autocast bf16(use_bf16(options_.bf16, device_), device_);
      field = network_->locate(torch::cat({batch.photos, batch.views.select(1, 0)}));
      described = descriptors({field.position.slice(0, 0, photos), field.surface_logit.slice(0, 0, photos)}, batch);
    }
    const torch::Tensor cosine = compared(described, batch);
    StepLoss loss;
    add_part(loss, "location", location_loss(field, true_field(batch)), 1);
    add_part(loss, "triplet", triplet_loss(unit_distance(cosine), batch_pairs(batch.targets, groups), kMargin), kMetricWeight);
    return loss;
  }

  torch::Tensor similarity(const CmtBatch& batch) override { return compared(descriptors(network_->locate(batch.photos), batch), batch); }

  /// Of the photos' fields and the views' fields, [B + G * N, c]; in one pass, so that batch norm sees one batch.
  torch::Tensor descriptors(const LocationField& seen, const CmtBatch& batch) {
    return network_->describe(torch::cat({seen.position, batch.position.flatten(0, 1)}),
                              torch::cat({torch::sigmoid(seen.surface_logit), batch.surface.flatten(0, 1).to(torch::kFloat)}));
  }

  /// Descriptors as above -> cosines [B, G].
  static torch::Tensor compared(const torch::Tensor& descriptors, const CmtBatch& batch) {
    const int64_t photos = batch.photos.size(0);
    const torch::Tensor views = descriptors.slice(0, photos).view({batch.views.size(0), batch.views.size(1), -1});
    return nearest_view_similarity(descriptors.slice(0, 0, photos), views);
  }

  static TrueField true_field(const CmtBatch& batch) {
    const torch::Tensor view_position = batch.position.select(1, 0), view_surface = batch.surface.select(1, 0);
    torch::Tensor position = torch::zeros_like(view_position).repeat_interleave(batch.photos.size(0) / batch.views.size(0), 0);
    torch::Tensor surface = torch::zeros_like(position.select(3, 0), torch::kBool), known = surface;
    if (batch.photo_position.defined()) {
      position = batch.photo_position, surface = batch.photo_surface;
      known = (batch.targets.change < 0.5) & batch.targets.has_change.view({-1, 1, 1});
    }
    return {torch::cat({position, view_position}), torch::cat({surface, view_surface}),
            torch::cat({known, torch::ones_like(view_surface)})};
  }

  const LfdOptions network_options_;
  LfdNet network_;
};

class LinMethod : public RetrievalMethod {
 public:
  LinMethod(const TrainOptions& options, const DataSet& data, const ProcessGroup& group)
      : RetrievalMethod(options, data, group, false), network_(network_options_) {}

  torch::nn::Module& network() override { return *network_; }
  Json network_options() const override { return to_json(network_options_); }

 private:
  StepLoss loss_of(const CmtBatch& batch) override {
    const torch::Tensor cosine = similarity(batch);
    const BatchPairs pairs = batch_pairs(batch.targets, batch.views.size(0));
    StepLoss loss;
    add_part(loss, "instance", instance_loss(cosine, pairs, kLinTemperature), 1);
    add_part(loss, "category", category_loss(cosine, pairs, kLinTemperature), kCategoryWeight);
    return loss;
  }

  torch::Tensor similarity(const CmtBatch& batch) override {
    torch::Tensor photos, views;
    {
      const Bf16Autocast bf16(network_->is_training() && use_bf16(options_.bf16, device_), device_);
      photos = network_->embed_photos(batch.photos);
      views = network_->embed_views(batch.views.flatten(0, 1)).view({batch.views.size(0), batch.views.size(1), -1});
    }
    return network_->similarity(photos, views);
  }

  const LinOptions network_options_;
  LinNet network_;
};

}  // namespace

std::unique_ptr<Method> make_lfd(const TrainOptions& options, const DataSet& data, const ProcessGroup& group) {
  return std::make_unique<LfdMethod>(options, data, group);
}

std::unique_ptr<Method> make_lin(const TrainOptions& options, const DataSet& data, const ProcessGroup& group) {
  return std::make_unique<LinMethod>(options, data, group);
}

}  // namespace looking3d
