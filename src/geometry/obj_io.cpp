#include "geometry/obj_io.h"

#include <charconv>
#include <cmath>

#include "base/files.h"

namespace looking3d {
namespace {

constexpr std::string_view kHeader = "# looking3d\n";

/// Three numbers with a space before each, and nothing else.
template <class Number>
bool three_numbers(std::string_view text, Number (&values)[3]) {
  for (Number& value : values) {
    if (!text.starts_with(' ')) return false;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
  }
  return text.empty();
}

}  // namespace

std::optional<std::vector<NamedMesh>> parse_own_obj(std::string_view bytes, uint64_t max_triangles) {
  if (!bytes.starts_with(kHeader)) return {};
  bytes.remove_prefix(kHeader.size());
  std::vector<NamedMesh> meshes;
  uint64_t triangles = 0;
  int64_t first = 1, next = 1;  // indices of the object's first vertex, and of the vertex to come
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return {};  // cut short
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (line.starts_with("o ")) {
      meshes.push_back({std::string(line.substr(2)), {}});
      first = next;
      continue;
    }
    if (meshes.empty() || line.empty()) return {};
    TriangleMesh& mesh = meshes.back().mesh;
    float x[3];
    int64_t corner[3];
    if (line[0] == 'v' && three_numbers(line.substr(1), x)) {
      if (!std::isfinite(x[0]) || !std::isfinite(x[1]) || !std::isfinite(x[2])) return {};
      mesh.vertices.emplace_back(x[0], x[1], x[2]);
      ++next;
    } else if (line[0] == 'f' && three_numbers(line.substr(1), corner) && ++triangles <= max_triangles) {
      for (const int64_t index : corner)
        if (index < first || index >= next) return {};
      mesh.triangles.emplace_back(corner[0] - first, corner[1] - first, corner[2] - first);
    } else {
      return {};
    }
  }
  return meshes;
}

void write_obj(const Path& path, const std::vector<NamedMesh>& meshes) {
  std::string text(kHeader);
  char line[128];
  int offset = 1;
  for (const NamedMesh& entry : meshes) {
    text += "o " + entry.name + "\n";
    for (const Eigen::Vector3f& v : entry.mesh.vertices) {
      std::snprintf(line, sizeof line, "v %.9g %.9g %.9g\n", v.x(), v.y(), v.z());
      text += line;
    }
    for (const Eigen::Vector3i& t : entry.mesh.triangles) {
      std::snprintf(line, sizeof line, "f %d %d %d\n", t[0] + offset, t[1] + offset, t[2] + offset);
      text += line;
    }
    offset += static_cast<int>(entry.mesh.vertices.size());
  }
  write_file_atomic(path, text);
}

}  // namespace looking3d
