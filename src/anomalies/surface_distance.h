#pragma once
// How different two parts look: the mean distance between their surfaces.
#include "base/random.h"
#include "geometry/mesh.h"

namespace looking3d {

/// `count` points spread over the surface by area; deterministic in `rng`.
std::vector<Eigen::Vector3d> sample_surface(const TriangleMesh& mesh, int count, Rng rng);
/// The point of a mesh that is nearest to another.
struct SurfacePoint {
  Eigen::Vector3d x = Eigen::Vector3d::Zero();
  double distance = 0;  ///< infinite when the mesh has no triangle
  int triangle = -1;
};
SurfacePoint nearest_on_surface(const Eigen::Vector3d& point, const TriangleMesh& mesh);
/// Distance from a point to the nearest triangle of the mesh.
double distance_to_surface(const Eigen::Vector3d& point, const TriangleMesh& mesh);
/// Larger of the two one-way mean distances between surfaces a and b, in the meshes' unit.
double surface_distance(const TriangleMesh& a, const TriangleMesh& b, int samples = 160);

}  // namespace looking3d
