#pragma once
// Mesh files in (OBJ, PLY, STL, glTF/GLB, 3MF, ... through Assimp) and out (OBJ, binary PLY by our own writer).
#include <string>
#include <vector>

#include "base/files.h"
#include "geometry/mesh.h"

namespace looking3d {

struct NamedMesh {
  std::string name;  ///< object, group or node name; may be empty or repeated
  TriangleMesh mesh;
};

inline constexpr const char* kMeshFormats =
    "OBJ, PLY, STL, GLB, glTF, 3MF, OFF, DAE, FBX and 3DS are read, STEP where built with LOOKING3D_STEP";

/// One entry for each object/group/node of the file, transformed into the file's world frame. Vertices at equal positions are welded.
/// Parsed in a child process, but for OBJ files of our own (obj_io.h): what crashes or runs away there is a refusal here. A fork ends
/// OpenBLAS's threads, so no other thread may be computing with it meanwhile. Nothing outside the file's folder is opened on its behalf.
/// Throws InputError: missing file, not a mesh, no triangles, NaN or infinite coordinates; more than 1 GiB (a 3MF unpacked: 512 MiB), more
/// than 20 million triangles (each placement of a mesh counts), or a polygon of more than 2000 corners. Throws CheckFailure: a bug of ours.
std::vector<NamedMesh> read_mesh_file(const Path& path);
bool is_mesh_file(const Path& path);  ///< by extension

/// Wavefront OBJ with one "o NAME" for each mesh; coordinates round-trip exactly.
void write_obj(const Path& path, const std::vector<NamedMesh>& meshes);

}  // namespace looking3d
