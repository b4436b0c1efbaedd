#pragma once
// Boolean subtraction of a convex solid from a mesh, as damage does it: what the cutter does not reach stays as it is, bit for bit.
#include "base/result.h"
#include "geometry/convex_cutter.h"
#include "geometry/mesh.h"

namespace looking3d {

struct CutResult {
  TriangleMesh mesh;
  int touched_triangles = 0;  ///< triangles of the input that the cutter reached
  bool closed = true;         ///< false when the input is open where it was cut: the cut is left open there
  double removed_area = 0;    ///< of the input's surface
  double removed_volume = 0;  ///< of the input's closed components
};

enum class CutRefusal {
  kUnsoundCutter,  ///< the cutter is unbounded or empty
  kNotWatertight,  ///< rounding left a seam in the cut that small shifts of the cutter did not cure
};
std::string name_of(CutRefusal refusal);

/// mesh minus cutter. Triangles that the cutter does not reach keep their order and their corners, bit for bit; those that it crosses are
/// clipped; cut faces are closed with the cutter's facets inside the solid, where the mesh is closed. A closed mesh stays closed (every
/// edge is run through equally often both ways, with shared vertices); nested, overlapping and inside-out components are handled by
/// winding numbers. Where cutter and mesh meet in special position (touching corners, coplanar faces) the cutter is shifted by some
/// millionths of its size. A cutter wholly inside the solid touches nothing.
Result<CutResult, CutRefusal> subtract(const TriangleMesh& mesh, const ConvexCutter& cutter);

}  // namespace looking3d
