#include "train/wrong_cameras.h"

#include <cmath>

#include "photo/prepare.h"
#include "pose/coarse_search.h"
#include "pose/pose_search.h"
#include "pose/rendered_channels.h"

namespace looking3d {
namespace {

const double kTurned = radians(25);             ///< less is an error of the right camera
constexpr int kCompared_px = 64;                ///< side of the pictures that are compared
constexpr double kMostDifferent = 0.04;         ///< of the object's pixels, that may look otherwise
constexpr double kDifference = 0.4;             ///< sum over shading, depth, normal and silhouette
constexpr double kByEdges = 0.25;               ///< share of the photos, unless they are on white
constexpr double kElsewhere = 0.5;              ///< overlap of silhouettes under which a camera that is not turned is wrong as well
constexpr uint64_t kIndexBytes = 300 << 10;     ///< of a reference: 252 silhouettes of 32 x 32
constexpr uint64_t kTemplateBytes = 900 << 10;  ///< of a reference: 252 times 160 points

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

std::vector<OrbitView> WrongCameras::found_by_mask(const std::string& shape_id, const Scene& scene, const TrainingPhoto& photo) {
  const PoseQuery query{.mask = photo.object, .focal_per_width = photo.view->focal_per_width};
  std::vector<OrbitView> found;
  for (const PoseHypothesis& pose : find_pose(scene, *index_of(shape_id, scene), query, quick())) found.push_back(pose.view);
  return found;
}

std::vector<OrbitView> WrongCameras::found_by_edges(const std::string& shape_id, const Scene& scene, const TrainingPhoto& photo) {
  const auto templates = templates_.get(shape_id, [&]() -> Cache<std::string, EdgeTemplates>::Made {
    return {std::make_shared<EdgeTemplates>(scene, *index_of(shape_id, scene)), kTemplateBytes};
  });
  const EdgeSearchOptions options{.smallest = 0.4, .keep = 12, .finish_keep = 4, .focal_per_width = photo.view->focal_per_width};
  std::vector<OrbitView> found;
  for (const EdgePose& pose : find_pose_by_edges(scene, *templates, EdgeField(photo.photo), options)) found.push_back(pose.view);
  return found;
}

std::optional<OrbitView> WrongCameras::draw(const std::string& shape_id, const TrainingPhoto& photo, Rng rng) {
  const std::shared_ptr<const Scene> scene = scenes_.get(shape_id);
  const OrbitView& truth = *photo.view;
  const auto silhouette = [&](const OrbitView& view) { return render_silhouette(*scene, orbit_camera(view, kCompared_px)); };
  const bool by_edges = rng.bernoulli(kByEdges) && !is_on_paper(photo.photo);
  std::vector<OrbitView> wrong;
  for (const OrbitView& view : by_edges ? found_by_edges(shape_id, *scene, photo) : found_by_mask(shape_id, *scene, photo))
    if (turn_between(view, truth) > kTurned || mask_iou(silhouette(view), silhouette(truth)) < kElsewhere) wrong.push_back(view);
  if (wrong.empty()) return std::nullopt;
  const OrbitView& drawn = rng.pick_from(wrong);
  if (looks_the_same(*scene, truth, drawn)) return std::nullopt;
  return drawn;
}

}  // namespace looking3d
