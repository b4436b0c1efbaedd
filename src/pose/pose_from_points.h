#pragma once
// The camera from matched points of photo and reference (EPnP inside RANSAC, then least squares): a second source of starts for the
// search, where a network proposes matches.
#include <Eigen/Core>
#include <optional>
#include <vector>

#include "geometry/camera.h"

namespace looking3d {

/// A place in the photo's square frame and the point of the reference it is taken to show.
struct PointMatch {
  Eigen::Vector2d at;  ///< in shares of the width, origin top-left
  Eigen::Vector3d x_in_world;
};

struct PointPoseOptions {
  double inlier_share = 0.03;  ///< of the width: how far a right match projects from its place
  int rounds = 500;            ///< of RANSAC
  int least_inliers = 6;
};

struct PointPose {
  OrbitView view;
  std::vector<int> inliers;  ///< indices of the matches that agree with the view, ascending
};

/// Nothing where fewer than options.least_inliers matches agree on one camera. `focal_per_width` is the lens of the frame. The camera found
/// by EPnP may look past the object's centre; the returned view is the nearest one on the orbit, its image shifted accordingly.
/// Deterministic.
std::optional<PointPose> pose_from_points(const std::vector<PointMatch>& matches, double focal_per_width = kFocalPerWidth,
                                          const PointPoseOptions& options = {});

/// The view on the orbit that pictures the reference as a free camera does, up to perspective: the turn that centres the object becomes an
/// image shift. Exact for a camera that looks at the centre.
OrbitView orbit_of(const Camera& camera);

}  // namespace looking3d
