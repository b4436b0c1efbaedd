#include "geometry/mesh_packing.h"

#include <algorithm>
#include <cstring>

namespace looking3d {
namespace {

template <class T>
void put(std::string& bytes, const T* items, size_t count) {
  const uint64_t size = count;
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  bytes.append(reinterpret_cast<const char*>(items), count * sizeof(T));
}

/// Moves a list from the front of the bytes; false when they are too few.
template <class Items>
bool take(std::string_view& bytes, Items& items) {
  uint64_t size = 0;
  if (bytes.size() < sizeof size) return false;
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes.remove_prefix(sizeof size);
  if (size > bytes.size() / sizeof(items[0])) return false;
  items.resize(size);
  if (size > 0) std::memcpy(static_cast<void*>(items.data()), bytes.data(), size * sizeof(items[0]));
  bytes.remove_prefix(size * sizeof(items[0]));
  return true;
}

bool sound(const TriangleMesh& mesh) {
  const auto vertices = static_cast<int64_t>(mesh.vertices.size());
  return std::ranges::all_of(mesh.vertices, [](const Eigen::Vector3f& v) { return v.allFinite(); }) &&
         std::ranges::all_of(mesh.triangles, [&](const Eigen::Vector3i& t) { return t.minCoeff() >= 0 && t.maxCoeff() < vertices; });
}

}  // namespace

std::string packed(const std::vector<NamedMesh>& meshes) {
  std::string bytes;
  for (const NamedMesh& named : meshes) {
    put(bytes, named.name.data(), named.name.size());
    put(bytes, named.mesh.vertices.data(), named.mesh.vertices.size());
    put(bytes, named.mesh.triangles.data(), named.mesh.triangles.size());
  }
  return bytes;
}

std::optional<std::vector<NamedMesh>> unpacked(std::string_view bytes) {
  std::vector<NamedMesh> meshes;
  while (!bytes.empty()) {
    NamedMesh& named = meshes.emplace_back();
    if (!take(bytes, named.name) || !take(bytes, named.mesh.vertices) || !take(bytes, named.mesh.triangles) || !sound(named.mesh))
      return {};
  }
  return meshes;
}

}  // namespace looking3d
