// Shapes from disk and back: PartNet's folders, folders of part meshes, and mesh files whose objects or components become parts.
#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "geometry/mesh_io.h"
#include "shapes/partnet.h"
#include "shapes/shape.h"

namespace looking3d {
namespace {

constexpr double kCrumbShare = 0.005;  ///< a component below this share of the area joins its nearest larger neighbour
constexpr size_t kMaxParts = 400;
constexpr double kAlikeTolerance = 0.01;  ///< parts whose area and extents agree to this are copies of one another

/// "name@label@group" as save_shape writes it; foreign names have no '@'.
Part part_from(const NamedMesh& named, const std::string& fallback) {
  Part part;
  part.mesh = named.mesh;
  const std::string& text = named.name;
  const size_t first = text.find('@'), second = first == std::string::npos ? first : text.find('@', first + 1);
  if (second != std::string::npos) {
    part.name = text.substr(0, first);
    part.label = text.substr(first + 1, second - first - 1);
    part.group = text.substr(second + 1);
  } else {
    part.name = text.empty() ? fallback : text;
    part.label = "part";
  }
  return part;
}

double box_distance(const TriangleMesh& a, const TriangleMesh& b) {
  return bounding_box(a).exteriorDistance(bounding_box(b));
}

/// Components of one mesh as parts; crumbs join the nearest larger component.
std::vector<Part> parts_from_components(const TriangleMesh& mesh, CareReport& report) {
  std::vector<TriangleMesh> components = split_components(mesh);
  const double total = surface_area(mesh);
  std::vector<TriangleMesh> kept;
  int crumbs = 0;
  for (const TriangleMesh& component : components) {
    const bool crumb = !kept.empty() && (surface_area(component) < kCrumbShare * total || kept.size() >= kMaxParts);
    if (!crumb) {
      kept.push_back(component);
      continue;
    }
    auto nearest = std::min_element(kept.begin(), kept.end(),
                                    [&](const auto& a, const auto& b) { return box_distance(a, component) < box_distance(b, component); });
    append(*nearest, component);
    ++crumbs;
  }
  std::vector<Part> parts;
  for (const TriangleMesh& component : kept) parts.push_back({"part_" + std::to_string(parts.size() + 1), "part", "", component});
  report.lines.push_back("one object: its " + std::to_string(kept.size()) + " connected components became parts" +
                         (crumbs > 0 ? ", " + std::to_string(crumbs) + " small ones joined to their neighbours" : ""));
  return parts;
}

std::vector<Part> parts_from_file(const Path& path, CareReport& report) {
  const std::vector<NamedMesh> meshes = read_mesh_file(path);
  if (meshes.size() == 1 && meshes[0].name.find('@') == std::string::npos) return parts_from_components(meshes[0].mesh, report);
  std::vector<Part> parts;
  for (const NamedMesh& named : meshes) parts.push_back(part_from(named, "part_" + std::to_string(parts.size() + 1)));
  report.lines.push_back("its " + std::to_string(parts.size()) + " objects became parts");
  return parts;
}

std::vector<Path> mesh_files_in(const Path& folder) {
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file() && is_mesh_file(entry.path())) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Part> parts_from_folder(const Path& folder, CareReport& report) {
  if (is_partnet_folder(folder)) {
    std::vector<Part> parts = parts_from_partnet(folder);
    report.lines.push_back("PartNet: the " + std::to_string(parts.size()) + " leaves of its tree became parts");
    return parts;
  }
  const std::vector<Path> files = mesh_files_in(folder);
  if (files.empty()) throw InputError(folder, "holds no mesh file", "OBJ, PLY, STL, GLB, glTF, 3MF and OFF are read");
  std::vector<Part> parts;
  for (const Path& file : files) {
    Part part{file.stem().string(), "part", "", {}};
    for (const NamedMesh& named : read_mesh_file(file)) append(part.mesh, named.mesh);
    parts.push_back(std::move(part));
  }
  report.lines.push_back("its " + std::to_string(parts.size()) + " mesh files became parts");
  return parts;
}

void make_names_unique(std::vector<Part>& parts) {
  std::set<std::string> used;
  for (Part& part : parts) {
    std::string name = part.name;
    for (int n = 2; !used.insert(name).second; ++n) name = part.name + "_" + std::to_string(n);
    part.name = name;
  }
}

bool alike(const TriangleMesh& a, const TriangleMesh& b) {
  const auto close = [](double x, double y) { return std::abs(x - y) <= kAlikeTolerance * std::max({std::abs(x), std::abs(y), 1e-9}); };
  if (a.triangles.size() != b.triangles.size() || !close(surface_area(a), surface_area(b))) return false;
  Eigen::Vector3d ea = bounding_box(a).sizes(), eb = bounding_box(b).sizes();
  std::sort(ea.data(), ea.data() + 3);
  std::sort(eb.data(), eb.data() + 3);
  return close(ea.x(), eb.x()) && close(ea.y(), eb.y()) && close(ea.z(), eb.z());
}

/// Parts that look like copies of one another share the group of the first of them.
void group_copies(std::vector<Part>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].group.empty()) continue;
    parts[i].group = parts[i].name;
    for (size_t j = 0; j < i; ++j)
      if (alike(parts[i].mesh, parts[j].mesh)) {
        parts[i].group = parts[j].group;
        break;
      }
  }
}

/// Rotation that turns the named axis of a file to +Y, and -Y of a file with +Z up to the front.
Eigen::Matrix3f canonical_from_file(const std::string& up) {
  const std::string axis = !up.empty() && (up[0] == '-' || up[0] == '+') ? up.substr(1) : up;
  if (axis != "x" && axis != "y" && axis != "z") throw InputError("--up", "'" + up + "' is no axis", "y, z, x, -y, -z or -x");
  const Eigen::Vector3f from = (up[0] == '-' ? -1.0f : 1.0f) * Eigen::Vector3f::Unit(axis[0] - 'x');
  if (from.isApprox(-Eigen::Vector3f::UnitY())) return Eigen::Vector3f(1, -1, -1).asDiagonal();
  return Eigen::Quaternionf::FromTwoVectors(from, Eigen::Vector3f::UnitY()).toRotationMatrix();
}

}  // namespace

Shape load_shape(const Path& path, CareReport* report, const std::string& up) {
  const Eigen::Matrix3f turn = canonical_from_file(up);
  require_exists(path, "give a mesh file or a folder of part meshes");
  CareReport care;
  Shape shape;
  shape.id = path.stem().string().empty() ? path.parent_path().stem().string() : path.stem().string();
  shape.family = "file";
  shape.parts = std::filesystem::is_directory(path) ? parts_from_folder(path, care) : parts_from_file(path, care);

  // Mend each part; what has no surface left is dropped.
  for (Part& part : shape.parts) {
    const MendReport mended = mend(part.mesh);
    if (mended.text() != "nothing to mend") care.lines.push_back(part.name + ": " + mended.text());
    const MeshTopology shape_of_part = topology(part.mesh);
    if (shape_of_part.boundary_edges > 0) care.lines.push_back(part.name + ": open surface, rendered two-sided");
  }
  std::erase_if(shape.parts, [](const Part& part) { return part.mesh.empty(); });
  if (shape.parts.empty()) throw InputError(path, "has no triangle with an area", "is this the right file?");
  if (bounding_sphere(shape.all_vertices()).radius <= 0) throw InputError(path, "has no extent");

  if (!turn.isIdentity()) {
    for (Part& part : shape.parts)
      for (Eigen::Vector3f& vertex : part.mesh.vertices) vertex = turn * vertex;
    care.lines.push_back("turned: its " + up + " axis points up");
  }
  make_names_unique(shape.parts);
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

void save_shape(const Path& obj_path, const Shape& shape) {
  std::vector<NamedMesh> meshes;
  for (const Part& part : shape.parts) meshes.push_back({part.name + "@" + part.label + "@" + part.group, part.mesh});
  write_obj(obj_path, meshes);
}

}  // namespace looking3d
