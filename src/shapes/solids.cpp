#include "shapes/solids.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/check.h"
#include "geometry/polygon_fill.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// The loop shrunk by `distance` to its left, corner by corner.
Outline inset(const Outline& loop, double distance) {
  const size_t n = loop.size();
  Outline result;
  for (size_t i = 0; i < n; ++i) {
    const Vector2d before = (loop[i] - loop[(i + n - 1) % n]).normalized(), after = (loop[(i + 1) % n] - loop[i]).normalized();
    const Vector2d a(-before.y(), before.x()), b(-after.y(), after.x());
    result.push_back(loop[i] + distance * (a + b) / std::max(0.35, 1 + a.dot(b)));
  }
  return result;
}

}  // namespace

Outline circle_outline(const Vector2d& centre, double radius, int sides) {
  Outline outline = circle_section(radius, sides);
  for (Vector2d& p : outline) p += centre;
  return outline;
}

Outline rounded_outline(const Outline& corners, double radius, int steps) {
  if (radius <= 0) return corners;
  std::vector<Vector3d> path;
  for (const Vector2d& p : corners) path.emplace_back(p.x(), p.y(), 0);
  Outline outline;
  for (const Vector3d& p : rounded_path(path, radius, true, steps)) outline.emplace_back(p.x(), p.y());
  return outline;
}

Outline rectangle_outline(const Vector2d& centre, const Vector2d& size, double radius) {
  Outline outline = rectangle_section(size.x(), size.y(), radius, 4);
  for (Vector2d& p : outline) p += centre;
  return outline;
}

Outline slot_outline(const Vector2d& a, const Vector2d& b, double radius) {
  const double heading = std::atan2(b.y() - a.y(), b.x() - a.x());
  Outline outline;
  for (int end = 0; end < 2; ++end)
    for (int i = 0; i <= 10; ++i) {
      const double angle = heading - kPi / 2 + kPi * (end + i / 10.0);
      outline.push_back((end == 0 ? b : a) + radius * Vector2d(std::cos(angle), std::sin(angle)));
    }
  return outline;
}

TriangleMesh extruded(const Outline& outline, double thickness, const ExtrusionOptions& options) {
  // Loops with the solid on their left, as one list of points.
  std::vector<Outline> loops{outline};
  for (Outline hole : options.holes) std::reverse(hole.begin(), hole.end()), loops.push_back(std::move(hole));
  std::vector<std::vector<int>> numbers;
  std::vector<Vector2d> edge, cap;
  const double bevel = std::min(options.bevel, thickness / 4), half = thickness / 2;
  for (const Outline& loop : loops) {
    numbers.emplace_back(loop.size());
    std::iota(numbers.back().begin(), numbers.back().end(), static_cast<int>(edge.size()));
    edge.insert(edge.end(), loop.begin(), loop.end());
    const Outline shrunk = bevel > 0 ? inset(loop, bevel) : loop;
    cap.insert(cap.end(), shrunk.begin(), shrunk.end());
  }

  // Rings from the back to the front: a bevelled cap, the sides, the other cap.
  TriangleMesh mesh;
  const auto add_ring = [&](const std::vector<Vector2d>& points, double z) {
    for (const Vector2d& p : points)
      mesh.vertices.emplace_back(static_cast<float>(p.x()), static_cast<float>(p.y()), static_cast<float>(z));
  };
  if (bevel > 0) add_ring(cap, -half);
  for (int i = 0; i <= options.layers; ++i) add_ring(edge, (half - bevel) * (2.0 * i / options.layers - 1));
  if (bevel > 0) add_ring(cap, half);
  const int count = static_cast<int>(edge.size()), rings = static_cast<int>(mesh.vertices.size()) / count;
  for (int r = 0; r + 1 < rings; ++r)
    for (const std::vector<int>& loop : numbers)
      for (size_t i = 0; i < loop.size(); ++i) {
        const int a = r * count + loop[i], b = r * count + loop[(i + 1) % loop.size()];
        mesh.triangles.emplace_back(a, b, b + count);
        mesh.triangles.emplace_back(a, b + count, a + count);
      }
  const Eigen::Vector3i last = Eigen::Vector3i::Constant((rings - 1) * count);
  for (const Eigen::Vector3i& t : fill_region(cap, numbers)) {
    mesh.triangles.emplace_back(t + last);
    mesh.triangles.emplace_back(t[0], t[2], t[1]);
  }
  return mesh;
}

TriangleMesh laid(const TriangleMesh& mesh) {
  return turned(mesh, -kPi / 2, Vector3d::UnitX());
}

TriangleMesh sideways(const TriangleMesh& mesh) {
  return turned(mesh, kPi / 2, Vector3d::UnitY());
}

TriangleMesh placed(const TriangleMesh& mesh, const Vector3d& origin, const Vector3d& axis) {
  const Eigen::Quaterniond turn = Eigen::Quaterniond::FromTwoVectors(Vector3d::UnitY(), axis);
  return transformed(mesh, Eigen::Translation3d(origin) * turn);
}

double head_height(BoltStyle style, double shank_radius) {
  return shank_radius * (style == BoltStyle::kSocket ? 1.9 : style == BoltStyle::kDome ? 1.1 : 1.35);
}

TriangleMesh bolt(BoltStyle style, double shank_radius, double length) {
  const double r = shank_radius, h = head_height(style, r);
  TriangleMesh mesh = lathe({{r * 0.8, -length}, {r, -length + r * 0.25}, {r, h * 0.3}}, 16);
  switch (style) {
    case BoltStyle::kHexagon:
      append(mesh, lathe({{r * 1.95, 0}, {r * 2.05, h * 0.1}, {r * 2.05, h * 0.82}, {r * 1.75, h}}, 6));
      break;
    case BoltStyle::kSocket:
      append(mesh, lathe({{r * 1.6, 0}, {r * 1.6, h * 0.92}, {r * 1.45, h}, {r * 0.9, h}, {r * 0.85, h * 0.4}}, 24));
      break;
    case BoltStyle::kDome:
      append(mesh, lathe({{r * 1.95, 0}, {r * 1.95, h * 0.15}, {r * 1.7, h * 0.6}, {r * 1.1, h * 0.93}, {r * 0.4, h}}, 20));
      break;
    case BoltStyle::kFlanged:
      append(mesh, lathe({{r * 2.5, 0}, {r * 2.5, h * 0.16}, {r * 2.2, h * 0.24}, {r * 0.9, h * 0.26}}, 24));
      append(mesh, lathe({{r * 1.7, h * 0.2}, {r * 1.8, h * 0.3}, {r * 1.8, h * 0.9}, {r * 1.6, h}}, 6));
      break;
  }
  return mesh;
}

TriangleMesh hexagon_nut(double shank_radius) {
  const double r = shank_radius;
  TriangleMesh mesh = lathe({{r * 1.95, 0}, {r * 2.05, r * 0.15}, {r * 2.05, r * 1.35}, {r * 1.8, r * 1.5}}, 6);
  append(mesh, lathe({{r, r * 0.5}, {r, r * 2.1}, {r * 0.75, r * 2.4}}, 16));
  return mesh;
}

TriangleMesh washer(double shank_radius) {
  const double r = shank_radius;
  return lathe_loop({{r * 2.6, 0}, {r * 2.6, r * 0.3}, {r * 0.9, r * 0.3}, {r * 0.9, 0}}, 24);
}

TriangleMesh handwheel(double radius, double thickness, int spokes) {
  std::vector<Vector3d> rim;
  for (int i = 0; i < 36; ++i) rim.emplace_back(radius * std::sin(2 * kPi * i / 36), 0, radius * std::cos(2 * kPi * i / 36));
  TriangleMesh mesh = sweep_loop(rim, circle_section(thickness / 2, 10), Vector3d::UnitY());
  const double hub = std::max(radius * 0.2, thickness * 0.7);
  append(mesh, lathe({{hub * 0.9, -thickness * 0.8}, {hub, -thickness * 0.6}, {hub, thickness * 0.4}, {hub * 0.8, thickness * 0.6}}, 20));
  for (int i = 0; i < spokes; ++i) {
    const Vector3d out(std::sin(2 * kPi * i / spokes), 0, std::cos(2 * kPi * i / spokes));
    append(mesh, sweep({out * hub * 0.5, out * radius}, rectangle_section(thickness * 0.8, thickness * 0.5, thickness * 0.15),
                       Vector3d::UnitY()));
  }
  return mesh;
}

}  // namespace looking3d
