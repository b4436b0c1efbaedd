#pragma once
// A shape ready for ray queries (Embree, hidden behind a pointer), and its geometric layers as seen by a camera.
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "geometry/camera.h"
#include "shapes/shape.h"

namespace looking3d {

/// First surface along a ray.
struct Hit {
  float distance = 0;
  int part = -1;  ///< index into the shape's parts
  int triangle = -1;
  float u = 0, v = 0;                ///< barycentric coordinates of corners 1 and 2
  Eigen::Vector3f geometric_normal;  ///< unit, towards the ray's origin
  Eigen::Vector3f shading_normal;    ///< unit, smooth across edges flatter than 35 degrees, towards the ray's origin
};

/// Immutable and thread-safe after construction. Open surfaces are two-sided.
class Scene {
 public:
  explicit Scene(const Shape& shape);
  Scene(Scene&&) noexcept;
  Scene& operator=(Scene&&) noexcept;
  ~Scene();

  bool intersect(const Eigen::Vector3f& origin, const Eigen::Vector3f& direction, float t_min, float t_max, Hit& hit) const;
  bool occluded(const Eigen::Vector3f& origin, const Eigen::Vector3f& direction, float t_min, float t_max) const;
  int part_count() const;
  Eigen::AlignedBox3f bounds() const;

 private:
  friend struct SceneAccess;  // lets scene.cpp trace packets without showing Embree here
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What a camera sees at its pixel centres, without light.
struct Layers {
  cv::Mat depth;         ///< H x W, CV_32F: z along the optical axis in canonical units; 0 where there is nothing
  cv::Mat part_id;       ///< H x W, CV_16S: part index; -1 where there is nothing
  cv::Mat normal;        ///< H x W, CV_32FC3: shading normal in the *camera* frame; 0 where there is nothing
  cv::Mat mask() const;  ///< H x W, CV_8U: 255 on the object
};
Layers render_layers(const Scene& scene, const Camera& camera);
/// Pixels of each of `part_count` parts in a picture of part indices (CV_16S).
std::vector<int> part_pixels(const cv::Mat& part_id, int part_count);

/// Silhouette only (occlusion rays), H x W, CV_8U 0/255: the fast path of the pose search.
cv::Mat render_silhouette(const Scene& scene, const Camera& camera);

/// Grey, textureless picture on white as the reference views have it (SPEC 2.4): head light, smooth but edge-true. CV_8U, one channel.
/// Anti-aliased with `samples_per_axis`^2 rays a pixel.
cv::Mat render_grey(const Scene& scene, const Camera& camera, int samples_per_axis = 2);

/// Same shading computed from layers already at hand (one sample a pixel), for the compare network's input.
cv::Mat shade_grey(const Layers& layers, const Camera& camera);

}  // namespace looking3d
