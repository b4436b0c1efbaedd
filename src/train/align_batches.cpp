#include "train/align_batches.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "photo/photo.h"
#include "pose/rendered_channels.h"
#include "train/photo_augment.h"
#include "train/photo_batches.h"

namespace looking3d {
namespace {

constexpr int64_t kPhotosPerMask = 3;     ///< one photo of three also teaches the mask
constexpr double kOtherBackground = 0.4;  ///< share of those that are laid on another background
constexpr double kCluttered = 0.25;       ///< share of the photos with another piece behind theirs
constexpr double kCovered = 0.125;        ///< share of the photos with something on or before their piece
constexpr double kInSpace = 0.5;          ///< share of those where the thing lies on the piece in space; the others are drawn on the photo
constexpr double kBesideDamaged = 0.3;    ///< share of the photos beside a damaged reference, where there are any
constexpr double kWrongCamera = 0.125;    ///< share of the photos beside the reference seen from elsewhere
constexpr double kLeastVisible = 0.004;   ///< of the object: a smaller change is left out, as in the data set
constexpr double kMostShared = 0.1;       ///< of the reference's change: where the piece changed there too, who can tell what is left

}  // namespace

void mirror(Layers& layers, Camera& camera) {
  for (cv::Mat* layer : {&layers.depth, &layers.part_id, &layers.normal}) {
    cv::Mat flipped;
    cv::flip(*layer, flipped, 1);
    *layer = flipped;
  }
  for (cv::Vec3f& normal : cv::Mat_<cv::Vec3f>(layers.normal)) normal[0] = -normal[0];
  camera.centre_px.x() = camera.width - camera.centre_px.x();
}

struct AlignBatches::Draw {
  size_t sample;
  uint64_t key;
  bool augment;
  CameraNoise noise;
};

struct AlignBatches::Damage {
  std::shared_ptr<const DamagedReference> reference;
  TrainingPhoto truth;
};

OrbitView CameraNoise::draw(const OrbitView& truth, Rng rng) const {
  const double scale = rng.bernoulli(wide_share) ? 4 : 1;
  OrbitView view = truth;
  view.azimuth_rad += radians(scale * angle_deg * rng.normal());
  view.elevation_rad += radians(scale * angle_deg * rng.normal());
  view.roll_rad += radians(scale * roll_deg * rng.normal());
  const double lens = 1 + scale * focal * rng.normal();
  view.focal_per_width *= lens;
  view.distance *= lens * (1 + scale * distance * rng.normal());
  view.shift_x += scale * shift * rng.normal();
  view.shift_y += scale * shift * rng.normal();
  return view;
}

AlignBatch AlignBatch::on(const torch::Device& device) && {
  move_to(device, {&photos, &rendered, &mask_photos, &objects});
  targets.move_to(device);
  return std::move(*this);
}

AlignBatches::AlignBatches(const DataSet& data, std::vector<size_t> samples, PhotoStore& photos, SceneStore& scenes,
                           const AlignBatchOptions& options)
    : data_(data),
      samples_(std::move(samples)),
      photos_(photos),
      scenes_(scenes),
      options_(options),
      order_(shapes_of(data, samples_), identity(options.seed, "align order")) {}

int64_t AlignBatches::mask_photos(int64_t count) {
  return (count + kPhotosPerMask - 1) / kPhotosPerMask;
}

AlignBatches::Draw AlignBatches::draw(int64_t position, bool augment) const {
  return {samples_[order_.at(position).front()], identity(options_.seed, "align photo", position), augment, CameraNoise{}};
}

AlignBatch AlignBatches::training(int64_t step, int count, bool augment, const Share& share) const {
  const auto draws_of = [&](int64_t photos) {
    std::vector<Draw> draws;
    for (int64_t i = share.begin(photos); i < share.end(photos); ++i) draws.push_back(draw(step * count + i, augment));
    return draws;
  };
  return make(draws_of(count), draws_of(mask_photos(count)));
}

AlignBatch AlignBatches::validation(const std::vector<size_t>& samples) const {
  constexpr CameraNoise kSmallNoise{0.25, 0.1, 0.002, 0.002, 0, 0};  // what a good pose search leaves
  std::vector<Draw> draws;
  for (const size_t sample : samples) draws.push_back({sample, identity(1, "align validation", sample), false, kSmallNoise});
  return make(draws, {});
}

AlignBatch AlignBatches::make(const std::vector<Draw>& draws, const std::vector<Draw>& mask_draws) const {
  const auto count = static_cast<int64_t>(draws.size());
  AlignBatch batch;
  const int64_t fine = options_.size * options_.detail;
  batch.photos = torch::empty({count, 3, fine, fine});
  batch.rendered = torch::empty({count, kRenderedChannels, fine, fine});
  batch.targets = empty_targets(count, options_.size);
  for (int64_t row = 0; row < count; ++row) fill(draws[static_cast<size_t>(row)], row, batch);
  const auto masks = static_cast<int64_t>(mask_draws.size());
  batch.mask_photos = torch::empty({masks, 3, options_.size, options_.size});
  batch.objects = torch::zeros({masks, options_.size, options_.size});
  for (int64_t row = 0; row < masks; ++row) fill_mask(mask_draws[static_cast<size_t>(row)], row, batch);
  return batch;
}

void AlignBatches::fill(const Draw& draw, int64_t row, AlignBatch& batch) const {
  const Sample& sample = data_.samples()[draw.sample];
  const auto photo = photos_.get(draw.sample);
  if (!photo->view) throw InputError(sample.image, "has no camera in its annotation", "align is trained on photos whose camera is known");
  const Rng rng(draw.key);
  const bool mirrored = draw.augment && rng.fork("mirror").bernoulli(0.5);

  CoveredPhoto seen{photo->photo, {}};
  if (draw.augment) {
    seen = covered(draw, *photo, cluttered(draw, *photo, photo->photo));
    seen.photo = augment_photo(seen.photo, rng.fork("photo"));
  }
  write_photo_planes(seen.photo, mirrored, batch.photos[row].data_ptr<float>());
  const std::optional<OrbitView> elsewhere = wrong_camera(draw, *photo);
  const std::optional<Damage> damage = elsewhere ? std::nullopt : draw_damage(draw, *photo);
  const TrainingPhoto& truth = damage ? damage->truth : *photo;
  write_targets(seen.cover.empty() ? truth : truth_of_covered(truth, seen.cover), mirrored, row, batch.targets);

  if (elsewhere) write_wrong_camera(row, batch.targets);

  Camera camera = orbit_camera(draw.noise.draw(elsewhere.value_or(*photo->view), rng.fork("camera")), options_.size * options_.detail);
  Layers layers = render_layers(damage ? damage->reference->scene : *scenes_.get(sample.shape_id), camera);
  if (mirrored) mirror(layers, camera);
  const std::vector<float> planes = rendered_channels(layers, camera);
  std::copy(planes.begin(), planes.end(), batch.rendered[row].data_ptr<float>());
}

cv::Mat AlignBatches::cluttered(const Draw& draw, const TrainingPhoto& photo, const cv::Mat& seen) const {
  Rng rng = Rng(draw.key).fork("clutter");
  if (photo.object.empty() || !rng.bernoulli(kCluttered)) return seen;
  const auto other = photos_.get(rng.pick_from(samples_));
  return other->object.empty() ? seen : with_clutter(seen, photo.object, other->photo, other->object, rng.fork("place"));
}

CoveredPhoto AlignBatches::covered(const Draw& draw, const TrainingPhoto& photo, const cv::Mat& seen) const {
  Rng rng = Rng(draw.key).fork("cover");
  if (!options_.covers || photo.object.empty() || !rng.bernoulli(kCovered)) return {seen, {}};
  if (photo.view && rng.bernoulli(kInSpace)) {
    const auto piece = scenes_.get(data_.samples()[draw.sample].shape_id);  // held: the store may drop it meanwhile
    CoveredPhoto laid = with_thing_on(seen, photo.object, *piece, *photo.view, rng.fork("thing in space"));
    if (!laid.cover.empty()) return laid;
  }
  return with_cover(seen, photo.object, rng.fork("thing"));
}

std::optional<OrbitView> AlignBatches::wrong_camera(const Draw& draw, const TrainingPhoto& photo) const {
  Rng rng = Rng(draw.key).fork("wrong camera");
  if (options_.wrong_cameras == nullptr || !draw.augment || photo.object.empty() || !rng.bernoulli(kWrongCamera)) return std::nullopt;
  return options_.wrong_cameras->draw(data_.samples()[draw.sample].shape_id, photo, rng.fork("which"));
}

std::optional<AlignBatches::Damage> AlignBatches::draw_damage(const Draw& draw, const TrainingPhoto& photo) const {
  Rng rng = Rng(draw.key).fork("damaged reference");
  if (options_.damages == nullptr || !draw.augment || !rng.bernoulli(kBesideDamaged)) return std::nullopt;
  const std::string& shape_id = data_.samples()[draw.sample].shape_id;
  const auto reference = options_.damages->get(shape_id, rng.uniform_int(0, DamageStore::kVariants - 1));
  if (!reference) return std::nullopt;
  const Camera camera = orbit_camera(*photo.view, options_.size);
  const Layers before = render_layers(*scenes_.get(shape_id), camera), after = render_layers(reference->scene, camera);
  const Change change = measure_change(reference->normal, before, reference->damaged, after, reference->part);
  if (change.visible_size < kLeastVisible) return std::nullopt;
  if (!photo.change.empty()) {
    cv::Mat shared;
    cv::bitwise_and(photo.change, change.changed, shared);
    if (cv::countNonZero(shared) > kMostShared * cv::countNonZero(change.changed)) return std::nullopt;
  }
  return Damage{reference, beside_damaged(photo, change, reference->kind)};
}

void AlignBatches::fill_mask(const Draw& draw, int64_t row, AlignBatch& batch) const {
  const Sample& sample = data_.samples()[draw.sample];
  const auto photo = photos_.get(draw.sample);
  if (photo->object.empty())
    throw InputError(sample.image, "has no mask of the whole object", "align learns to find the object from such masks");
  Rng rng = Rng(draw.key).fork("mask");
  const bool mirrored = draw.augment && rng.bernoulli(0.5), moved = draw.augment && rng.bernoulli(kOtherBackground);
  cv::Mat seen = square_photo(photo->photo, options_.size);
  if (moved) seen = random_background(seen, photo->object, rng.fork("background"));
  if (draw.augment) seen = covered(draw, *photo, cluttered(draw, *photo, seen)).photo;  // the object is all of it, hidden or not
  if (draw.augment) seen = augment_photo(seen, rng.fork("photo"));
  write_photo_planes(seen, mirrored, batch.mask_photos[row].data_ptr<float>());
  auto object = batch.objects.accessor<float, 3>()[row];
  for (int y = 0; y < options_.size; ++y)
    for (int x = 0; x < options_.size; ++x)
      object[y][mirrored ? options_.size - 1 - x : x] = photo->object.at<uchar>(y, x) > 0 ? 1.0f : 0.0f;
}

}  // namespace looking3d
