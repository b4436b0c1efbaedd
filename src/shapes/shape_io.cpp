// Shapes from disk and back: PartNet's folders, folders of part meshes, and mesh files whose objects or components become parts.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "base/error.h"
#include "geometry/mesh_io.h"
#include "shapes/mesh_care.h"
#include "shapes/partnet.h"
#include "shapes/shape.h"

namespace looking3d {
namespace {

constexpr double kFarAway = 1e5;  ///< distance from the origin in sizes of the shape, where single precision keeps no hundredth of it

/// What a file or folder holds, before any care. Our own files are canonical, foreign ones stand as they like.
struct Source {
  std::vector<Part> parts;
  bool foreign = true;
};

/// "name@label@group" as save_shape writes it; nothing for foreign names.
std::optional<Part> own_part(const NamedMesh& named) {
  const std::string& text = named.name;
  const size_t first = text.find('@'), second = first == std::string::npos ? first : text.find('@', first + 1);
  if (second == std::string::npos) return std::nullopt;
  return Part{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1), named.mesh};
}

Source parts_from_file(const Path& path, CareReport& report) {
  const std::vector<NamedMesh> objects = read_mesh_file(path);
  Source own{{}, false};
  for (const NamedMesh& object : objects)
    if (auto part = own_part(object)) own.parts.push_back(std::move(*part));
  if (own.parts.size() < objects.size()) return {parts_from_objects(objects, report), true};
  report.lines.push_back("a file of looking3d with " + std::to_string(own.parts.size()) + " parts");
  return own;
}

std::vector<Path> mesh_files_in(const Path& folder) {
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file() && is_mesh_file(entry.path())) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

Source parts_from_folder(const Path& folder, CareReport& report) {
  if (is_partnet_folder(folder)) {
    Source source{parts_from_partnet(folder), true};
    report.lines.push_back("PartNet: the " + std::to_string(source.parts.size()) + " leaves of its tree became parts");
    return source;
  }
  const std::vector<Path> files = mesh_files_in(folder);
  if (files.empty()) throw InputError(folder, "holds no mesh file", kMeshFormats);
  if (files.size() == 1) return parts_from_file(files[0], report);
  Source source;
  for (const Path& file : files) {
    Part part{file.stem().string(), "part", "", {}};
    for (const NamedMesh& named : read_mesh_file(file)) append(part.mesh, named.mesh);
    source.parts.push_back(std::move(part));
  }
  report.lines.push_back("its " + std::to_string(files.size()) + " mesh files became parts");
  return source;
}

TriangleMesh whole(const std::vector<Part>& parts) {
  TriangleMesh mesh;
  for (const Part& part : parts) append(mesh, part.mesh);
  return mesh;
}

/// Turns a foreign shape upright and says what size it had.
void stand_up(std::vector<Part>& parts, const MeshAxes& axes, CareReport& report) {
  const TriangleMesh mesh = whole(parts);
  const Standing standing = stand(mesh, axes);
  report.lines.insert(report.lines.end(), standing.lines.begin(), standing.lines.end());
  for (Part& part : parts)
    for (Eigen::Vector3f& vertex : part.mesh.vertices) vertex = standing.canonical_from_file * vertex;

  const Eigen::AlignedBox3d box = bounding_box(mesh);
  const Eigen::Vector3d size = (standing.canonical_from_file.cast<double>() * box.sizes()).cwiseAbs();
  char text[160];
  std::snprintf(text, sizeof text, "size in the file's unit: %.4g wide, %.4g high, %.4g deep", size.x(), size.y(), size.z());
  report.lines.push_back(text);
  if (box.center().norm() > kFarAway * size.maxCoeff()) {
    report.lines.push_back(
        "its coordinates lie so far from the origin that details are rounded away: move it to the origin and export it again");
  }
}

}  // namespace

Shape load_shape(const Path& path, CareReport* report, const MeshAxes& axes) {
  axes.check();
  require_exists(path, "give a mesh file or a folder of part meshes");
  CareReport care;
  Source source = std::filesystem::is_directory(path) ? parts_from_folder(path, care) : parts_from_file(path, care);
  Shape shape;
  shape.id = path.stem().string().empty() ? path.parent_path().stem().string() : path.stem().string();
  shape.family = "file";
  shape.parts = std::move(source.parts);

  mend_parts(shape.parts, source.foreign, care);
  if (shape.parts.empty()) throw InputError(path, "has no triangle with an area", "is this the right file?");
  const double radius = bounding_sphere(shape.all_vertices()).radius;
  if (!(radius > 0) || !std::isfinite(radius)) throw InputError(path, "has no extent that can be measured");

  // Our own files are in the canonical frame; only a user who says otherwise may turn them.
  if (source.foreign || axes != MeshAxes()) stand_up(shape.parts, axes, care);
  make_names_plain(shape.parts);
  group_copies(shape.parts);
  normalise(shape);
  if (report != nullptr) *report = care;
  return shape;
}

std::vector<Path> list_shapes(const Path& folder) {
  require_exists(folder, "give a folder of shapes");
  if (!std::filesystem::is_directory(folder)) throw InputError(folder, "is a file, a folder of shapes was expected");
  std::vector<Path> shapes = mesh_files_in(folder);
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_directory() && (is_partnet_folder(entry.path()) || !mesh_files_in(entry.path()).empty())) shapes.push_back(entry.path());
  if (shapes.empty()) throw InputError(folder, "holds neither mesh files nor folders of mesh files");
  std::sort(shapes.begin(), shapes.end());
  return shapes;
}

bool may_train_on(const Path& shape) {
  const Path source = std::filesystem::is_directory(shape) ? shape / "source.json" : Path(shape).replace_extension(".source.json");
  if (!std::filesystem::exists(source)) return true;
  const Json json = read_json(source, 1 << 20);
  const std::string use = json.is_object() && json.contains("use") && json["use"].is_string() ? json["use"].get<std::string>() : "";
  if (use != "training" && use != "test-only")
    throw InputError(source, "does not say what the shape may be used for", "\"use\": \"training\" or \"test-only\"");
  return use == "training";
}

void save_shape(const Path& obj_path, const Shape& shape) {
  std::vector<NamedMesh> meshes;
  for (const Part& part : shape.parts) meshes.push_back({part.name + "@" + part.label + "@" + part.group, part.mesh});
  write_obj(obj_path, meshes);
}

}  // namespace looking3d
