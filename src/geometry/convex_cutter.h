#pragma once
// Bounded convex solids to cut meshes with.
#include <Eigen/Core>
#include <vector>

#include "base/random.h"

namespace looking3d {

/// {x : normal . x <= offset}; the normal is unit and points out of the cutter.
struct HalfSpace {
  Eigen::Vector3d normal;
  double offset;

  double height(const Eigen::Vector3d& x) const { return normal.dot(x) - offset; }  ///< negative inside
};

/// A bounded convex solid as the intersection of half-spaces.
struct ConvexCutter {
  std::vector<HalfSpace> planes;
  bool contains(const Eigen::Vector3d& x) const;
};
ConvexCutter box_cutter(const Eigen::Vector3d& centre, const Eigen::Vector3d& half_size, const Eigen::Matrix3d& axes);
/// A ball of facets evenly spread over the sphere (Fibonacci directions); the ball touches each facet from inside.
ConvexCutter ball_cutter(const Eigen::Vector3d& centre, double radius, int facets = 48);
/// A ball whose facets lie at uneven depths: a break with flat splintered faces.
ConvexCutter jagged_cutter(const Eigen::Vector3d& centre, double radius, Rng& rng, int facets = 22);
/// A pyramid of `sides` faces over a base around `base` (the base plane included), its tip at base + height * axis: a splinter's notch.
ConvexCutter spike_cutter(const Eigen::Vector3d& base, const Eigen::Vector3d& axis, double height, double base_radius, Rng& rng,
                          int sides = 4);

/// Where facets k < l of a cutter meet: from one corner to the other along normal_k x normal_l.
struct CutterEdge {
  int k, l;
  int from, to;  ///< indices of corners
};

/// Corners and edges of a cutter in general position: three facets at each corner.
struct CutterFrame {
  std::vector<Eigen::Vector3d> corners;
  std::vector<CutterEdge> edges;
  bool sound = false;  ///< false when some edge does not end in exactly two corners: unbounded, or four facets meet in a corner
};
CutterFrame frame_of(const ConvexCutter& cutter);

}  // namespace looking3d
