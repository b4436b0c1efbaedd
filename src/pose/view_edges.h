#pragma once
// Where the reference, seen by a camera, has edges: its outline, and depth steps, creases and part boundaries inside it.
#include <Eigen/Core>
#include <vector>

#include "render/scene.h"

namespace looking3d {

struct EdgePoint {
  Eigen::Vector3d x_in_world;
  Eigen::Vector2d at_px;   ///< in the picture it was found in
  Eigen::Vector2d normal;  ///< unit, in the picture: outwards on the outline, either way across an inner edge
};

/// Points on the border between object and background, at most about `at_most`, evenly thinned out. Each lies between two pixels, at the
/// depth of the one on the object.
std::vector<EdgePoint> outline_points(const Layers& layers, const Camera& camera, int at_most);
/// The same on the border of `mask`, the object's with its narrow gaps filled: a coarse search must not lock onto the next slat.
std::vector<EdgePoint> outline_points(const Layers& layers, const cv::Mat& mask, const Camera& camera, int at_most);

/// Points on edges inside the object, on the nearer side; those beside the outline are left out, since there the outline is what a photo
/// shows.
std::vector<EdgePoint> inner_edge_points(const Layers& layers, const Camera& camera, int at_most);

}  // namespace looking3d
