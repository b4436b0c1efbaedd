#pragma once
// PLY files by our own reader: the library's believes every count that a damaged file states, and then never ends.
#include <cstdint>
#include <string>

#include "base/files.h"
#include "geometry/mesh.h"

namespace looking3d {

struct PlyLimits {
  unsigned corners;    ///< of one polygon
  uint64_t triangles;  ///< of all
};

/// Vertices and faces of a PLY, text or binary of either byte order; polygons are cut into triangles, other elements and properties
/// skipped. `bytes` is the file's content. Throws InputError: no PLY, cut short, an index beyond the vertices, or more than
/// the limits allow.
TriangleMesh parse_ply(const Path& path, const std::string& bytes, const PlyLimits& limits);

}  // namespace looking3d
