#pragma once
// A shape is a list of named, labelled parts in the canonical frame: right-handed, +Y up, front +Z, bounding-sphere centre at 0, radius 1.
#include <string>
#include <vector>

#include "base/files.h"
#include "geometry/mesh.h"
#include "shapes/orientation.h"

namespace looking3d {

struct Part {
  std::string name;   ///< unique in its shape: "leg_2"
  std::string label;  ///< PartNet's chair label ("leg", "back_surface", "armrest", ...) or "part" when unknown
  std::string group;  ///< parts of one group are alike (all legs): same material, and symmetric copies of each other
  TriangleMesh mesh;
};

struct Shape {
  std::string id;      ///< "000123" or the folder's name
  std::string family;  ///< "chair", "stool", ... ; "file" for shapes read from disk
  std::vector<Part> parts;

  int part_index(const std::string& name) const;  ///< -1 when there is none
  std::vector<Eigen::Vector3f> all_vertices() const;
  size_t triangle_count() const;
};

/// Moves and scales all parts into the canonical frame; returns canonical_from_source.
Eigen::Affine3d normalise(Shape& shape);

/// What loading a foreign mesh took and had to mend, in words, for the user.
struct CareReport {
  std::vector<std::string> lines;
};

/// A shape from disk: a folder of PartNet (partnet.h), a folder of part meshes (each mesh file a part), or a mesh file whose objects or
/// groups, else connected components, become parts (mesh_care.h). Mended, turned upright as `axes` say, normalised; names made unique.
/// Throws InputError with a hint for anything unusable (no mesh, no triangles, NaN).
Shape load_shape(const Path& path, CareReport* report = nullptr, const MeshAxes& axes = {});

/// Shapes below a folder: each sub-folder of PartNet or with mesh files, and each mesh file, sorted by name. Throws InputError when there
/// is none.
std::vector<Path> list_shapes(const Path& folder);

/// False when a source.json beside the shape (in its folder, or NAME.source.json beside the file NAME.obj) says "use": "test-only": such
/// shapes may be tested on and never trained on. Throws InputError for any other use than that and "training".
bool may_train_on(const Path& shape);

/// Writes one OBJ with an object for each part (load_shape reads it back with the same part names and labels are kept in the name
/// as "name@label@group").
void save_shape(const Path& obj_path, const Shape& shape);

}  // namespace looking3d
