#pragma once
// For tests: whether the parts of a shape hang together.
#include <algorithm>
#include <unordered_set>

#include "shapes/shape.h"

namespace looking3d {

inline constexpr double kTouch = 0.012;  ///< canonical units: 6 mm of a metre-high chair

/// The surface of a part as a set of cubes of this side that points on it fall into.
class Voxels {
 public:
  Voxels(const TriangleMesh& mesh, double side) : side_(side) {
    for (size_t t = 0; t < mesh.triangles.size(); ++t) {
      const Eigen::Vector3f a = mesh.corner(static_cast<int>(t), 0), ab = mesh.corner(static_cast<int>(t), 1) - a,
                            ac = mesh.corner(static_cast<int>(t), 2) - a;
      const int n = 1 + static_cast<int>(std::max({ab.norm(), ac.norm(), (ab - ac).norm()}) / side);
      for (int i = 0; i <= n; ++i)
        for (int j = 0; i + j <= n; ++j)
          cells_.insert(
              key(cell(a + ab * (static_cast<float>(i) / static_cast<float>(n)) + ac * (static_cast<float>(j) / static_cast<float>(n)))));
    }
  }

  bool touches(const Voxels& other) const {
    if (cells_.size() > other.cells_.size()) return other.touches(*this);
    for (const int64_t k : cells_)
      for (int64_t dx = -1; dx <= 1; ++dx)
        for (int64_t dy = -1; dy <= 1; ++dy)
          for (int64_t dz = -1; dz <= 1; ++dz)
            if (other.cells_.contains(k + (dx * kSpan + dy) * kSpan + dz)) return true;
    return false;
  }

 private:
  static constexpr int64_t kSpan = 4096;
  Eigen::Vector3i cell(const Eigen::Vector3f& p) const {
    return ((p.array() + 2.0f) / static_cast<float>(side_)).floor().matrix().cast<int>();
  }
  static int64_t key(const Eigen::Vector3i& c) { return (c.x() * kSpan + c.y()) * kSpan + c.z(); }
  const double side_;
  std::unordered_set<int64_t> cells_;
};

/// Names of the parts that do not hang together with the first one.
inline std::string floating(const Shape& shape) {
  std::vector<Voxels> parts;
  std::vector<Eigen::AlignedBox3d> boxes;
  for (const Part& part : shape.parts) parts.emplace_back(part.mesh, kTouch / 2), boxes.push_back(bounding_box(part.mesh));
  std::vector<size_t> reached{0};
  std::vector<bool> seen(parts.size());
  seen[0] = true;
  for (size_t at = 0; at < reached.size(); ++at)
    for (size_t j = 0; j < parts.size(); ++j)
      if (!seen[j] && boxes[reached[at]].exteriorDistance(boxes[j]) < kTouch && parts[reached[at]].touches(parts[j]))
        seen[j] = true, reached.push_back(j);
  std::string names;
  for (size_t j = 0; j < parts.size(); ++j)
    if (!seen[j]) names += " " + shape.parts[j].name;
  return names;
}

}  // namespace looking3d
