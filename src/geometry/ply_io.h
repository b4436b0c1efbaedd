#pragma once
// PLY files by our own reader: the library's believes every count that a damaged file states, and then never ends.
#include <string>

#include "base/files.h"
#include "geometry/mesh.h"

namespace looking3d {

/// Vertices and faces of a PLY, text or binary of either byte order; polygons are cut into triangles, other elements and properties
/// skipped. `bytes` is the file's content. Throws InputError: no PLY, cut short, an index beyond the vertices, a polygon of more than
/// `max_corners`.
TriangleMesh parse_ply(const Path& path, const std::string& bytes, unsigned max_corners);

}  // namespace looking3d
