#include "geometry/convex_cutter.h"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace looking3d {

using Eigen::Vector3d;

bool ConvexCutter::contains(const Vector3d& x) const {
  return std::all_of(planes.begin(), planes.end(), [&](const HalfSpace& plane) { return plane.height(x) < 0; });
}

ConvexCutter box_cutter(const Vector3d& centre, const Vector3d& half_size, const Eigen::Matrix3d& axes) {
  ConvexCutter cutter;
  for (int a = 0; a < 3; ++a)
    for (const double sign : {-1.0, 1.0}) {
      const Vector3d normal = sign * axes.col(a);
      cutter.planes.push_back({normal, normal.dot(centre) + half_size[a]});
    }
  return cutter;
}

ConvexCutter ball_cutter(const Vector3d& centre, double radius, int facets) {
  ConvexCutter cutter;
  const double golden = std::numbers::pi * (3 - std::sqrt(5.0));
  for (int i = 0; i < facets; ++i) {
    const double z = 1 - (2.0 * i + 1) / facets, r = std::sqrt(1 - z * z);
    const Vector3d normal(r * std::cos(golden * i), r * std::sin(golden * i), z);
    cutter.planes.push_back({normal, normal.dot(centre) + radius});
  }
  return cutter;
}

ConvexCutter jagged_cutter(const Vector3d& centre, double radius, Rng& rng, int facets) {
  ConvexCutter cutter = ball_cutter(centre, radius, facets);
  const Eigen::Matrix3d turn =
      Eigen::AngleAxisd(rng.uniform(0, 6.28), Vector3d(rng.normal(), rng.normal(), rng.normal()).normalized()).toRotationMatrix();
  for (HalfSpace& plane : cutter.planes) {
    const Vector3d tilt(rng.normal(), rng.normal(), rng.normal());
    plane.normal = (turn * plane.normal + 0.25 * tilt).normalized();
    plane.offset = plane.normal.dot(centre) + radius * rng.uniform(0.6, 1.0);
  }
  return cutter;
}

ConvexCutter spike_cutter(const Vector3d& base, const Vector3d& axis, double height, double base_radius, Rng& rng, int sides) {
  // Faces through (nearly) the tip; uneven tilts, so that no more than three meet in a point.
  ConvexCutter cutter;
  cutter.planes.push_back({-axis, -axis.dot(base)});
  const Vector3d u = axis.unitOrthogonal(), v = axis.cross(u);
  const double start = rng.uniform(0, 2 * std::numbers::pi);
  for (int i = 0; i < sides; ++i) {
    const double angle = start + 2 * std::numbers::pi * (i + rng.uniform(-0.2, 0.2)) / sides, radius = base_radius * rng.uniform(0.7, 1.3);
    const Vector3d outward = std::cos(angle) * u + std::sin(angle) * v;
    const Vector3d normal = (outward * height + axis * radius).normalized();
    cutter.planes.push_back({normal, normal.dot(base + radius * outward)});
  }
  return cutter;
}

CutterFrame frame_of(const ConvexCutter& cutter) {
  CutterFrame frame;
  const auto& p = cutter.planes;
  const int count = static_cast<int>(p.size());
  std::map<std::pair<int, int>, std::vector<int>> corners_of_edge;
  for (int i = 0; i < count; ++i)
    for (int j = i + 1; j < count; ++j)
      for (int k = j + 1; k < count; ++k) {
        const Vector3d ij = p[i].normal.cross(p[j].normal);
        const double determinant = ij.dot(p[k].normal);
        if (std::abs(determinant) < 1e-9) continue;
        const Vector3d x =
            (p[k].offset * ij + p[i].offset * p[j].normal.cross(p[k].normal) + p[j].offset * p[k].normal.cross(p[i].normal)) / determinant;
        bool feasible = true;
        for (int other = 0; other < count && feasible; ++other) feasible = other == i || other == j || other == k || p[other].height(x) < 0;
        if (!feasible) continue;
        const int corner = static_cast<int>(frame.corners.size());
        frame.corners.push_back(x);
        for (const auto& edge : {std::pair{i, j}, {j, k}, {i, k}}) corners_of_edge[edge].push_back(corner);
      }
  frame.sound = !frame.corners.empty();
  for (const auto& [planes, ends] : corners_of_edge) {
    if (ends.size() != 2) {
      frame.sound = false;
      continue;
    }
    const Vector3d along = p[planes.first].normal.cross(p[planes.second].normal);
    const bool forward = along.dot(frame.corners[ends[1]] - frame.corners[ends[0]]) > 0;
    frame.edges.push_back({planes.first, planes.second, ends[forward ? 0 : 1], ends[forward ? 1 : 0]});
  }
  return frame;
}

}  // namespace looking3d
