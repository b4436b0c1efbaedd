#pragma once
// OBJ files as looking3d writes them, read back by ourselves: without a child process, since a data set's meshes are read while other
// threads compute, and forking then stops OpenBLAS's threads under their feet (it ends them in a fork handler).
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "geometry/mesh_io.h"

namespace looking3d {

/// The meshes of a file that write_obj wrote, unmended. Nothing for any other OBJ, however slightly it differs: another line, a number that
/// is not finite, an index outside its own object, or more than `max_triangles`.
std::optional<std::vector<NamedMesh>> parse_own_obj(std::string_view bytes, uint64_t max_triangles);

}  // namespace looking3d
