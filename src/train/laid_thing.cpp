#include "train/laid_thing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace looking3d {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr double kLies = 0.75;          ///< share of the things that lie rather than lean
constexpr double kFacesUp = 0.85;       ///< cosine from which a surface carries what lies on it
constexpr double kLeastSurface = 0.02;  ///< of the object's pixels
constexpr double kSameSurface = 0.9;    ///< cosine of normals
constexpr double kFlat = 0.05;          ///< canonical units a surface's points may lie off its plane
constexpr double kLeastHalf = 0.08;     ///< canonical units
constexpr double kSink = 0.06;          ///< share of its thickness that a thing sinks in

struct Seen {
  Vector3d point, normal;
};

std::vector<Seen> seen_points(const Layers& layers, const Camera& camera) {
  const Matrix3d world_from_camera = camera.camera_from_world.linear().transpose();
  std::vector<Seen> seen;
  for (int y = 0; y < layers.depth.rows; ++y)
    for (int x = 0; x < layers.depth.cols; ++x) {
      const float depth = layers.depth.at<float>(y, x);
      if (depth == 0) continue;
      const cv::Vec3f& n = layers.normal.at<cv::Vec3f>(y, x);
      seen.push_back({camera.unproject(x + 0.5, y + 0.5, depth), world_from_camera * Vector3d(n[0], n[1], n[2])});
    }
  return seen;
}

/// What a thing is like: lengths relative to the surface that carries it, and how round it is in profile and in plan (0: a box, 1: an
/// ellipsoid).
struct Form {
  double length, width, thickness, profile, plan;
};

Form draw_form(bool lies, Rng& rng) {
  if (rng.bernoulli(0.3)) {  // a parcel, a tin, a ball
    const double size = rng.uniform(0.2, 0.6);
    return {size, size * rng.uniform(0.5, 1), rng.uniform(0.4, 1.2), rng.pick_from(std::array{0.12, 0.12, 1.0}),
            rng.pick_from(std::array{0.12, 1.0})};
  }
  const double size = lies ? rng.uniform(0.55, 1.1) : rng.uniform(0.4, 0.95);
  return {size, size * rng.uniform(0.8, 1.1), rng.log_uniform(0.08, 0.45), rng.uniform(0.3, 0.9),
          rng.bernoulli(0.25) ? 1.0 : rng.uniform(0.15, 0.5)};
}

double signed_power(double x, double power) {
  return std::copysign(std::pow(std::abs(x), power), x);
}

/// With its axes as the columns of `axes`, half lengths of its own along them.
TriangleMesh superellipsoid(const Vector3d& middle, const Matrix3d& axes, const Vector3d& half, double profile, double plan) {
  constexpr int kRings = 20, kSides = 36;
  TriangleMesh mesh;
  for (int ring = 0; ring <= kRings; ++ring) {
    const double up = std::numbers::pi * (static_cast<double>(ring) / kRings - 0.5);
    for (int side = 0; side < kSides; ++side) {
      const double about = 2 * std::numbers::pi * side / kSides, out = signed_power(std::cos(up), profile);
      const Vector3d local(half.x() * out * signed_power(std::cos(about), plan), half.y() * out * signed_power(std::sin(about), plan),
                           half.z() * signed_power(std::sin(up), profile));
      mesh.vertices.emplace_back((middle + axes * local).cast<float>());
    }
  }
  for (int ring = 0; ring < kRings; ++ring)
    for (int side = 0; side < kSides; ++side) {
      const int a = ring * kSides + side, b = ring * kSides + (side + 1) % kSides;
      mesh.triangles.emplace_back(a, b, b + kSides);
      mesh.triangles.emplace_back(a, b + kSides, a + kSides);
    }
  return mesh;
}

/// The middle and half length of what lies between the fifth and the last but fifth of a hundred values.
std::pair<double, double> extent(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const double low = values[values.size() / 20], high = values[values.size() - 1 - values.size() / 20];
  return {(low + high) / 2, (high - low) / 2};
}

}  // namespace

std::optional<LaidThing> thing_on(const Layers& piece, const Camera& camera, Rng rng) {
  const std::vector<Seen> seen = seen_points(piece, camera);
  const bool lies = rng.bernoulli(kLies);
  std::vector<Seen> carrying;
  for (const Seen& s : seen)
    if (lies ? s.normal.y() > kFacesUp : std::abs(s.normal.y()) < 0.5) carrying.push_back(s);
  const double least = std::max(8.0, kLeastSurface * static_cast<double>(seen.size()));
  if (static_cast<double>(carrying.size()) < least) return std::nullopt;

  const Seen on = rng.pick_from(carrying);
  std::vector<Vector3d> surface;
  for (const Seen& s : carrying)
    if (s.normal.dot(on.normal) > kSameSurface && std::abs(on.normal.dot(s.point - on.point)) < kFlat) surface.push_back(s.point);
  if (static_cast<double>(surface.size()) < least) return std::nullopt;

  // Along the surface: across the piece or horizontally, a little turned.
  const Vector3d across = (lies ? Vector3d::UnitZ() : Vector3d::UnitY()).cross(on.normal).normalized() * (lies ? -1 : 1);
  const double turn = rng.bernoulli(0.2) ? rng.uniform(0, 2 * std::numbers::pi) : 0.12 * rng.normal();
  Matrix3d axes;
  axes.col(2) = on.normal;
  axes.col(0) = Eigen::AngleAxisd(turn, on.normal) * across;
  axes.col(1) = on.normal.cross(axes.col(0));
  std::array<std::vector<double>, 2> along;
  for (const Vector3d& point : surface)
    for (int k = 0; k < 2; ++k) along[static_cast<size_t>(k)].push_back(axes.col(k).dot(point - on.point));
  const auto [mid_u, half_u] = extent(along[0]);
  const auto [mid_v, half_v] = extent(along[1]);

  const Form form = draw_form(lies, rng);
  Vector3d half(form.length * half_u, form.width * half_v, 0);
  half = half.cwiseMax(half.maxCoeff() / 3);  // a surface that the picture shows as a sliver
  half.z() = form.thickness * half.head<2>().minCoeff();
  if (half.head<2>().minCoeff() < kLeastHalf) return std::nullopt;
  const double u = mid_u + rng.uniform(-0.5, 0.5) * (1 - std::min(form.length, 1.0)) * half_u,
               v = mid_v + rng.uniform(-0.5, 0.5) * (1 - std::min(form.width, 1.0)) * half_v;
  const Vector3d middle = on.point + u * axes.col(0) + v * axes.col(1) + (1 - 2 * kSink) * half.z() * on.normal;
  const Matrix3d tilted = Eigen::AngleAxisd(0.06 * rng.normal(), axes.col(0)) * Eigen::AngleAxisd(0.06 * rng.normal(), axes.col(1)) * axes;
  return LaidThing{superellipsoid(middle, tilted, half, form.profile, form.plan), middle, tilted, half.head<2>().maxCoeff()};
}

}  // namespace looking3d
