// Training of the Correspondence Matching Transformer (paper, section 3; SPEC 3 and 5).
#include <map>
#include <optional>

#include "model/autocast.h"
#include "model/cmt.h"
#include "model/take_rows.h"
#include "train/cmt_batches.h"
#include "train/detection_loss.h"
#include "train/match_loss.h"
#include "train/method.h"
#include "train/prefetch.h"

namespace looking3d {
namespace {

constexpr double kMatchDistancePx = 13;  ///< times canonical units: divided by the image side, three quarters of a patch at usual distances

CmtBatchOptions batch_options(const TrainOptions& options) {
  CmtBatchOptions result;
  result.size = options.size;
  result.photos_per_shape = options.photos / options.shapes;
  result.views = options.train_views;
  result.photo_positions = result.photometric = options.preset != "paper";
  result.seed = options.seed;
  return result;
}

/// The preset's network with what the ablations change.
CmtOptions network_options(const TrainOptions& options) {
  CmtOptions network = options.preset == "paper" ? CmtOptions::paper() : CmtOptions::looking3d();
  if (!options.top_k.empty()) network.top_k = options.top_k == "all" ? 0 : std::stoi(options.top_k);
  if (options.leaves_out("cga")) network.top_k = 0;
  if (options.leaves_out("3dpe")) network.position_3d = false;
  return network;
}

class CmtMethod : public Method {
 public:
  CmtMethod(const TrainOptions& options, const DataSet& data, const ProcessGroup& group)
      : options_(options),
        group_(group),
        data_(data),
        network_options_(looking3d::network_options(options)),
        photos_(data, options.size, bytes_of(options.cache_gb / 3)),
        views_(data, options.size, bytes_of(options.cache_gb / 3)),
        scenes_(data, bytes_of(options.cache_gb / 3)),
        batches_(data, data.samples_of("train"), photos_, views_, scenes_, batch_options(options)),
        network_(network_options_) {}

  torch::nn::Module& network() override { return *network_; }
  Json network_options() const override { return to_json(network_options_); }
  int64_t photos_in_pass() const override { return batches_.photos_in_pass(); }

  void start(int64_t step) override {
    step_ = step;
    const auto make = [this](int64_t index) { return batches_.training(index, options_.shapes, options_.augment, group_.share()); };
    prefetcher_.emplace(make, step, options_.workers);
  }

  StepLoss loss() override {
    network_->train();
    const CmtBatch batch = prefetcher_->next().on(group_.device());
    CmtReference reference;
    CmtOutput out;
    {
      const Bf16Autocast bf16(use_bf16(options_.bf16, group_.device()), group_.device());
      reference = network_->encode_keys(batch.views, batch.position, batch.surface);
      out = network_->compare(batch.photos, reference);
    }
    const bool paper = options_.preset == "paper";
    StepLoss loss = detection_loss({out.logit, out.patch_logits, out.kind_logits, out.box}, batch.targets, group_, paper ? 1 : 0.1);
    if (step_++ < options_.match_first) loss.total = 0 * loss.total;  // detection is only looked at
    add_match_loss(batch, reference, out, loss);
    return loss;
  }

  std::vector<LabelledScore> scores(const std::vector<size_t>& samples) override {
    const torch::NoGradGuard no_grad;
    network_->eval();
    std::map<std::string, std::vector<size_t>> by_shape;
    for (const size_t sample : samples) by_shape[data_.samples()[sample].shape_id].push_back(sample);
    std::vector<LabelledScore> scores;
    for (const auto& [shape, some] : by_shape) {
      const std::vector<LabelledScore> more = scores_in_batches(some, [&](const std::vector<size_t>& few) {
        const CmtBatch batch = batches_.plain(few).on(group_.device());
        const CmtReference reference = network_->encode_keys(batch.views, batch.position, batch.surface);
        return std::pair(network_->compare(batch.photos, reference).logit, batch.targets.anomalous);
      });
      scores.insert(scores.end(), more.begin(), more.end());
    }
    return scores;
  }

 private:
  /// What is known of all patches of the views, [G * nv, c], for those of the reference: [G, m, c].
  static torch::Tensor in_order_of(const CmtReference& reference, const torch::Tensor& all) {
    const torch::Tensor some = reference.patch.defined() ? take_rows(all.to(reference.patch.device()), reference.patch) : all;
    return some.view({reference.is_key.size(0), -1, all.size(1)});
  }

  /// L_va of query-view and of view-view pairs (paper, eq. 15 with a = 0.5); an ablation drops its term and keeps the other's weight.
  void add_match_loss(const CmtBatch& batch, const CmtReference& reference, const CmtOutput& out, StepLoss& loss) {
    const int64_t groups = batch.views.size(0), views = batch.views.size(1);
    MatchLossOptions match_options;
    match_options.max_distance = kMatchDistancePx / options_.size;
    if (options_.preset == "paper") match_options.points = 32;
    const bool drawn_alone = !out.matching.requires_grad();  // then beta has not seen the photos' patches with a graph
    MatchPatches query{drawn_alone ? out.features : out.matching, {}, {}};
    if (drawn_alone)
      query.project = [this](const torch::Tensor& some) {
        const Bf16Autocast bf16(use_bf16(options_.bf16, group_.device()), group_.device());
        return network_->matched(some);
      };
    if (batch.photo_position.defined()) {
      query.position = batch.photo_position.reshape({groups, -1, 3});
      query.surface = batch.photo_surface.reshape({groups, -1});
    }
    query.lot = draw_lots(groups, out.features.size(1), group_);
    MatchPatches seen{reference.matching, in_order_of(reference, batch.position.reshape({-1, 3})), reference.is_key};
    seen.lot = in_order_of(reference, draw_lots(groups, batch.surface[0].numel(), group_).reshape({-1, 1})).squeeze(2);
    const auto add = [&](const char* pairs, const char* name, const MatchPatches& from) {
      if (options_.leaves_out("vlfa") || (options_.vlfa != "both" && options_.vlfa != pairs)) return;
      const torch::Tensor part = match_loss(from, seen, views, match_options, group_);
      loss.total = loss.total + 0.5 * part;
      loss.parts.emplace_back(name, part.detach());
    };
    add("query-view", "match_query", query);
    add("view-view", "match_views", seen);
  }

  const TrainOptions options_;
  const ProcessGroup& group_;
  const DataSet& data_;
  const CmtOptions network_options_;
  PhotoStore photos_;
  ViewStore views_;
  SceneStore scenes_;
  const CmtBatches batches_;
  Cmt network_;
  int64_t step_ = 0;                                ///< of the next loss
  std::optional<Prefetcher<CmtBatch>> prefetcher_;  // last: its threads use the others
};

}  // namespace

std::unique_ptr<Method> make_cmt(const TrainOptions& options, const DataSet& data, const ProcessGroup& group) {
  return std::make_unique<CmtMethod>(options, data, group);
}

}  // namespace looking3d
