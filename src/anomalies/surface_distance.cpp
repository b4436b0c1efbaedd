#include "anomalies/surface_distance.h"

#include <algorithm>

#include "anomalies/surface_tree.h"

namespace looking3d {
namespace {

using Eigen::Vector3d;

double mean_distance(const TriangleMesh& from, const SurfaceTree& to, int samples) {
  double sum = 0;
  for (const Vector3d& x : sample_surface(from, samples, Rng(identity(0, "surface distance")))) sum += to.distance(x);
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

double surface_distance(const TriangleMesh& a, const TriangleMesh& b, int samples) {
  return std::max(mean_distance(a, SurfaceTree(b), samples), mean_distance(b, SurfaceTree(a), samples));
}

}  // namespace looking3d
