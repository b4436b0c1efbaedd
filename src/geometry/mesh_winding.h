#pragma once
// Winding of foreign meshes: neighbours that disagree, and solids turned inside out.
#include "geometry/mesh.h"

namespace looking3d {

/// Turns triangles so that neighbours across an edge of two triangles agree (the larger area of a component wins), and closed components so
/// that they face outward; a closed component inside the box of another one may be its cavity and stays. Returns the number of turned
/// triangles: 0 for a mesh that was in order, which is left bit-identical. Edges of three or more triangles do not pass the winding on.
int mend_winding(TriangleMesh& mesh);

}  // namespace looking3d
