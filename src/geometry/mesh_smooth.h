#pragma once
// Scanned surfaces made smooth.
#include "geometry/mesh.h"

namespace looking3d {

/// `rounds` of two Laplacian steps, one that smooths and one that undoes its shrinking (Taubin, "A signal processing approach to fair
/// surface design", SIGGRAPH 1995; lambda 0.5, mu -0.53, all neighbours alike). Vertices at one place move as one, those of a border along
/// the border only. Triangles stay. For meshes from photogrammetry; it rounds the edges of drawn ones.
void smooth(TriangleMesh& mesh, int rounds);

}  // namespace looking3d
