// The smallest sphere around points, exactly: so that a shape comes to lie in its canonical frame in one way only.
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/check.h"
#include "geometry/mesh.h"

namespace looking3d {

using Eigen::Vector3d;
using Eigen::Vector3f;

namespace {

/// The sphere through up to four points whose centre lies in their affine hull; nothing when they are dependent.
std::optional<BoundingSphere> sphere_through(const std::vector<Vector3d>& points) {
  if (points.size() == 1) return BoundingSphere{points[0], 0};
  const auto count = static_cast<Eigen::Index>(points.size()) - 1;
  Eigen::MatrixXd edges(3, count);
  for (Eigen::Index i = 0; i < count; ++i) edges.col(i) = points[static_cast<size_t>(i) + 1] - points[0];
  const Eigen::FullPivLU<Eigen::MatrixXd> gram(2 * edges.transpose() * edges);
  if (!gram.isInvertible()) return std::nullopt;
  const Vector3d offset = edges * gram.solve(edges.colwise().squaredNorm().transpose());
  return BoundingSphere{points[0] + offset, offset.norm()};
}

/// Smallest sphere around up to five points, by trying all sets of at most four that may carry it; `points` become that set.
BoundingSphere sphere_around(std::vector<Vector3d>& points, double slack) {
  BoundingSphere best{Vector3d::Zero(), std::numeric_limits<double>::infinity()};
  std::vector<Vector3d> carriers;
  for (unsigned set = 1; set < 1u << points.size(); ++set) {
    std::vector<Vector3d> chosen;
    for (size_t i = 0; i < points.size(); ++i)
      if (set >> i & 1) chosen.push_back(points[i]);
    if (chosen.size() > 4) continue;
    const auto sphere = sphere_through(chosen);
    if (!sphere || sphere->radius >= best.radius) continue;
    if (std::any_of(points.begin(), points.end(), [&](const Vector3d& p) { return (p - sphere->centre).norm() > sphere->radius + slack; }))
      continue;
    best = *sphere;
    carriers = chosen;
  }
  points = carriers;
  return best;
}

}  // namespace

BoundingSphere bounding_sphere(const std::vector<Vector3f>& points) {
  L3D_CHECK(!points.empty());
  Eigen::AlignedBox3d box;
  for (const Vector3f& p : points) box.extend(p.cast<double>());
  const double slack = 1e-12 * (box.diagonal().norm() + box.center().norm());

  // Grow the sphere of a few carriers by the farthest point outside it (Gaertner 1999): each step makes it larger, so it ends.
  std::vector<Vector3d> carriers = {points[0].cast<double>()};
  BoundingSphere sphere{carriers[0], 0};
  while (true) {
    const auto farthest = *std::max_element(points.begin(), points.end(), [&](const Vector3f& a, const Vector3f& b) {
      return (a.cast<double>() - sphere.centre).squaredNorm() < (b.cast<double>() - sphere.centre).squaredNorm();
    });
    const double distance = (farthest.cast<double>() - sphere.centre).norm();
    if (distance <= sphere.radius + slack) return {sphere.centre, std::max(distance, sphere.radius)};
    carriers.push_back(farthest.cast<double>());
    const BoundingSphere grown = sphere_around(carriers, slack);
    if (!std::isfinite(grown.radius) || grown.radius <= sphere.radius) return {sphere.centre, distance};  // as good as rounding allows
    sphere = grown;
  }
}

}  // namespace looking3d
