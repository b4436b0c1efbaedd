#pragma once
// STEP files (ISO 10303-21) through OpenCASCADE, where looking3d was built with it (cmake -DLOOKING3D_STEP=ON).
#include "geometry/mesh_io.h"

namespace looking3d {

/// One entry for each solid or shell of the assembly tree, named "assembly/part" as in the file, placed in the assembly's frame, in
/// millimetres. Curved faces become triangles within 0.1 % of the whole size and 15 degrees of the surface; the edges of neighbouring faces
/// meet exactly. Not thread-safe (OpenCASCADE keeps global state); read_mesh_file calls it in a child process. `bytes` is
/// the file's content. Throws InputError: unreadable, no surface, parts in other files (which OpenCASCADE would open wherever they are), or
/// built without STEP.
std::vector<NamedMesh> read_step_file(const Path& path, const std::string& bytes);

}  // namespace looking3d
