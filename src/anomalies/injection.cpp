#include "anomalies/injection.h"

#include <Eigen/SVD>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "anomalies/surface_distance.h"
#include "anomalies/surface_tree.h"

namespace looking3d {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

PartFrame box_along(const TriangleMesh& mesh, const Matrix3d& axes) {
  Eigen::AlignedBox3d box;
  for (const auto& v : mesh.vertices) box.extend(axes.transpose() * v.cast<double>());
  std::array<int, 3> order{0, 1, 2};
  const Vector3d half = box.sizes() / 2;
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return half[a] > half[b]; });
  PartFrame frame{axes * box.center(), axes, half};
  for (int k = 0; k < 3; ++k) frame.axes.col(k) = axes.col(order[k]), frame.half[k] = half[order[k]];
  if (frame.axes.determinant() < 0) frame.axes.col(2) *= -1;
  return frame;
}

}  // namespace

bool Injection::out_of_place(const TriangleMesh& changed) const {
  double floor_y = 1;
  for (const Part& part : normal.parts) floor_y = std::min(floor_y, bounding_box(part.mesh).min().y());
  return std::any_of(changed.vertices.begin(), changed.vertices.end(),
                     [&](const Eigen::Vector3f& v) { return v.y() < floor_y - kFloorSlack || v.norm() > kReach; });
}

Anomaly Injection::replace(AnomalyKind kind, TriangleMesh mesh, double magnitude, Json parameters) const {
  Anomaly anomaly{kind, normal, target().name, target().label, magnitude, std::move(parameters)};
  anomaly.shape.parts[part].mesh = std::move(mesh);
  return anomaly;
}

Json vector_json(const Vector3d& v) {
  return {v.x(), v.y(), v.z()};
}

Vector3d random_direction(Rng& rng) {
  const double z = rng.normal(), y = rng.normal(), x = rng.normal();
  const Vector3d v(x, y, z);
  return v.norm() > 1e-9 ? Vector3d(v.normalized()) : Vector3d(1, 0, 0);
}

PartFrame frame_of(const TriangleMesh& mesh) {
  const Vector3d mean = area_centroid(mesh);
  Matrix3d covariance = Matrix3d::Zero();
  for (const Vector3d& x : sample_surface(mesh, 200, Rng(identity(0, "axes")))) covariance += (x - mean) * (x - mean).transpose();
  const PartFrame upright = box_along(mesh, Matrix3d::Identity());
  const PartFrame spread = box_along(mesh, Eigen::JacobiSVD<Matrix3d>(covariance, Eigen::ComputeFullU).matrixU());
  return spread.half.prod() < 0.9 * upright.half.prod() ? spread : upright;
}

Joint joint_of(const Shape& shape, int part) {
  Joint joint;
  joint.point = area_centroid(shape.parts[part].mesh);
  joint.gap = std::numeric_limits<double>::infinity();
  std::vector<Vector3d> points = sample_surface(shape.parts[part].mesh, 80, Rng(identity(0, "joint")));
  for (size_t other = 0; other < shape.parts.size(); ++other) {
    if (static_cast<int>(other) == part) continue;
    const TriangleMesh& mesh = shape.parts[other].mesh;
    const SurfaceTree tree(mesh);
    for (const Vector3d& x : points) {
      const SurfacePoint nearest = tree.nearest(x, joint.gap);
      if (nearest.triangle < 0 || nearest.distance >= joint.gap) continue;
      const auto a = mesh.corner(nearest.triangle, 0), b = mesh.corner(nearest.triangle, 1), c = mesh.corner(nearest.triangle, 2);
      const Vector3d normal = (b - a).cross(c - a).cast<double>();
      joint = {static_cast<int>(other), nearest.distance, nearest.x, normal.norm() > 0 ? Vector3d(normal.normalized()) : joint.normal};
    }
  }
  if (joint.neighbour < 0) joint.gap = 0;
  return joint;
}

double gap_between(const TriangleMesh& a, const TriangleMesh& b, int samples) {
  double gap = std::numeric_limits<double>::infinity();
  const auto probe = [&](const TriangleMesh& from, const TriangleMesh& to) {
    const SurfaceTree tree(to);
    for (const Vector3d& x : sample_surface(from, samples, Rng(identity(0, "gap")))) gap = std::min(gap, tree.nearest(x, gap).distance);
  };
  probe(a, b);
  probe(b, a);
  return gap;
}

}  // namespace looking3d
