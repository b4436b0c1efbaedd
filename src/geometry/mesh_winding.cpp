#include "geometry/mesh_winding.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace looking3d {
namespace {

using Eigen::Vector3d;
using Eigen::Vector3i;

/// The triangles at an edge: the first two, and how many there are.
struct EdgeUse {
  std::array<int, 2> triangles{-1, -1};
  std::array<bool, 2> forward{};
  int count = 0;
};

constexpr size_t kMostCavityTests = 2000;  ///< components up to which cavities are looked for; beyond, solids stay as they are

struct Component {
  std::vector<int> triangles;
  double area_kept = 0, area_turned = 0, volume = 0;
  bool closed = true;
  Eigen::AlignedBox3d box;
};

class WindingMender {
 public:
  explicit WindingMender(TriangleMesh& mesh) : mesh_(mesh), turned_(mesh.triangles.size()), seen_(mesh.triangles.size()) {
    edges_.reserve(mesh.triangles.size() * 3 / 2);
    for (size_t t = 0; t < mesh.triangles.size(); ++t)
      for (int k = 0; k < 3; ++k) {
        EdgeUse& use = edges_[key(t, k)];
        if (use.count < 2) {
          use.triangles[static_cast<size_t>(use.count)] = static_cast<int>(t);
          use.forward[static_cast<size_t>(use.count)] = mesh.triangles[t][k] < mesh.triangles[t][(k + 1) % 3];
        }
        ++use.count;
      }
  }

  int mend() {
    std::vector<Component> components;
    for (size_t t = 0; t < mesh_.triangles.size(); ++t)
      if (!seen_[t]) components.push_back(grow(static_cast<int>(t)));
    for (Component& component : components) {
      const bool inside_out = component.closed && component.volume < 0 && !inside_another(component, components);
      const bool minority = !component.closed && component.area_turned > component.area_kept;
      if (inside_out || minority)
        for (const int t : component.triangles) turned_[static_cast<size_t>(t)] = !turned_[static_cast<size_t>(t)];
    }
    int count = 0;
    for (size_t t = 0; t < mesh_.triangles.size(); ++t)
      if (turned_[t]) std::swap(mesh_.triangles[t][1], mesh_.triangles[t][2]), ++count;
    return count;
  }

 private:
  uint64_t key(size_t t, int k) const {
    const auto [a, b] = std::minmax(mesh_.triangles[t][k], mesh_.triangles[t][(k + 1) % 3]);
    return static_cast<uint64_t>(a) << 32 | static_cast<uint32_t>(b);
  }

  /// All triangles that can be reached over edges of two triangles, turned to agree with the first.
  Component grow(int first) {
    Component component;
    component.triangles = {first};
    seen_[static_cast<size_t>(first)] = true;
    for (size_t i = 0; i < component.triangles.size(); ++i) {
      const size_t t = static_cast<size_t>(component.triangles[i]);
      add_measures(component, t);
      for (int k = 0; k < 3; ++k) {
        const EdgeUse& use = edges_.at(key(t, k));
        if (use.count != 2) {
          component.closed = false;
          continue;
        }
        const size_t other = static_cast<size_t>(use.triangles[0] == static_cast<int>(t) ? use.triangles[1] : use.triangles[0]);
        if (seen_[other]) continue;
        seen_[other] = true;
        turned_[other] = turned_[t] != (use.forward[0] == use.forward[1]);
        component.triangles.push_back(static_cast<int>(other));
      }
    }
    return component;
  }

  void add_measures(Component& component, size_t t) const {
    // Volume is summed from a corner of the component: far from the origin it would drown in rounding.
    const Vector3d origin = corner(static_cast<size_t>(component.triangles.front()), 0);
    const Vector3d p = corner(t, 0), q = corner(t, 1), r = corner(t, 2);
    (turned_[t] ? component.area_turned : component.area_kept) += (q - p).cross(r - p).norm();
    component.volume += (turned_[t] ? -1 : 1) * (p - origin).dot((q - origin).cross(r - origin));
    for (const Vector3d& point : {p, q, r}) component.box.extend(point);
  }
  Vector3d corner(size_t t, int k) const { return mesh_.corner(static_cast<int>(t), k).cast<double>(); }

  static bool inside_another(const Component& component, const std::vector<Component>& all) {
    if (all.size() > kMostCavityTests) return true;
    return std::any_of(all.begin(), all.end(), [&](const Component& other) {
      return &other != &component && other.box.contains(component.box) && !component.box.contains(other.box);
    });
  }

  TriangleMesh& mesh_;
  std::vector<char> turned_, seen_;
  std::unordered_map<uint64_t, EdgeUse> edges_;
};

}  // namespace

int mend_winding(TriangleMesh& mesh) {
  return WindingMender(mesh).mend();
}

}  // namespace looking3d
