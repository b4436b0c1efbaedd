#pragma once
// Cameras from which a reference has nearly the photo's silhouette, and yet is seen from elsewhere: what the pose search may take for the
// photo's camera.
#include <optional>

#include "base/random.h"
#include "pose/pose_index.h"
#include "train/stores.h"

namespace looking3d {

/// Thread-safe; what it holds is bounded.
class WrongCameras {
 public:
  WrongCameras(const DataSet& data, SceneStore& scenes, uint64_t max_bytes) : data_(data), scenes_(scenes), indices_(max_bytes) {}
  /// One of the cameras that the pose search finds by the object's mask alone, at least kTurned away from the photo's own; nullopt where it
  /// finds none, and where the reference looks the same from there. The photo must have its camera and mask. Depends on its arguments
  /// alone.
  std::optional<OrbitView> draw(const std::string& shape_id, const TrainingPhoto& photo, Rng rng);

 private:
  std::shared_ptr<const PoseIndex> index_of(const std::string& shape_id, const Scene& scene);

  const DataSet& data_;
  SceneStore& scenes_;
  Cache<std::string, PoseIndex> indices_;
};

/// Whether a reference's rendering from `b` could be taken for that from `a`: nearly the same shading, depth, normals and outline all over
/// the object. Symmetric pieces look the same from several sides.
bool looks_the_same(const Scene& scene, const OrbitView& a, const OrbitView& b);

}  // namespace looking3d
