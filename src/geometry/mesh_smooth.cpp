#include "geometry/mesh_smooth.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace looking3d {
namespace {

constexpr float kSmooth = 0.5f, kGrow = -0.53f;

/// The places of a mesh's vertices, and their neighbours.
struct Net {
  std::vector<int> place_of;  ///< of each vertex
  std::vector<Eigen::Vector3f> places;
  std::vector<std::pair<int, int>> edges;  ///< place that is moved, neighbour that it moves towards

  explicit Net(const TriangleMesh& mesh) {
    std::map<std::array<float, 3>, int> known;
    for (const Eigen::Vector3f& v : mesh.vertices) {
      const auto [at, fresh] = known.emplace(std::array{v.x(), v.y(), v.z()}, static_cast<int>(places.size()));
      if (fresh) places.push_back(v);
      place_of.push_back(at->second);
    }
    std::map<std::pair<int, int>, int> triangles_at;
    for (const Eigen::Vector3i& triangle : mesh.triangles)
      for (int k = 0; k < 3; ++k) {
        const int a = place_of[static_cast<size_t>(triangle[k])], b = place_of[static_cast<size_t>(triangle[(k + 1) % 3])];
        if (a != b) ++triangles_at[std::minmax(a, b)];
      }
    std::vector<bool> border(places.size(), false);
    for (const auto& [edge, count] : triangles_at)
      if (count == 1) border[static_cast<size_t>(edge.first)] = border[static_cast<size_t>(edge.second)] = true;
    for (const auto& [edge, count] : triangles_at) {
      // Who is moved by whom: vertices of a border by their neighbours along it alone.
      if (count == 1 || !border[static_cast<size_t>(edge.first)]) edges.push_back(edge);
      if (count == 1 || !border[static_cast<size_t>(edge.second)]) edges.emplace_back(edge.second, edge.first);
    }
  }

  /// Each place towards the mean of its neighbours, by `share` of the way.
  void step(float share) {
    std::vector<Eigen::Vector3f> sum(places.size(), Eigen::Vector3f::Zero());
    std::vector<int> count(places.size(), 0);
    for (const auto& [moved, by] : edges) {
      sum[static_cast<size_t>(moved)] += places[static_cast<size_t>(by)];
      ++count[static_cast<size_t>(moved)];
    }
    for (size_t i = 0; i < places.size(); ++i)
      if (count[i] > 0) places[i] += share * (sum[i] / static_cast<float>(count[i]) - places[i]);
  }
};

}  // namespace

void smooth(TriangleMesh& mesh, int rounds) {
  if (rounds <= 0 || mesh.empty()) return;
  Net net(mesh);
  for (int i = 0; i < rounds; ++i) {
    net.step(kSmooth);
    net.step(kGrow);
  }
  for (size_t i = 0; i < mesh.vertices.size(); ++i) mesh.vertices[i] = net.places[static_cast<size_t>(net.place_of[i])];
}

}  // namespace looking3d
