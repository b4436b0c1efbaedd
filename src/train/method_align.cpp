// Training of the compare network (SPEC 6.3).
#include <optional>

#include "base/error.h"
#include "model/align_net.h"
#include "model/autocast.h"
#include "train/align_batches.h"
#include "train/detection_loss.h"
#include "train/method.h"
#include "train/prefetch.h"

namespace looking3d {
namespace {

constexpr double kPhotosShare = 0.5, kScenesShare = 0.15, kCamerasShare = 0.08;  ///< of the cache; the others are damaged meshes

/// Photos of the train split; all their shapes must have a mesh.
std::vector<size_t> train_samples(const DataSet& data) {
  const std::vector<size_t> samples = data.samples_of("train");
  for (const size_t sample : samples) {
    const std::string& shape = data.samples()[sample].shape_id;
    if (!data.has_mesh(shape)) {
      throw InputError(data.root(), "has no mesh of shape " + shape, "align needs meshes; --method cmt trains on stored views");
    }
  }
  return samples;
}

AlignNetOptions network_options(const TrainOptions& options) {
  AlignNetOptions network;
  network.compare = CompareOptions::current();
  network.compare.fusion = options.fusion;
  network.compare.inputs = options.inputs;
  network.compare.detail = options.detail;
  network.compare.pixel_head = options.change_map == "pixel";
  network.compare.part_map = network.compare.pixel_head;
  network.compare.cover_map = options.covers && options.augment;
  network.compare.camera_head = options.wrong_cameras && options.augment;
  network.in_place = options.augment;  // which lays other things behind the pieces
  return network;
}

class AlignMethod : public Method {
 public:
  AlignMethod(const TrainOptions& options, const DataSet& data, const ProcessGroup& group)
      : options_(options),
        group_(group),
        network_options_(looking3d::network_options(options)),
        photos_(data, options.size, bytes_of(options.cache_gb * kPhotosShare), options.detail),
        scenes_(data, bytes_of(options.cache_gb * kScenesShare)),
        damages_(data, bytes_of(options.cache_gb * (1 - kPhotosShare - kScenesShare - kCamerasShare)), options.seed),
        wrong_cameras_(data, scenes_, bytes_of(options.cache_gb * kCamerasShare)),
        batches_(data, train_samples(data), photos_, scenes_,
                 {.size = options.size,
                  .seed = options.seed,
                  .detail = options.detail,
                  .damages = options.damage_references ? &damages_ : nullptr,
                  .covers = options.covers,
                  .wrong_cameras = options.wrong_cameras ? &wrong_cameras_ : nullptr}),
        network_(network_options_) {
    if (AlignBatches::mask_photos(options.photos) < group.size())
      throw InputError("--photos", "must be at least three for each process", "one photo of three teaches the mask");
  }

  torch::nn::Module& network() override { return *network_; }
  Json network_options() const override { return to_json(network_options_); }
  NamedTensors first_weights(NamedTensors given) const override {
    given = with_detail(std::move(given), "compare.", options_.detail);
    return with_new_heads(std::move(given), state_of(*network_), "compare.");
  }
  int64_t photos_in_pass() const override { return batches_.photos_in_pass(); }

  void start(int64_t step) override {
    const auto make = [this](int64_t index) { return batches_.training(index, options_.photos, options_.augment, group_.share()); };
    prefetcher_.emplace(make, step, options_.workers);
  }

  StepLoss loss() override {
    network_->train();
    const AlignBatch batch = prefetcher_->next().on(group_.device());
    CompareOutput out;
    torch::Tensor mask_logits;
    {
      const Bf16Autocast bf16(use_bf16(options_.bf16, group_.device()), group_.device());
      out = network_->compare->forward(batch.photos, batch.rendered);
      mask_logits = network_->mask->forward(batch.mask_photos);
    }
    StepLoss loss = detection_loss({out.logit, out.patch_logits, out.kind_logits, out.box, out.pixel_logits, out.box_votes,
                                    out.cover_logits, out.part_logits, out.camera_logit},
                                   batch.targets, group_);
    const auto all_masks = static_cast<double>(AlignBatches::mask_photos(options_.photos));
    const torch::Tensor mask = torch::binary_cross_entropy_with_logits(mask_logits.to(torch::kFloat), batch.objects) *
                               (static_cast<double>(batch.objects.size(0)) / all_masks);
    loss.total = loss.total + mask;
    loss.parts.emplace_back("mask", mask.detach());
    return loss;
  }

  std::vector<LabelledScore> scores(const std::vector<size_t>& samples) override {
    const torch::NoGradGuard no_grad;
    network_->eval();
    return scores_in_batches(samples, [&](const std::vector<size_t>& some) {
      const AlignBatch batch = batches_.validation(some).on(group_.device());
      return std::pair(network_->compare->forward(batch.photos, batch.rendered).logit, batch.targets.anomalous);
    });
  }

 private:
  const TrainOptions options_;
  const ProcessGroup& group_;
  const AlignNetOptions network_options_;
  PhotoStore photos_;
  SceneStore scenes_;
  DamageStore damages_;
  WrongCameras wrong_cameras_;
  const AlignBatches batches_;
  AlignNet network_;
  std::optional<Prefetcher<AlignBatch>> prefetcher_;  // last: its threads use the others
};

}  // namespace

std::unique_ptr<Method> make_align(const TrainOptions& options, const DataSet& data, const ProcessGroup& group) {
  return std::make_unique<AlignMethod>(options, data, group);
}

}  // namespace looking3d
