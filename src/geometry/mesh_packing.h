#pragma once
// Meshes as bytes, for the way from a child process to its parent, which does not trust them.
#include <optional>
#include <string_view>

#include "geometry/mesh_io.h"

namespace looking3d {

std::string packed(const std::vector<NamedMesh>& meshes);

/// The meshes again; nothing when a size goes beyond the bytes, a coordinate is not finite or a triangle names no vertex.
std::optional<std::vector<NamedMesh>> unpacked(std::string_view bytes);

}  // namespace looking3d
