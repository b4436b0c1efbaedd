#pragma once
// Cameras that the pose search may take for a photo's own: from there the reference has nearly the photo's silhouette, or many of its
// edges, and yet is seen from elsewhere.
#include <optional>

#include "base/random.h"
#include "pose/edge_search.h"
#include "train/stores.h"

namespace looking3d {

/// Thread-safe; what it holds is bounded.
class WrongCameras {
 public:
  WrongCameras(const DataSet& data, SceneStore& scenes, uint64_t max_bytes)
      : data_(data), scenes_(scenes), indices_(max_bytes / 4), templates_(max_bytes - max_bytes / 4) {}
  /// One of the cameras that are found by the object's mask alone, or, for one of four photos that are not on white, by the edges of the
  /// whole picture: turned away from the photo's own, or in another place. nullopt where none is found, and where the reference looks the
  /// same from there. The photo must have its camera and mask. Depends on its arguments alone.
  std::optional<OrbitView> draw(const std::string& shape_id, const TrainingPhoto& photo, Rng rng);

 private:
  std::shared_ptr<const PoseIndex> index_of(const std::string& shape_id, const Scene& scene);
  std::vector<OrbitView> found_by_mask(const std::string& shape_id, const Scene& scene, const TrainingPhoto& photo);
  std::vector<OrbitView> found_by_edges(const std::string& shape_id, const Scene& scene, const TrainingPhoto& photo);

  const DataSet& data_;
  SceneStore& scenes_;
  Cache<std::string, PoseIndex> indices_;
  Cache<std::string, EdgeTemplates> templates_;
};

/// Whether a reference's rendering from `b` could be taken for that from `a`: nearly the same shading, depth, normals and outline all over
/// the object. Symmetric pieces look the same from several sides.
bool looks_the_same(const Scene& scene, const OrbitView& a, const OrbitView& b);

}  // namespace looking3d
