#include "anomalies/surface_distance.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace looking3d {
namespace {

using Eigen::Vector3d;

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

double mean_distance(const TriangleMesh& from, const TriangleMesh& to, int samples) {
  double sum = 0;
  for (const Vector3d& x : sample_surface(from, samples, Rng(identity(0, "surface distance")))) sum += distance_to_surface(x, to);
  return sum / samples;
}

}  // namespace

std::vector<Vector3d> sample_surface(const TriangleMesh& mesh, int count, Rng rng) {
  std::vector<double> cumulative;
  double total = 0;
  for (size_t t = 0; t < mesh.triangles.size(); ++t) {
    const Vector3d a = mesh.corner(static_cast<int>(t), 0).cast<double>();
    const Vector3d ab = mesh.corner(static_cast<int>(t), 1).cast<double>() - a, ac = mesh.corner(static_cast<int>(t), 2).cast<double>() - a;
    cumulative.push_back(total += ab.cross(ac).norm() / 2);
  }
  std::vector<Vector3d> points;
  for (int i = 0; i < count && total > 0; ++i) {
    const double at = (i + rng.uniform()) / count * total;  // stratified by area
    const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), at);
    const int t = static_cast<int>(std::min<size_t>(found - cumulative.begin(), mesh.triangles.size() - 1));
    double u = rng.uniform(), v = rng.uniform();
    if (u + v > 1) u = 1 - u, v = 1 - v;
    const Vector3d a = mesh.corner(t, 0).cast<double>(), b = mesh.corner(t, 1).cast<double>(), c = mesh.corner(t, 2).cast<double>();
    points.push_back(a + u * (b - a) + v * (c - a));
  }
  return points;
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

double distance_to_surface(const Vector3d& point, const TriangleMesh& mesh) {
  return nearest_on_surface(point, mesh).distance;
}

double surface_distance(const TriangleMesh& a, const TriangleMesh& b, int samples) {
  return std::max(mean_distance(a, b, samples), mean_distance(b, a, samples));
}

}  // namespace looking3d
