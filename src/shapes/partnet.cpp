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
    Part part{label + "_" + std::to_string(++count_[label]), label, label, {}};
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

}  // namespace

bool is_partnet_folder(const Path& folder) {
  return std::filesystem::is_regular_file(tree_file(folder));
}

std::vector<Part> parts_from_partnet(const Path& folder) {
  return TreeReader(folder).read();
}

}  // namespace looking3d
