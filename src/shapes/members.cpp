#include "shapes/members.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// One coordinate of the rounded box: a point of the inner box, and how far it leans outward in [-1, 1].
struct Rib {
  double inner, lean;
};

/// Ribs along one axis: across the lower edge, over the flat part, across the upper edge.
std::vector<Rib> ribs(double inner, int round_segments, int divisions) {
  std::vector<Rib> result;
  for (int i = 0; i < round_segments; ++i) result.push_back({-inner, -std::tan(kPi / 4 * (round_segments - i) / round_segments)});
  for (int i = 0; i <= divisions; ++i) result.push_back({inner * (2.0 * i / divisions - 1), 0});
  for (int i = 1; i <= round_segments; ++i) result.push_back({inner, std::tan(kPi / 4 * i / round_segments)});
  return result;
}

void add_quad(TriangleMesh& mesh, int a, int b, int c, int d) {
  mesh.triangles.emplace_back(a, b, c);
  mesh.triangles.emplace_back(a, c, d);
}

/// Frames along a path: tangent, and two axes across it that turn as little as possible.
struct Frame {
  Vector3d position, across, up;
};

std::vector<Frame> frames_along(const std::vector<Vector3d>& path, const Vector3d& up, bool closed) {
  const size_t n = path.size();
  L3D_CHECK_GE(n, size_t{2});
  const auto tangent_at = [&](size_t i) -> Vector3d {
    if (closed) return (path[(i + 1) % n] - path[(i + n - 1) % n]).normalized();
    return (path[std::min(i + 1, n - 1)] - path[i == 0 ? 0 : i - 1]).normalized();
  };
  std::vector<Frame> frames;
  Vector3d tangent = tangent_at(0);
  Vector3d axis = up - tangent * tangent.dot(up);
  if (axis.norm() < 1e-6) axis = tangent.unitOrthogonal();
  for (size_t i = 0; i < n; ++i) {
    const Vector3d next = tangent_at(i);
    axis = Eigen::Quaterniond::FromTwoVectors(tangent, next) * axis;
    axis = (axis - next * next.dot(axis)).normalized();
    tangent = next;
    frames.push_back({path[i], axis.cross(next), axis});
  }
  return frames;
}

/// Rings of `sides` vertices each, one after another.
void add_ring_quads(TriangleMesh& mesh, int rings, int sides, bool closed) {
  const int last = closed ? rings : rings - 1;
  for (int r = 0; r < last; ++r)
    for (int s = 0; s < sides; ++s) {
      const int a = r * sides + s, b = r * sides + (s + 1) % sides;
      const int c = ((r + 1) % rings) * sides + (s + 1) % sides, d = ((r + 1) % rings) * sides + s;
      add_quad(mesh, a, b, c, d);
    }
}

/// Closes the ring that starts at vertex `first` with a fan around its centre.
void add_cap(TriangleMesh& mesh, int first, int sides, bool at_start) {
  Eigen::Vector3f centre = Eigen::Vector3f::Zero();
  for (int s = 0; s < sides; ++s) centre += mesh.vertices[first + s] / static_cast<float>(sides);
  const int middle = static_cast<int>(mesh.vertices.size());
  mesh.vertices.push_back(centre);
  for (int s = 0; s < sides; ++s) {
    const int a = first + s, b = first + (s + 1) % sides;
    at_start ? mesh.triangles.emplace_back(middle, b, a) : mesh.triangles.emplace_back(middle, a, b);
  }
}

}  // namespace

TriangleMesh rounded_box(const Vector3d& size, const RoundedBoxOptions& options) {
  const Vector3d half = size / 2;
  const double radius = std::min(options.radius, half.minCoeff() * 0.98);
  std::array<std::vector<Rib>, 3> axes;
  for (int a = 0; a < 3; ++a) axes[a] = ribs(half[a] - radius, options.round_segments, options.divisions[a]);

  // Vertices of the six faces, shared where faces meet, keyed by their rib numbers.
  TriangleMesh mesh;
  std::map<std::array<int, 3>, int> index;
  const auto vertex = [&](const std::array<int, 3>& key) {
    const auto [at, fresh] = index.try_emplace(key, static_cast<int>(mesh.vertices.size()));
    if (fresh) {
      Vector3d inner, lean;
      for (int a = 0; a < 3; ++a) inner[a] = axes[a][key[a]].inner, lean[a] = axes[a][key[a]].lean;
      mesh.vertices.push_back((inner + radius * lean.normalized()).cast<float>());
    }
    return at->second;
  };
  for (int a = 0; a < 3; ++a) {
    const int b = (a + 1) % 3, c = (a + 2) % 3;
    const int last = static_cast<int>(axes[a].size()) - 1;
    for (const int side : {0, last})
      for (int i = 0; i + 1 < static_cast<int>(axes[b].size()); ++i)
        for (int j = 0; j + 1 < static_cast<int>(axes[c].size()); ++j) {
          const auto at = [&](int di, int dj) {
            std::array<int, 3> key{};
            key[a] = side, key[b] = i + di, key[c] = j + dj;
            return vertex(key);
          };
          side == 0 ? add_quad(mesh, at(0, 0), at(0, 1), at(1, 1), at(1, 0)) : add_quad(mesh, at(0, 0), at(1, 0), at(1, 1), at(0, 1));
        }
  }
  return mesh;
}

TriangleMesh deformed(TriangleMesh mesh, const std::function<Vector3d(const Vector3d&)>& map) {
  for (auto& v : mesh.vertices) v = map(v.cast<double>()).cast<float>();
  return mesh;
}

Section circle_section(double radius, int sides) {
  Section section;
  for (int i = 0; i < sides; ++i) section.emplace_back(radius * std::cos(2 * kPi * i / sides), radius * std::sin(2 * kPi * i / sides));
  return section;
}

Section rectangle_section(double width, double height, double corner_radius, int corner_segments) {
  const double r = std::min({corner_radius, width * 0.49, height * 0.49});
  Section section;
  for (int corner = 0; corner < 4; ++corner) {
    const double sx = corner == 0 || corner == 3 ? 1 : -1, sy = corner < 2 ? 1 : -1;
    for (int i = 0; i <= corner_segments; ++i) {
      const double angle = kPi / 2 * (corner + static_cast<double>(i) / corner_segments);
      section.emplace_back(sx * (width / 2 - r) + r * std::cos(angle), sy * (height / 2 - r) + r * std::sin(angle));
    }
  }
  return section;
}

Taper tapered_to(double end) {
  return [end](double s) { return Vector2d::Constant(1 + s * (end - 1)).eval(); };
}

TriangleMesh sweep(const std::vector<Vector3d>& path, const Section& section, const Vector3d& up, const Taper& taper) {
  std::vector<double> along{0};
  for (size_t i = 1; i < path.size(); ++i) along.push_back(along.back() + (path[i] - path[i - 1]).norm());
  std::vector<Frame> frames = frames_along(path, up, false);

  // Bevel the ends: two more rings just inside the first and the last one, which shrink.
  double size = 0;
  for (const Vector2d& p : section) size = std::max(size, p.norm());
  const size_t n = path.size();
  const double start_bevel = std::min(0.16 * size, 0.3 * along[1]), end_bevel = std::min(0.16 * size, 0.3 * (along[n - 1] - along[n - 2]));
  const auto inside = [](const Frame& at, const Frame& next, double distance) {
    Frame ring = at;
    ring.position += (next.position - at.position).normalized() * distance;
    return ring;
  };
  const Frame first = inside(frames[0], frames[1], start_bevel), last = inside(frames[n - 1], frames[n - 2], end_bevel);
  frames.insert(frames.begin() + 1, first), along.insert(along.begin() + 1, start_bevel);
  frames.insert(frames.end() - 1, last), along.insert(along.end() - 1, along.back() - end_bevel);

  const int rings = static_cast<int>(frames.size()), sides = static_cast<int>(section.size());
  TriangleMesh mesh;
  for (int r = 0; r < rings; ++r) {
    Vector2d factor = taper ? taper(along[r] / along.back()) : Vector2d(1, 1);
    if (r == 0 || r == rings - 1) factor *= 1 - (r == 0 ? start_bevel : end_bevel) / size;
    for (const Vector2d& p : section)
      mesh.vertices.push_back(
          (frames[r].position + factor.x() * p.x() * frames[r].across + factor.y() * p.y() * frames[r].up).cast<float>());
  }
  add_ring_quads(mesh, rings, sides, false);
  add_cap(mesh, 0, sides, true);
  add_cap(mesh, (rings - 1) * sides, sides, false);
  return mesh;
}

TriangleMesh sweep_loop(const std::vector<Vector3d>& loop, const Section& section, const Vector3d& up) {
  const std::vector<Frame> frames = frames_along(loop, up, true);
  TriangleMesh mesh;
  for (const Frame& frame : frames)
    for (const Vector2d& p : section) mesh.vertices.push_back((frame.position + p.x() * frame.across + p.y() * frame.up).cast<float>());
  add_ring_quads(mesh, static_cast<int>(frames.size()), static_cast<int>(section.size()), true);
  return mesh;
}

std::vector<Vector3d> spline(const std::vector<Vector3d>& points, int steps) {
  if (points.size() < 3) return points;
  std::vector<Vector3d> curve;
  const int n = static_cast<int>(points.size());
  for (int i = 0; i + 1 < n; ++i) {
    const Vector3d p1 = points[i], p2 = points[i + 1];
    const Vector3d p0 = i > 0 ? points[i - 1] : Vector3d(2 * p1 - p2);
    const Vector3d p3 = i + 2 < n ? points[i + 2] : Vector3d(2 * p2 - p1);
    for (int s = 0; s < steps; ++s) {
      const double t = static_cast<double>(s) / steps;
      curve.push_back(0.5 * (2 * p1 + t * (p2 - p0) + t * t * (2 * p0 - 5 * p1 + 4 * p2 - p3) + t * t * t * (3 * p1 - p0 - 3 * p2 + p3)));
    }
  }
  curve.push_back(points.back());
  return curve;
}

std::vector<Vector3d> straight(const Vector3d& a, const Vector3d& b, int pieces) {
  std::vector<Vector3d> path;
  for (int i = 0; i <= pieces; ++i) path.push_back(a + (b - a) * (static_cast<double>(i) / pieces));
  return path;
}

std::vector<Vector3d> rounded_path(const std::vector<Vector3d>& corners, double radius, bool closed, int steps) {
  const size_t n = corners.size();
  L3D_CHECK_GE(n, size_t{2});
  std::vector<Vector3d> path;
  for (size_t i = 0; i < n; ++i) {
    if (!closed && (i == 0 || i + 1 == n)) {
      path.push_back(corners[i]);
      continue;
    }
    // A quadratic arc that leaves both sides where a circle of this radius would touch them.
    const Vector3d before = corners[(i + n - 1) % n] - corners[i], after = corners[(i + 1) % n] - corners[i];
    const double angle = std::acos(std::clamp(before.normalized().dot(after.normalized()), -1.0, 1.0));
    const double cut = std::min({radius / std::max(1e-3, std::tan(angle / 2)), before.norm() * 0.49, after.norm() * 0.49});
    const Vector3d a = corners[i] + before.normalized() * cut, b = corners[i] + after.normalized() * cut;
    for (int k = 0; k <= steps; ++k) {
      const double t = static_cast<double>(k) / steps;
      path.push_back((1 - t) * (1 - t) * a + 2 * t * (1 - t) * corners[i] + t * t * b);
    }
  }
  return path;
}

TriangleMesh lathe(const std::vector<Vector2d>& profile, int sides) {
  L3D_CHECK_GE(profile.size(), size_t{2});
  TriangleMesh mesh;
  for (const Vector2d& p : profile)
    for (int s = 0; s < sides; ++s) {
      const double angle = -2 * kPi * s / sides;  // rings run so that quads face outward
      mesh.vertices.push_back(Vector3d(p.x() * std::cos(angle), p.y(), p.x() * std::sin(angle)).cast<float>());
    }
  add_ring_quads(mesh, static_cast<int>(profile.size()), sides, false);
  add_cap(mesh, 0, sides, true);
  add_cap(mesh, (static_cast<int>(profile.size()) - 1) * sides, sides, false);
  return mesh;
}

TriangleMesh lathe_loop(const std::vector<Vector2d>& profile, int sides) {
  L3D_CHECK_GE(profile.size(), size_t{3});
  TriangleMesh mesh;
  for (const Vector2d& p : profile)
    for (int s = 0; s < sides; ++s) {
      const double angle = -2 * kPi * s / sides;
      mesh.vertices.push_back(Vector3d(p.x() * std::cos(angle), p.y(), p.x() * std::sin(angle)).cast<float>());
    }
  add_ring_quads(mesh, static_cast<int>(profile.size()), sides, true);
  return mesh;
}

TriangleMesh hollow_sweep(const std::vector<Vector3d>& path, const Section& outer, const Section& bore, const Vector3d& up) {
  L3D_CHECK_EQ(outer.size(), bore.size());
  const std::vector<Frame> frames = frames_along(path, up, false);
  TriangleMesh mesh;
  const auto add_ring = [&](const Frame& frame, const Section& section) {
    for (const Vector2d& p : section) mesh.vertices.push_back((frame.position + p.x() * frame.across + p.y() * frame.up).cast<float>());
  };
  // Along the outside and back through the bore.
  for (auto frame = frames.begin(); frame != frames.end(); ++frame) add_ring(*frame, outer);
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) add_ring(*frame, bore);
  add_ring_quads(mesh, 2 * static_cast<int>(frames.size()), static_cast<int>(outer.size()), true);
  return mesh;
}

TriangleMesh moved(const TriangleMesh& mesh, const Vector3d& offset) {
  return transformed(mesh, Eigen::Affine3d(Eigen::Translation3d(offset)));
}

TriangleMesh turned(const TriangleMesh& mesh, double angle_rad, const Vector3d& axis, const Vector3d& centre) {
  return transformed(mesh, Eigen::Translation3d(centre) * Eigen::AngleAxisd(angle_rad, axis.normalized()) * Eigen::Translation3d(-centre));
}

}  // namespace looking3d
