#pragma once
// Least squares over the camera: edges of the reference, held fixed on it, are pulled onto what the photo shows along their normals.
#include <Eigen/Core>

#include "pose/pose_target.h"
#include "pose/view_edges.h"

namespace looking3d {

/// Parameters in this order: azimuth, elevation, roll (radians), log distance, shift x, shift y (shares of the width), log focal length.
inline constexpr int kPoseParameters = 7;
using PoseMatrix = Eigen::Matrix<double, kPoseParameters, kPoseParameters>;
using PoseVector = Eigen::Matrix<double, kPoseParameters, 1>;
PoseVector parameters_of(const OrbitView& view);
OrbitView view_of(const PoseVector& parameters);

/// What is known of a camera before its photo is looked at: normal distributions; a deviation of 0 holds a parameter fast.
struct PosePrior {
  PoseVector mean = PoseVector::Zero();
  PoseVector deviation = PoseVector::Constant(1e3);
};

struct PoseFitOptions {
  int iterations = 3;
  int reach = 6;                  ///< pixels along an edge's normal in which its counterpart is looked for
  double inner_weight = 0;        ///< of an inner edge against a point of the outline; 0 leaves them out
  bool outline_by_photo = false;  ///< outlines are pulled onto the photo's own edges instead of the mask's outline
};

struct PoseFit {
  OrbitView view;
  PoseMatrix covariance =
      PoseMatrix::Identity();  ///< (wide while nothing is known) of the parameters, from the pull's curvature, in units of its residual
  double matched = 0;          ///< share of the outline's points with a counterpart
  double residual_px = 0;      ///< robust mean distance of the matched ones
};

/// Edges as seen from `start` (their own view or a near one), matched and pulled `options.iterations` times.
PoseFit fit_pose(const OrbitView& start, const std::vector<EdgePoint>& outline, const std::vector<EdgePoint>& inner,
                 const PoseTarget& target, const PosePrior& prior, const PoseFitOptions& options);

/// 2 x 7: how the picture (pixels) of a world point moves with the parameters. `turns` are the derivatives of camera_from_world's rotation.
using PointJacobian = Eigen::Matrix<double, 2, kPoseParameters>;
struct PoseDerivatives {
  explicit PoseDerivatives(const OrbitView& view, int size);
  Camera camera;
  Eigen::Matrix3d turns[3];  ///< by azimuth, elevation, roll
  /// Writes the point's pixel to `at`; false where it lies behind the camera.
  bool project(const Eigen::Vector3d& x_in_world, Eigen::Vector2d& at, PointJacobian& jacobian) const;
};

}  // namespace looking3d
