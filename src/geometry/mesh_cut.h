#pragma once
// Boolean subtraction of a convex cutter from a mesh: breaks, chips and holes.
#include <vector>

#include "base/random.h"
#include "geometry/mesh.h"

namespace looking3d {

/// The half-space {x : normal . x <= offset}; the normal is unit and points out of the cutter.
struct HalfSpace {
  Eigen::Vector3d normal;
  double offset;
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

struct CutResult {
  TriangleMesh mesh;
  int touched_triangles = 0;  ///< triangles of the input that the cutter reached
  bool closed = true;         ///< false when the input is open where it was cut: the cut is then left open
};

/// mesh minus cutter. Triangles that the cutter does not reach stay as they are, bit for bit and in order; those that it crosses are
/// clipped exactly; cut faces are closed with the cutter's facets inside the solid (inside by the even-odd rule). The surface encloses the
/// right volume, but neighbouring pieces of a cut may meet with vertices inside each other's edges.
CutResult subtract(const TriangleMesh& mesh, const ConvexCutter& cutter);

}  // namespace looking3d
