#include "geometry/mesh.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "base/check.h"
#include "base/random.h"

namespace looking3d {
namespace {

using Eigen::Vector3d;
using Eigen::Vector3f;
using Eigen::Vector3i;

class UnionFind {
 public:
  explicit UnionFind(size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0); }
  int find(int x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  void unite(int a, int b) { parent_[find(a)] = find(b); }

 private:
  std::vector<int> parent_;
};

/// Calls visit(p, q, r) with the corners of each triangle in double.
template <class Visit>
void for_each_triangle(const TriangleMesh& mesh, Visit visit) {
  for (size_t t = 0; t < mesh.triangles.size(); ++t) {
    const int i = static_cast<int>(t);
    visit(mesh.corner(i, 0).cast<double>().eval(), mesh.corner(i, 1).cast<double>().eval(), mesh.corner(i, 2).cast<double>().eval());
  }
}

/// Welds vertices: equal positions (distance 0), or a grid search within `distance`. Returns the new index of each old vertex.
std::vector<int> weld_map(const std::vector<Vector3f>& vertices, double distance, int& welded) {
  std::vector<int> map(vertices.size());
  using Cell = std::array<int64_t, 3>;
  struct Hash {
    size_t operator()(const Cell& c) const { return hash_combine(hash_combine(hash_combine(0, c[0]), c[1]), c[2]); }
  };
  std::unordered_map<Cell, std::vector<int>, Hash> cells;
  const auto cell_of = [&](const Vector3f& v, int axis) -> int64_t {
    if (distance > 0) return static_cast<int64_t>(std::floor(static_cast<double>(v[axis]) / distance));
    const float value = v[axis] == 0 ? 0.0f : v[axis];  // -0 and +0 are one place
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
  };
  const int reach = distance > 0 ? 1 : 0;
  welded = 0;
  for (size_t i = 0; i < vertices.size(); ++i) {
    const Cell home{cell_of(vertices[i], 0), cell_of(vertices[i], 1), cell_of(vertices[i], 2)};
    int match = -1;
    for (int dx = -reach; dx <= reach && match < 0; ++dx)
      for (int dy = -reach; dy <= reach && match < 0; ++dy)
        for (int dz = -reach; dz <= reach && match < 0; ++dz) {
          const auto found = cells.find({home[0] + dx, home[1] + dy, home[2] + dz});
          if (found == cells.end()) continue;
          for (const int j : found->second)
            if ((vertices[j] - vertices[i]).norm() <= distance) match = j;
        }
    if (match < 0) cells[home].push_back(static_cast<int>(i));
    map[i] = match < 0 ? static_cast<int>(i) : match;
    welded += match >= 0;
  }
  return map;
}

void drop_unused_vertices(TriangleMesh& mesh) {
  std::vector<int> map(mesh.vertices.size(), -1);
  std::vector<Vector3f> kept;
  for (Vector3i& triangle : mesh.triangles)
    for (int k = 0; k < 3; ++k) {
      int& target = map[triangle[k]];
      if (target < 0) target = static_cast<int>(kept.size()), kept.push_back(mesh.vertices[triangle[k]]);
      triangle[k] = target;
    }
  mesh.vertices = std::move(kept);
}

}  // namespace

void append(TriangleMesh& mesh, const TriangleMesh& other) {
  const int offset = static_cast<int>(mesh.vertices.size());
  mesh.vertices.insert(mesh.vertices.end(), other.vertices.begin(), other.vertices.end());
  for (const Vector3i& triangle : other.triangles) mesh.triangles.push_back(triangle + Vector3i::Constant(offset));
}

TriangleMesh transformed(const TriangleMesh& mesh, const Eigen::Affine3d& target_from_source) {
  TriangleMesh result = mesh;
  for (Vector3f& v : result.vertices) v = (target_from_source * v.cast<double>()).cast<float>();
  if (target_from_source.linear().determinant() < 0)
    for (Vector3i& triangle : result.triangles) std::swap(triangle[1], triangle[2]);
  return result;
}

Eigen::AlignedBox3d bounding_box(const TriangleMesh& mesh) {
  Eigen::AlignedBox3d box;
  for (const Vector3f& v : mesh.vertices) box.extend(v.cast<double>());
  return box;
}

double surface_area(const TriangleMesh& mesh) {
  double area = 0;
  for_each_triangle(mesh, [&](const Vector3d& p, const Vector3d& q, const Vector3d& r) { area += (q - p).cross(r - p).norm() / 2; });
  return area;
}

double signed_volume(const TriangleMesh& mesh) {
  double volume = 0;
  for_each_triangle(mesh, [&](const Vector3d& p, const Vector3d& q, const Vector3d& r) { volume += p.dot(q.cross(r)) / 6; });
  return volume;
}

Vector3d area_centroid(const TriangleMesh& mesh) {
  Vector3d sum = Vector3d::Zero();
  double total = 0;
  for_each_triangle(mesh, [&](const Vector3d& p, const Vector3d& q, const Vector3d& r) {
    const double area = (q - p).cross(r - p).norm() / 2;
    sum += area * (p + q + r) / 3;
    total += area;
  });
  return total > 0 ? Vector3d(sum / total) : bounding_box(mesh).center();
}

MeshTopology topology(const TriangleMesh& mesh) {
  MeshTopology result;
  std::map<std::pair<int, int>, std::pair<int, int>> edges;  // undirected edge -> times seen (forward, backward)
  UnionFind sets(mesh.vertices.size());
  std::set<int> used;
  for (const Vector3i& t : mesh.triangles) {
    for (int k = 0; k < 3; ++k) {
      const int a = t[k], b = t[(k + 1) % 3];
      auto& count = edges[std::minmax(a, b)];
      ++(a < b ? count.first : count.second);
      sets.unite(a, b);
      used.insert(a);
    }
  }
  for (const auto& [edge, count] : edges) {
    const int total = count.first + count.second;
    if (total == 1) ++result.boundary_edges;
    if (total > 2 || (total == 2 && count.first != 1)) ++result.non_manifold_edges;
  }
  std::set<int> roots;
  for (const int v : used) roots.insert(sets.find(v));
  result.components = static_cast<int>(roots.size());
  result.euler = static_cast<int>(used.size()) - static_cast<int>(edges.size()) + static_cast<int>(mesh.triangles.size());
  return result;
}

std::string MendReport::text() const {
  std::string text;
  const auto add = [&](int count, const std::string& what) {
    if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  };
  add(removed_non_finite, "triangles with NaN or infinite corners removed");
  add(removed_degenerate, "triangles without area removed");
  add(removed_duplicates, "doubled triangles removed");
  add(welded_vertices, "vertices welded");
  return text.empty() ? "nothing to mend" : text;
}

MendReport mend(TriangleMesh& mesh, double weld_distance) {
  MendReport report;
  const auto keep_if = [&](auto keep, int& removed) {
    const size_t before = mesh.triangles.size();
    std::erase_if(mesh.triangles, [&](const Vector3i& t) { return !keep(t); });
    removed += static_cast<int>(before - mesh.triangles.size());
  };
  keep_if(
      [&](const Vector3i& t) {
        return mesh.vertices[t[0]].allFinite() && mesh.vertices[t[1]].allFinite() && mesh.vertices[t[2]].allFinite();
      },
      report.removed_non_finite);
  drop_unused_vertices(mesh);
  const std::vector<int> map = weld_map(mesh.vertices, weld_distance, report.welded_vertices);
  for (Vector3i& t : mesh.triangles) t = {map[t[0]], map[t[1]], map[t[2]]};
  keep_if(
      [&](const Vector3i& t) {
        if (t[0] == t[1] || t[1] == t[2] || t[2] == t[0]) return false;
        const Vector3d p = mesh.vertices[t[0]].cast<double>(), q = mesh.vertices[t[1]].cast<double>(),
                       r = mesh.vertices[t[2]].cast<double>();
        return (q - p).cross(r - p).norm() > 0;
      },
      report.removed_degenerate);
  std::set<std::array<int, 3>> seen;
  keep_if(
      [&](const Vector3i& t) {
        std::array<int, 3> key{t[0], t[1], t[2]};
        std::sort(key.begin(), key.end());
        return seen.insert(key).second;
      },
      report.removed_duplicates);
  drop_unused_vertices(mesh);
  return report;
}

std::vector<TriangleMesh> split_components(const TriangleMesh& mesh) {
  UnionFind sets(mesh.vertices.size());
  for (const Vector3i& t : mesh.triangles) sets.unite(t[0], t[1]), sets.unite(t[1], t[2]);
  std::map<int, TriangleMesh> by_root;
  std::vector<int> new_index(mesh.vertices.size(), -1);  // a vertex belongs to one component
  for (Vector3i t : mesh.triangles) {
    TriangleMesh& component = by_root[sets.find(t[0])];
    for (int k = 0; k < 3; ++k) {
      int& target = new_index[t[k]];
      if (target < 0) target = static_cast<int>(component.vertices.size()), component.vertices.push_back(mesh.vertices[t[k]]);
      t[k] = target;
    }
    component.triangles.push_back(t);
  }
  std::vector<std::pair<double, TriangleMesh>> by_area;
  for (auto& [root, component] : by_root) by_area.emplace_back(surface_area(component), std::move(component));
  std::stable_sort(by_area.begin(), by_area.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<TriangleMesh> result;
  for (auto& [area, component] : by_area) result.push_back(std::move(component));
  return result;
}

}  // namespace looking3d
