#include "train/cmt_batches.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "base/random.h"
#include "model/preprocess.h"
#include "render/reference_views.h"
#include "train/photo_augment.h"
#include "train/photo_batches.h"

namespace looking3d {
namespace {

constexpr double kCropShare = 224.0 / 256.0;  // paper, section 4

CmtBatch empty_batch(int64_t groups, int64_t photos, int64_t views, int size, bool photo_positions) {
  const int64_t patches = size / kPatchSize;
  CmtBatch batch;
  batch.views = torch::empty({groups, views, 3, size, size});
  batch.position = torch::zeros({groups, views, patches, patches, 3});
  batch.surface = torch::zeros({groups, views, patches, patches}, torch::kBool);
  batch.photos = torch::empty({photos, 3, size, size});
  batch.targets = empty_targets(photos, size);
  if (photo_positions) {
    batch.photo_position = torch::zeros({photos, patches, patches, 3});
    batch.photo_surface = torch::zeros({photos, patches, patches}, torch::kBool);
  }
  return batch;
}

/// Positions on a grid [..., w, 3] as the mirrored object's: columns reversed, x negated.
torch::Tensor mirrored_positions(const torch::Tensor& position) {
  return position.flip({-2}) * torch::tensor({-1.0f, 1.0f, 1.0f});
}

}  // namespace

CmtBatch CmtBatch::on(const torch::Device& device) && {
  move_to(device, {&views, &position, &surface, &photos, &photo_position, &photo_surface});
  targets.move_to(device);
  return std::move(*this);
}

CmtBatches::CmtBatches(const DataSet& data, std::vector<size_t> samples, PhotoStore& photos, ViewStore& views, SceneStore& scenes,
                       const CmtBatchOptions& options)
    : data_(data),
      samples_(std::move(samples)),
      photos_(photos),
      views_(views),
      scenes_(scenes),
      options_(options),
      order_(shapes_of(data, samples_), identity(options.seed, "cmt order"), options.photos_per_shape) {}

CmtBatch CmtBatches::training(int64_t step, int shapes, bool augment, const Share& share) const {
  const int per_shape = options_.photos_per_shape;
  const int64_t groups = share.of(shapes), first = step * shapes + share.begin(shapes);
  CmtBatch batch = empty_batch(groups, groups * per_shape, options_.views, options_.size, options_.photo_positions);
  for (int64_t group = 0; group < groups; ++group) {
    const int64_t position = first + group;
    const std::vector<size_t> photos = order_.at(position);
    const uint64_t key = identity(options_.seed, "cmt group", position);
    // A mirrored photo needs the mirrored reference, else a left arm turns into a right one.
    const bool mirrored = augment && Rng(key).fork("mirror").bernoulli(0.5);
    const auto views = views_.get(data_.samples()[samples_[photos.front()]].shape_id);
    std::vector<size_t> chosen(static_cast<size_t>(views->grey.size(0)));
    for (size_t i = 0; i < chosen.size(); ++i) chosen[i] = i;
    Rng(key).fork("views").shuffle(chosen);
    for (size_t i = 0; chosen.size() < static_cast<size_t>(options_.views); ++i) chosen.push_back(chosen[i]);
    chosen.resize(static_cast<size_t>(options_.views));
    write_views(*views, chosen, mirrored, group, batch);
    for (size_t i = 0; i < photos.size(); ++i) {
      write_photo(samples_[photos[i]], identity(key, i), augment, mirrored, group * per_shape + static_cast<int64_t>(i), batch);
    }
  }
  return batch;
}

CmtBatch CmtBatches::plain(const std::vector<size_t>& samples) const {
  const auto views = views_.get(data_.samples()[samples.front()].shape_id);
  std::vector<size_t> all(static_cast<size_t>(views->grey.size(0)));
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  CmtBatch batch = empty_batch(1, static_cast<int64_t>(samples.size()), static_cast<int64_t>(all.size()), options_.size, false);
  write_views(*views, all, false, 0, batch);
  for (size_t i = 0; i < samples.size(); ++i) write_photo(samples[i], 0, false, false, static_cast<int64_t>(i), batch);
  return batch;
}

void CmtBatches::write_views(const ShapeViews& views, const std::vector<size_t>& chosen, bool mirrored, int64_t group,
                             CmtBatch& batch) const {
  for (size_t i = 0; i < chosen.size(); ++i) {
    const auto from = static_cast<int64_t>(chosen[i]), to = static_cast<int64_t>(i);
    torch::Tensor grey = views.grey[from].to(torch::kFloat) / 127.5 - 1;  // [H, W]
    torch::Tensor position = views.position[from], surface = views.surface[from];
    if (mirrored) {
      grey = grey.flip({1});
      position = mirrored_positions(position);
      surface = surface.flip({1});
    }
    batch.views[group][to].copy_(grey.unsqueeze(0));
    batch.position[group][to].copy_(position);
    batch.surface[group][to].copy_(surface);
  }
}

void CmtBatches::write_photo(size_t sample, uint64_t key, bool augment, bool mirrored, int64_t row, CmtBatch& batch) const {
  const auto stored = photos_.get(sample);
  const Rng rng(key);
  TrainingPhoto photo = *stored;
  if (augment) {
    photo = random_crop(photo, kCropShare, rng.fork("crop"));
    if (options_.photometric) photo.photo = augment_photo(photo.photo, rng.fork("photo"));
  }
  write_photo_planes(photo.photo, mirrored, batch.photos[row].data_ptr<float>());
  write_targets(photo, mirrored, row, batch.targets);
  if (!batch.photo_position.defined()) return;
  if (!photo.view) throw InputError(data_.samples()[sample].image, "has no camera in its annotation", "train with --preset paper");

  const Camera camera = orbit_camera(*photo.view, options_.size);
  torch::Tensor position = batch.photo_position[row], surface = batch.photo_surface[row];
  const Layers layers = render_layers(*scenes_.get(data_.samples()[sample].shape_id), camera);
  write_positions(patch_positions(layers.depth, camera, kPatchSize), position, surface);
  if (!mirrored) return;
  position.copy_(mirrored_positions(position));
  surface.copy_(surface.flip({1}));
}

}  // namespace looking3d
