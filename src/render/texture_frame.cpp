#include "render/texture_frame.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/random.h"

namespace looking3d {
namespace {

/// Covariance of the surface itself, whatever its triangles: a triangle of area A and centroid c has A/12 (sum of v v^T + 9 c c^T).
Eigen::Matrix3f surface_covariance(const TriangleMesh& mesh, const Vector3f& centre) {
  Eigen::Matrix3f sum = Eigen::Matrix3f::Zero();
  for (size_t t = 0; t < mesh.triangles.size(); ++t) {
    const int i = static_cast<int>(t);
    const Vector3f a = mesh.corner(i, 0) - centre, b = mesh.corner(i, 1) - centre, c = mesh.corner(i, 2) - centre;
    const Vector3f mean = (a + b + c) / 3;
    const float area = 0.5f * (b - a).cross(c - a).norm();
    sum += area / 12 * (a * a.transpose() + b * b.transpose() + c * c.transpose() + 9 * mean * mean.transpose());
  }
  return sum;
}

/// Directions of the smallest rectangle around the vertices seen along `normal`, the longer side first. A square seat has no longest
/// axis of variance, but it has sides.
std::pair<Vector3f, Vector3f> sides_of(const TriangleMesh& mesh, const Vector3f& normal, const Vector3f& start) {
  constexpr int kAngles = 45;
  const Vector3f other = normal.cross(start);
  float best_area = std::numeric_limits<float>::max();
  std::pair<Vector3f, Vector3f> best;
  for (int k = 0; k < kAngles; ++k) {
    const float angle = static_cast<float>(k) * (std::numbers::pi_v<float> / 2) / kAngles;
    const Vector3f u = std::cos(angle) * start + std::sin(angle) * other, v = normal.cross(u);
    float low_u = std::numeric_limits<float>::max(), high_u = -low_u, low_v = low_u, high_v = high_u;
    for (const Vector3f& x : mesh.vertices) {
      const float a = u.dot(x), b = v.dot(x);
      low_u = std::min(low_u, a), high_u = std::max(high_u, a), low_v = std::min(low_v, b), high_v = std::max(high_v, b);
    }
    const float width = high_u - low_u, height = high_v - low_v;
    if (width * height >= best_area * 0.999f) continue;
    best_area = width * height;
    best = width >= height ? std::pair{u, v} : std::pair{v, u};
  }
  return best;
}

}  // namespace

TextureFrame TextureFrame::of(const TriangleMesh& mesh, uint64_t seed) {
  TextureFrame frame;
  Rng rng(seed);
  const auto draw = [&](double low, double high) { return static_cast<float>(rng.uniform(low, high)); };
  for (int i = 0; i < 3; ++i) frame.offset[i] = draw(-9, 9);
  const float pith_angle = draw(0, 2 * std::numbers::pi), pith_distance = draw(0.15, 0.7);
  frame.pith = pith_distance * Vector2f(std::cos(pith_angle), std::sin(pith_angle));
  frame.tilt = {draw(-0.12, 0.12), draw(-0.12, 0.12)};
  if (mesh.empty()) return frame;

  frame.centre = area_centroid(mesh).cast<float>();
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3f> solver(surface_covariance(mesh, frame.centre));
  const Vector3f normal = solver.eigenvectors().col(0);
  const auto [along, across] = sides_of(mesh, normal, solver.eigenvectors().col(2));
  frame.texture_from_object.row(0) = along.transpose();
  frame.texture_from_object.row(1) = across.transpose();
  frame.texture_from_object.row(2) = normal.transpose();
  Vector3f high = Vector3f::Zero();
  for (const Vector3f& v : mesh.vertices) high = high.cwiseMax((frame.texture_from_object * (v - frame.centre)).cwiseAbs());
  frame.half_size = high.cwiseMax(1e-4f);
  return frame;
}

}  // namespace looking3d
