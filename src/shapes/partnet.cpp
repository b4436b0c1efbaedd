#include "shapes/partnet.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "geometry/mesh_io.h"

namespace looking3d {
namespace {

constexpr int kDeepestTree = 64;
constexpr size_t kMostPieces = 20000, kMostTriangles = 20'000'000;

Path tree_file(const Path& folder) {
  return folder / "result_after_merging.json";
}

/// Collects the leaves of a tree as parts.
class TreeReader {
 public:
  explicit TreeReader(const Path& folder) : folder_(folder), where_(tree_file(folder)) {}

  std::vector<Part> read() {
    const Json tree = read_json(where_);
    if (!tree.is_array()) fail("is no list of trees");
    for (const Json& root : tree) visit(root, 0);
    if (parts_.empty()) fail("names no part");
    return std::move(parts_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { throw InputError(where_, problem, "is this a folder of PartNet?"); }

  void visit(const Json& node, int depth) {
    if (depth > kDeepestTree) fail("is nested too deeply");
    if (!node.is_object() || !node.contains("name") || !node["name"].is_string()) fail("holds a node without a name");
    if (!node.contains("children")) return add_part(node);
    if (!node["children"].is_array()) fail("holds children that are no list");
    for (const Json& child : node["children"]) visit(child, depth + 1);
  }

  void add_part(const Json& leaf) {
    const std::string label = leaf["name"];
    if (!leaf.contains("objs") || !leaf["objs"].is_array() || leaf["objs"].empty()) fail("holds the leaf '" + label + "' without objs");
    const auto text = [&](const char* key, const std::string& otherwise) {
      return leaf.contains(key) && leaf[key].is_string() && !leaf[key].empty() ? leaf[key].get<std::string>() : otherwise;
    };
    Part part{text("part", label + "_" + std::to_string(++count_[label])), label, text("group", label), {}};
    for (const Json& piece : leaf["objs"]) {
      if (!piece.is_string()) fail("holds a piece that is no name");
      if (++pieces_ > kMostPieces) fail("names more than " + std::to_string(kMostPieces) + " pieces");
      const Path name = piece.get<std::string>() + ".obj";
      const bool odd = std::any_of(name.native().begin(), name.native().end(), [](unsigned char c) { return c < ' ' || c == '\\'; });
      if (name.has_parent_path() || odd) fail("names a piece outside objs/: " + piece.get<std::string>().substr(0, 80));
      for (const NamedMesh& mesh : read_mesh_file(folder_ / "objs" / name)) {
        append(part.mesh, mesh.mesh);
        triangles_ += mesh.mesh.triangles.size();
      }
      if (triangles_ > kMostTriangles) fail("has more than 20 million triangles");
    }
    parts_.push_back(std::move(part));
  }

  const Path folder_, where_;
  std::vector<Part> parts_;
  std::map<std::string, int> count_;
  size_t pieces_ = 0, triangles_ = 0;
};

/// The child of this name, added when there is none. The tree is small: a search is enough.
Json& child_named(Json& node, const std::string& name, int& next_id) {
  Json& children = node["children"];
  for (Json& child : children)
    if (child["name"] == name && child.contains("children")) return child;
  children.push_back({{"id", next_id++}, {"name", name}, {"children", Json::array()}});
  return children.back();
}

}  // namespace

std::vector<std::string> partnet_path(const std::string& label) {
  static const std::map<std::string, std::vector<std::string>> above{
      {"headrest", {"chair_head"}},
      {"back_surface", {"chair_back"}},
      {"back_frame", {"chair_back"}},
      {"back_connector", {"chair_back"}},
      {"armrest", {"chair_arm"}},
      {"arm_support", {"chair_arm"}},
      {"seat_surface", {"chair_seat"}},
      {"seat_frame", {"chair_seat"}},
      {"leg", {"chair_base", "regular_leg_base"}},
      {"leg_bar", {"chair_base", "regular_leg_base"}},
      {"runner", {"chair_base", "regular_leg_base"}},
      {"rocker", {"chair_base", "regular_leg_base"}},
      {"foot", {"chair_base", "foot_base"}},
      {"footrest", {"chair_base"}},
      {"pedestal", {"chair_base", "pedestal_base"}},
      {"star_leg", {"chair_base", "star_leg_base"}},
      {"caster", {"chair_base", "star_leg_base"}},
  };
  const auto known = above.find(label);
  std::vector<std::string> path = known == above.end() ? std::vector<std::string>{"other"} : known->second;
  path.push_back(label);
  return path;
}

bool is_partnet_folder(const Path& folder) {
  return std::filesystem::is_regular_file(tree_file(folder));
}

std::vector<Part> parts_from_partnet(const Path& folder) {
  return TreeReader(folder).read();
}

void save_partnet(const Path& folder, const Shape& shape) {
  Json root = {{"id", 0}, {"name", "chair"}, {"children", Json::array()}};
  int next_id = 1;
  for (size_t i = 0; i < shape.parts.size(); ++i) {
    const Part& part = shape.parts[i];
    std::vector<std::string> path = partnet_path(part.label);
    path.pop_back();
    Json* node = &root;
    for (const std::string& name : path) node = &child_named(*node, name, next_id);
    const std::string piece = "new-" + std::to_string(i);
    (*node)["children"].push_back({{"id", next_id++}, {"name", part.label}, {"part", part.name}, {"group", part.group}, {"objs", {piece}}});
    write_obj(folder / "objs" / (piece + ".obj"), {{part.name, part.mesh}});
  }
  write_json_atomic(tree_file(folder), Json::array({root}));
}

}  // namespace looking3d
