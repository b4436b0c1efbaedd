#include "anomalies/surface_tree.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace looking3d {
namespace {

using Eigen::Vector3d;

constexpr int kLeafTriangles = 4;
constexpr int kMostDepth = 64;  ///< halving any number of triangles ends sooner

/// Nearest point of a triangle (Ericson, Real-Time Collision Detection, 5.1.5).
Vector3d nearest_on_triangle(const Vector3d& p, const Vector3d& a, const Vector3d& b, const Vector3d& c) {
  const Vector3d ab = b - a, ac = c - a, ap = p - a;
  const double d1 = ab.dot(ap), d2 = ac.dot(ap);
  if (d1 <= 0 && d2 <= 0) return a;
  const Vector3d bp = p - b;
  const double d3 = ab.dot(bp), d4 = ac.dot(bp);
  if (d3 >= 0 && d4 <= d3) return b;
  const double vc = d1 * d4 - d3 * d2;
  if (vc <= 0 && d1 >= 0 && d3 <= 0) return a + ab * (d1 / (d1 - d3));
  const Vector3d cp = p - c;
  const double d5 = ab.dot(cp), d6 = ac.dot(cp);
  if (d6 >= 0 && d5 <= d6) return c;
  const double vb = d5 * d2 - d1 * d6;
  if (vb <= 0 && d2 >= 0 && d6 <= 0) return a + ac * (d2 / (d2 - d6));
  const double va = d3 * d6 - d5 * d4;
  if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) return b + (c - b) * ((d4 - d3) / ((d4 - d3) + (d5 - d6)));
  const double sum = va + vb + vc;
  return sum > 0 ? Vector3d(a + ab * (vb / sum) + ac * (vc / sum)) : a;
}

}  // namespace

SurfaceTree::SurfaceTree(const TriangleMesh& mesh) {
  triangles_.reserve(mesh.triangles.size());
  for (size_t t = 0; t < mesh.triangles.size(); ++t) {
    const int i = static_cast<int>(t);
    triangles_.push_back({mesh.corner(i, 0).cast<double>(), mesh.corner(i, 1).cast<double>(), mesh.corner(i, 2).cast<double>(), i});
  }
  nodes_.reserve(triangles_.size());
  build(0, static_cast<int>(triangles_.size()));
}

void SurfaceTree::build(int first, int count) {
  const size_t self = nodes_.size();
  Node node;
  Eigen::AlignedBox3d centres;  // three times over
  for (int t = first; t < first + count; ++t) {
    const Triangle& triangle = triangles_[static_cast<size_t>(t)];
    node.box.extend(triangle.a).extend(triangle.b).extend(triangle.c);
    centres.extend(triangle.a + triangle.b + triangle.c);
  }
  const bool leaf = count <= kLeafTriangles;
  if (leaf) node.first = first, node.count = count;
  nodes_.push_back(node);
  if (leaf) return;

  // Halve along the axis in which the triangles lie furthest apart.
  int axis = 0;
  centres.sizes().maxCoeff(&axis);
  const auto key = [axis](const Triangle& t) {
    const double centre = t.a[axis] + t.b[axis] + t.c[axis];
    return std::pair(std::isfinite(centre) ? centre : 0, t.index);
  };
  const auto begin = triangles_.begin() + first;
  std::nth_element(begin, begin + count / 2, begin + count, [&](const Triangle& s, const Triangle& t) { return key(s) < key(t); });
  build(first, count / 2);
  nodes_[self].right = static_cast<int>(nodes_.size());
  build(first + count / 2, count - count / 2);
}

SurfacePoint SurfaceTree::nearest(const Vector3d& point, double within) const {
  SurfacePoint best;
  double least = within * within;
  std::array<std::pair<int, double>, kMostDepth + 1> todo;  // node and squared distance to its box
  size_t depth = 0;
  todo[depth++] = {0, nodes_.front().box.squaredExteriorDistance(point)};
  while (depth > 0) {
    const auto [at, gap] = todo[--depth];
    if (!(gap <= least)) continue;  // not a number lies nowhere
    const Node& node = nodes_[static_cast<size_t>(at)];
    for (int t = node.first; t < node.first + node.count; ++t) {
      const Triangle& triangle = triangles_[static_cast<size_t>(t)];
      const Vector3d x = nearest_on_triangle(point, triangle.a, triangle.b, triangle.c);
      const double squared = (x - point).squaredNorm();
      if (squared < least || (squared == least && (best.triangle < 0 || triangle.index < best.triangle)))
        least = squared, best.x = x, best.triangle = triangle.index;
    }
    if (node.count > 0 || node.right == 0) continue;
    // The nearer child is looked into first: it is the last one put down.
    std::pair<int, double> near{at + 1, nodes_[static_cast<size_t>(at) + 1].box.squaredExteriorDistance(point)};
    std::pair<int, double> far{node.right, nodes_[static_cast<size_t>(node.right)].box.squaredExteriorDistance(point)};
    if (far.second < near.second) std::swap(near, far);
    todo[depth++] = far;
    todo[depth++] = near;
  }
  if (best.triangle >= 0) best.distance = std::sqrt(least);
  return best;
}

SurfacePoint nearest_on_surface(const Vector3d& point, const TriangleMesh& mesh) {
  SurfacePoint best;
  double least = std::numeric_limits<double>::infinity();
  for (size_t t = 0; t < mesh.triangles.size(); ++t) {
    const int i = static_cast<int>(t);
    const Vector3d nearest =
        nearest_on_triangle(point, mesh.corner(i, 0).cast<double>(), mesh.corner(i, 1).cast<double>(), mesh.corner(i, 2).cast<double>());
    const double squared = (nearest - point).squaredNorm();
    if (squared < least) least = squared, best.x = nearest, best.triangle = i;
  }
  best.distance = std::sqrt(least);
  return best;
}

}  // namespace looking3d
