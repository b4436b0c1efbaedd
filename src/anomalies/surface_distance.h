#pragma once
// How different two parts look: the mean distance between their surfaces.
#include "base/random.h"
#include "geometry/mesh.h"

namespace looking3d {

/// `count` points spread over the surface by area; deterministic in `rng`.
std::vector<Eigen::Vector3d> sample_surface(const TriangleMesh& mesh, int count, Rng rng);
/// Larger of the two one-way mean distances between surfaces a and b, in the meshes' unit.
double surface_distance(const TriangleMesh& a, const TriangleMesh& b, int samples = 160);

}  // namespace looking3d
