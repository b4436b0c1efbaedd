#pragma once
// A small software rasteriser: one mesh, drawn again and again at slightly different places. Much cheaper than building a ray-tracing
// scene for each place, and free of everything but depth.
#include <opencv2/core.hpp>
#include <vector>

#include "geometry/camera.h"
#include "geometry/mesh.h"

namespace looking3d {

/// Inverse depths, so that larger is nearer and 0 is nothing: they are linear in the image, and two pictures merge by their maximum.
class MeshRaster {
 public:
  MeshRaster(const TriangleMesh& mesh, const Camera& camera);

  /// Draws the mesh moved by `world_from_mesh` in place of what was drawn before. Returns a rectangle of the image outside which there is
  /// nothing of it. Triangles that reach behind the camera are left out; both sides of a triangle are seen.
  cv::Rect draw(const Eigen::Isometry3d& world_from_mesh = Eigen::Isometry3d::Identity());

  const cv::Mat& inverse_depth() const { return inverse_depth_; }  ///< H x W, CV_32F: 1 / z at the pixel centres, 0 where nothing is

 private:
  const TriangleMesh* mesh_;  ///< must outlive the raster
  Camera camera_;
  cv::Mat inverse_depth_;
  cv::Rect drawn_;
  std::vector<Eigen::Vector3f> projected_;  ///< (x px, y px, 1 / z) of each vertex; 1 / z is 0 behind the camera
};

/// Draws a mesh over what `inverse_depth` (H x W, CV_32F, the camera's size) already holds. Returns the rectangle that it may have touched.
cv::Rect draw_over(cv::Mat& inverse_depth, const TriangleMesh& mesh, const Camera& camera);

/// The mesh with vertices closer than about `cell` (canonical units) merged and what collapses left out: for pictures whose pixels are not
/// much smaller than that.
TriangleMesh coarser(const TriangleMesh& mesh, double cell);

}  // namespace looking3d
