#include "geometry/mesh_cut.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>

#include "base/check.h"

namespace looking3d {
namespace {

using Eigen::Vector2d;
using Eigen::Vector3d;
using Eigen::Vector3f;
using Polygon = std::vector<Vector3d>;

double height_over(const HalfSpace& plane, const Vector3d& x) {
  return plane.normal.dot(x) - plane.offset;
}

/// The part of a convex polygon on one side of a plane: inside where sign is -1, outside where it is +1.
Polygon clip(const Polygon& polygon, const HalfSpace& plane, int sign) {
  Polygon kept;
  for (size_t i = 0; i < polygon.size(); ++i) {
    const Vector3d &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    const double ha = sign * height_over(plane, a), hb = sign * height_over(plane, b);
    if (ha >= 0) kept.push_back(a);
    if ((ha > 0 && hb < 0) || (ha < 0 && hb > 0)) kept.push_back(a + (b - a) * (ha / (ha - hb)));
  }
  if (kept.size() < 3) kept.clear();
  return kept;
}

bool has_area(const Polygon& polygon) {
  Vector3d sum = Vector3d::Zero();
  for (size_t i = 1; i + 1 < polygon.size(); ++i) sum += (polygon[i] - polygon[0]).cross(polygon[i + 1] - polygon[0]);
  return sum.norm() > 1e-14;
}

/// Adds polygons to a mesh as triangle fans; equal positions become one vertex, those of the input mesh keep their index.
class MeshBuilder {
 public:
  explicit MeshBuilder(const std::vector<Vector3f>& vertices) {
    mesh.vertices = vertices;
    for (size_t i = 0; i < vertices.size(); ++i) index_.try_emplace(key(vertices[i]), static_cast<int>(i));
  }
  void add(const Polygon& polygon) {
    std::vector<int> ring;
    for (const Vector3d& x : polygon) {
      const Vector3f v = x.cast<float>();
      const auto [at, fresh] = index_.try_emplace(key(v), static_cast<int>(mesh.vertices.size()));
      if (fresh) mesh.vertices.push_back(v);
      if (ring.empty() || ring.back() != at->second) ring.push_back(at->second);
    }
    for (size_t i = 1; i + 1 < ring.size(); ++i)
      if (ring[0] != ring[i] && ring[i] != ring[i + 1] && ring[i + 1] != ring[0])
        mesh.triangles.emplace_back(ring[0], ring[i], ring[i + 1]);
  }
  TriangleMesh mesh;

 private:
  static std::array<float, 3> key(const Vector3f& v) { return {v.x(), v.y(), v.z()}; }
  std::map<std::array<float, 3>, int> index_;
};

struct Segment {
  Vector2d a, b;  ///< a.y() <= b.y()
  double at(double y) const { return a.x() + (b.x() - a.x()) * ((y - a.y()) / (b.y() - a.y())); }
};

/// Where the mesh crosses a plane, in the plane's (u, v) coordinates.
std::vector<Segment> section(const TriangleMesh& mesh, const HalfSpace& plane, const Vector3d& u, const Vector3d& v) {
  std::vector<Segment> segments;
  for (size_t t = 0; t < mesh.triangles.size(); ++t) {
    std::vector<Vector2d> ends;
    for (int k = 0; k < 3; ++k) {
      // Each edge is cut the same way from both of its triangles: ends in index order.
      const auto [i, j] = std::minmax(mesh.triangles[t][k], mesh.triangles[t][(k + 1) % 3]);
      const Vector3d a = mesh.vertices[i].cast<double>(), b = mesh.vertices[j].cast<double>();
      const double ha = height_over(plane, a), hb = height_over(plane, b);
      if ((ha < 0) == (hb < 0)) continue;
      const Vector3d x = a + (b - a) * (ha / (ha - hb));
      ends.emplace_back(u.dot(x), v.dot(x));
    }
    if (ends.size() != 2 || ends[0].y() == ends[1].y()) continue;
    if (ends[0].y() > ends[1].y()) std::swap(ends[0], ends[1]);
    segments.push_back({ends[0], ends[1]});
  }
  return segments;
}

/// The inside of the section as trapezoids between neighbouring segment ends (even-odd rule). False when some line crosses an odd
/// number of segments: the section is open.
bool trapezoids(const std::vector<Segment>& segments, double low, double high, std::vector<std::array<Vector2d, 4>>& out) {
  std::vector<double> levels{low, high};
  for (const Segment& s : segments)
    for (const double y : {s.a.y(), s.b.y()})
      if (y > low && y < high) levels.push_back(y);
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  bool closed = true;
  for (size_t i = 0; i + 1 < levels.size(); ++i) {
    const double y0 = levels[i], y1 = levels[i + 1], middle = (y0 + y1) / 2;
    if (y1 - y0 < 1e-12) continue;
    std::vector<const Segment*> crossing;
    for (const Segment& s : segments)
      if (s.a.y() <= y0 && s.b.y() >= y1) crossing.push_back(&s);
    std::sort(crossing.begin(), crossing.end(), [&](const Segment* a, const Segment* b) { return a->at(middle) < b->at(middle); });
    closed = closed && crossing.size() % 2 == 0;
    for (size_t k = 0; k + 1 < crossing.size(); k += 2)
      out.push_back({Vector2d(crossing[k]->at(y0), y0), Vector2d(crossing[k + 1]->at(y0), y0), Vector2d(crossing[k + 1]->at(y1), y1),
                     Vector2d(crossing[k]->at(y1), y1)});
  }
  return closed;
}

/// Corners of the cutter, to bound the part of each plane that can carry a cut face.
std::vector<Vector3d> corners_of(const ConvexCutter& cutter) {
  std::vector<Vector3d> corners;
  const auto& p = cutter.planes;
  for (size_t i = 0; i < p.size(); ++i)
    for (size_t j = i + 1; j < p.size(); ++j)
      for (size_t k = j + 1; k < p.size(); ++k) {
        Eigen::Matrix3d m;
        m << p[i].normal.transpose(), p[j].normal.transpose(), p[k].normal.transpose();
        if (std::abs(m.determinant()) < 1e-6) continue;
        const Vector3d x = m.inverse() * Vector3d(p[i].offset, p[j].offset, p[k].offset);
        if (std::all_of(p.begin(), p.end(), [&](const HalfSpace& h) { return height_over(h, x) < 1e-9; })) corners.push_back(x);
      }
  return corners;
}

}  // namespace

bool ConvexCutter::contains(const Vector3d& x) const {
  return std::all_of(planes.begin(), planes.end(), [&](const HalfSpace& plane) { return height_over(plane, x) < 0; });
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

CutResult subtract(const TriangleMesh& mesh, const ConvexCutter& cutter) {
  CutResult result;
  MeshBuilder builder(mesh.vertices);
  builder.mesh.triangles.reserve(mesh.triangles.size());

  // Outer surface: untouched triangles as they are, crossed ones as their pieces outside each plane in turn.
  for (size_t t = 0; t < mesh.triangles.size(); ++t) {
    Polygon inside;
    for (int k = 0; k < 3; ++k) inside.push_back(mesh.corner(static_cast<int>(t), k).cast<double>());
    std::vector<Polygon> outside;
    for (const HalfSpace& plane : cutter.planes) {
      if (inside.empty()) break;
      outside.push_back(clip(inside, plane, +1));
      inside = clip(inside, plane, -1);
    }
    if (inside.empty() || !has_area(inside)) {
      builder.mesh.triangles.push_back(mesh.triangles[t]);
      continue;
    }
    ++result.touched_triangles;
    for (const Polygon& piece : outside)
      if (!piece.empty()) builder.add(piece);
  }
  if (result.touched_triangles == 0) return {mesh, 0, true};

  // Cut faces: each facet of the cutter inside the solid, seen from the cutter's inside.
  const std::vector<Vector3d> corners = corners_of(cutter);
  for (size_t i = 0; i < cutter.planes.size(); ++i) {
    const HalfSpace& plane = cutter.planes[i];
    const Vector3d u = plane.normal.unitOrthogonal(), v = plane.normal.cross(u);
    double low = 1e300, high = -1e300;
    for (const Vector3d& corner : corners)
      if (std::abs(height_over(plane, corner)) < 1e-7) low = std::min(low, v.dot(corner)), high = std::max(high, v.dot(corner));
    if (low >= high) continue;
    std::vector<std::array<Vector2d, 4>> cells;
    result.closed = trapezoids(section(mesh, plane, u, v), low, high, cells) && result.closed;
    for (const auto& cell : cells) {
      Polygon face;
      for (int k = 3; k >= 0; --k) face.push_back(plane.normal * plane.offset + u * cell[k].x() + v * cell[k].y());
      for (size_t j = 0; j < cutter.planes.size() && !face.empty(); ++j)
        if (j != i) face = clip(face, cutter.planes[j], -1);
      if (!face.empty() && has_area(face)) builder.add(face);
    }
  }
  result.mesh = std::move(builder.mesh);
  return result;
}

}  // namespace looking3d
