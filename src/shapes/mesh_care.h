#pragma once
// Care for meshes that others made: what becomes a part, what is mended, and all of it in words.
#include "geometry/mesh_io.h"
#include "shapes/shape.h"

namespace looking3d {

/// Objects of one foreign mesh file as parts: a single object falls into its connected components, each of several objects into the pieces
/// that stand clear of one another (four legs that are one group). Crumbs, and pieces beyond 400, join their nearest neighbour.
std::vector<Part> parts_from_objects(const std::vector<NamedMesh>& objects, CareReport& report);

/// Mends every part: doubled and empty triangles and, in foreign files, corners within a millionth of the shape's size and winding. Parts
/// that vanish are dropped.
void mend_parts(std::vector<Part>& parts, bool foreign, CareReport& report);

/// Names, labels and groups in plain ASCII without spaces and '@', at most 80 long, so that any file can hold them; then names unique.
void make_names_plain(std::vector<Part>& parts);
/// Parts without a group that look like copies of one another share the name of the first of them as group.
void group_copies(std::vector<Part>& parts);

}  // namespace looking3d
