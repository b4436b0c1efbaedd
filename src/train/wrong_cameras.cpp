#include "train/wrong_cameras.h"

#include <cmath>

#include "pose/coarse_search.h"
#include "pose/pose_search.h"
#include "pose/rendered_channels.h"

namespace looking3d {
namespace {

const double kTurned = radians(25);          ///< less is an error of the right camera
constexpr int kCompared_px = 64;             ///< side of the pictures that are compared
constexpr double kMostDifferent = 0.04;      ///< of the object's pixels, that may look otherwise
constexpr double kDifference = 0.4;          ///< sum over shading, depth, normal and silhouette
constexpr uint64_t kIndexBytes = 300 << 10;  ///< of a reference: 252 silhouettes of 32 x 32

/// A quick search: its cameras need not be exact.
PoseOptions quick() {
  PoseOptions options;
  options.coarse_keep = 10, options.race_keep = 4, options.rival_keep = 4;
  options.final_size = 64;
  return options;
}

}  // namespace

bool looks_the_same(const Scene& scene, const OrbitView& a, const OrbitView& b) {
  const Camera camera_a = orbit_camera(a, kCompared_px), camera_b = orbit_camera(b, kCompared_px);
  const std::vector<float> planes_a = rendered_channels(render_layers(scene, camera_a), camera_a),
                           planes_b = rendered_channels(render_layers(scene, camera_b), camera_b);
  constexpr size_t kPixels = size_t{kCompared_px} * kCompared_px;
  constexpr size_t kSilhouette = 5;  // the channels before it are shading, depth and normal
  int object = 0, different = 0;
  for (size_t i = 0; i < kPixels; ++i) {
    if (planes_a[kSilhouette * kPixels + i] + planes_b[kSilhouette * kPixels + i] == 0) continue;
    double sum = 0;
    for (size_t channel = 0; channel <= kSilhouette; ++channel)
      sum += std::abs(planes_a[channel * kPixels + i] - planes_b[channel * kPixels + i]);
    ++object;
    different += sum > kDifference;
  }
  return different <= kMostDifferent * object;
}

std::shared_ptr<const PoseIndex> WrongCameras::index_of(const std::string& shape_id, const Scene& scene) {
  return indices_.get(shape_id, [&]() -> Cache<std::string, PoseIndex>::Made {
    return {std::make_shared<PoseIndex>(scene, data_.load_mesh(shape_id).all_vertices()), kIndexBytes};
  });
}

std::optional<OrbitView> WrongCameras::draw(const std::string& shape_id, const TrainingPhoto& photo, Rng rng) {
  const std::shared_ptr<const Scene> scene = scenes_.get(shape_id);
  const PoseQuery query{.mask = photo.object, .focal_per_width = photo.view->focal_per_width};
  std::vector<OrbitView> wrong;
  for (const PoseHypothesis& found : find_pose(*scene, *index_of(shape_id, *scene), query, quick()))
    if (turn_between(found.view, *photo.view) > kTurned) wrong.push_back(found.view);
  if (wrong.empty()) return std::nullopt;
  const OrbitView drawn = rng.pick_from(wrong);
  if (looks_the_same(*scene, *photo.view, drawn)) return std::nullopt;
  return drawn;
}

}  // namespace looking3d
