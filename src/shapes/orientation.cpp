#include "shapes/orientation.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "base/error.h"
#include "base/random.h"

namespace looking3d {
namespace {

using Eigen::Vector2d;
using Eigen::Vector3d;

constexpr const char* kAxisNames[] = {"x", "-x", "y", "-y", "z", "-z"};
constexpr int kSamples = 6000;      ///< surface points that stand for the shape
constexpr int kMirrorCells = 24;    ///< along the largest extent; a mirrored point must find the surface in its cell or one beside it
constexpr double kContact = 0.015;  ///< of the height: what lies lower touches the ground
constexpr double kFlat = 0.85;      ///< cosine between up and the normal of a level surface

// Logistic regressions over the axes of upright seats: 400 procedural ones, and 50 of Sweet Home 3D's BlendSwap libraries with four times
// their weight.
constexpr std::array<double, 6> kUpWeights{4.74, 2.72, -2.85, 1.05, 3.08, 2.29};
constexpr std::array<double, 3> kFrontWeights{-5.61, 1.17, 3.66};

/// Number of an axis in kAxisNames; -1 for anything else.
int axis_number(const std::string& name) {
  const auto found = std::find(std::begin(kAxisNames), std::end(kAxisNames), name.starts_with('+') ? name.substr(1) : name);
  return found == std::end(kAxisNames) ? -1 : static_cast<int>(found - std::begin(kAxisNames));
}
int opposite(int number) {
  return number ^ 1;
}
Vector3d axis_vector(int number) {
  return (number % 2 == 0 ? 1.0 : -1.0) * Vector3d::Unit(number / 2);
}

int default_front(int up) {
  // The front that stays, or comes round, when the shortest turn brings `up` to y.
  constexpr int fronts[] = {4, 4, 4, 5, 3, 2};
  return fronts[up];
}

/// The shape as points spread evenly over its surface, centred, its largest extent 1. Winding is not trusted: normals have no sign.
struct PointCloud {
  std::vector<Vector3d> points, normals;
  std::vector<Vector3d> corners;  ///< all vertices
  Vector3d half_size = Vector3d::Zero();
  std::array<double, 3> mirror{};  ///< share of the points whose mirror image along x, y, z lies on the shape
};

double mirror_share(const std::vector<Vector3d>& points, int axis) {
  constexpr int side = kMirrorCells + 4;
  std::vector<char> filled(side * side * side);
  const auto cell = [](const Vector3d& p) {
    const Eigen::Array3i c = (p.array() * kMirrorCells).floor().cast<int>() + side / 2;
    return (c.x() * side + c.y()) * side + c.z();
  };
  for (const Vector3d& p : points)
    for (int i = 0; i < 27; ++i) filled[static_cast<size_t>(cell(p) + ((i % 3 - 1) * side + i / 3 % 3 - 1) * side + i / 9 - 1)] = 1;
  int found = 0;
  for (Vector3d p : points) {
    p[axis] = -p[axis];
    found += filled[static_cast<size_t>(cell(p))];
  }
  return static_cast<double>(found) / static_cast<double>(std::max<size_t>(1, points.size()));
}

PointCloud sample(const TriangleMesh& shape) {
  PointCloud cloud;
  const Eigen::AlignedBox3d box = bounding_box(shape);
  const double scale = 1 / box.sizes().maxCoeff();
  for (const Eigen::Vector3f& v : shape.vertices) cloud.corners.push_back((v.cast<double>() - box.center()) * scale);
  cloud.half_size = box.sizes() * scale / 2;

  // Walk over the summed area in equal steps, so that each triangle gets its share.
  const auto normal_of = [&](const Eigen::Vector3i& t) -> Vector3d {
    return (cloud.corners[t[1]] - cloud.corners[t[0]]).cross(cloud.corners[t[2]] - cloud.corners[t[0]]);
  };
  double total = 0;
  for (const Eigen::Vector3i& t : shape.triangles) total += normal_of(t).norm();
  Rng rng(identity(1, "orientation"));
  const double step = total / kSamples;
  double next = step / 2, seen = 0;
  for (const Eigen::Vector3i& t : shape.triangles) {
    const Vector3d normal = normal_of(t);
    for (seen += normal.norm(); next < seen && cloud.points.size() < kSamples; next += step) {
      double a = rng.uniform(), b = rng.uniform();
      if (a + b > 1) a = 1 - a, b = 1 - b;
      cloud.points.push_back((1 - a - b) * cloud.corners[t[0]] + a * cloud.corners[t[1]] + b * cloud.corners[t[2]]);
      cloud.normals.push_back(normal.normalized());
    }
  }
  for (int axis = 0; axis < 3; ++axis) cloud.mirror[static_cast<size_t>(axis)] = mirror_share(cloud.points, axis);
  return cloud;
}

double cross2(const Vector2d& a, const Vector2d& b) {
  return a.x() * b.y() - a.y() * b.x();
}

/// Convex hull, counter-clockwise (Andrew's monotone chain, 1979).
std::vector<Vector2d> convex_hull(std::vector<Vector2d> points) {
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.x() != b.x() ? a.x() < b.x() : a.y() < b.y(); });
  std::vector<Vector2d> hull;
  for (int pass = 0; pass < 2; ++pass) {
    const size_t start = hull.size();
    for (const Vector2d& p : points) {
      while (hull.size() >= start + 2 && cross2(hull.back() - hull[hull.size() - 2], p - hull.back()) <= 0) hull.pop_back();
      hull.push_back(p);
    }
    if (!hull.empty()) hull.pop_back();
    std::reverse(points.begin(), points.end());
  }
  return hull;
}

/// What carries the shape: area of the polygon round all contacts, and how far inside it the centre lies (negative: outside).
struct Support {
  double area = 0, margin = -1;
};

Support support_of(const std::vector<Vector2d>& contacts, const Vector2d& centre) {
  Support support;
  const std::vector<Vector2d> hull = convex_hull(contacts);
  if (hull.size() < 3) return support;
  support.margin = 1;
  for (size_t i = 0; i < hull.size(); ++i) {
    const Vector2d &a = hull[i], &b = hull[(i + 1) % hull.size()];
    support.area += cross2(a, b) / 2;
    support.margin = std::min(support.margin, cross2((b - a).normalized(), centre - a));
  }
  return support;
}

/// Height above the ground, 0 to 1, of a point of the cloud when `up` is up.
double level(const PointCloud& cloud, int up, const Vector3d& point) {
  const double half = cloud.half_size[up / 2];
  return half > 0 ? (axis_vector(up).dot(point) + half) / (2 * half) : 0;
}

double up_score(const PointCloud& cloud, int up) {
  const int u = up / 2, a = (u + 1) % 3, b = (u + 2) % 3;
  const double footprint = 4 * cloud.half_size[a] * cloud.half_size[b];
  Vector3d centre = Vector3d::Zero();
  double low = 0, mean = 0, seat = 0;
  const double share = 1 / static_cast<double>(std::max<size_t>(1, cloud.points.size()));
  for (size_t i = 0; i < cloud.points.size(); ++i) {
    const double h = level(cloud, up, cloud.points[i]);
    centre += share * cloud.points[i];
    mean += share * h;
    if (h < 0.2) low += share;
    if (h >= 0.25 && h < 0.7 && std::abs(cloud.normals[i][u]) > kFlat) seat += share;
  }
  std::vector<Vector2d> contacts;
  for (const Vector3d& corner : cloud.corners)
    if (level(cloud, up, corner) < kContact) contacts.emplace_back(corner[a], corner[b]);
  const Support support = support_of(contacts, {centre[a], centre[b]});
  const std::array<double, 6> features{footprint > 0 ? support.area / footprint : 0,
                                       std::clamp(support.margin, -0.2, 0.2),
                                       low,
                                       mean,
                                       seat,
                                       std::max(cloud.mirror[a], cloud.mirror[b]) - cloud.mirror[u]};
  return std::inner_product(features.begin(), features.end(), kUpWeights.begin(), 0.0);
}

double front_score(const PointCloud& cloud, int up, int front) {
  const int f = front / 2, side = 3 - up / 2 - f;
  const double depth = std::max(1e-6, 2 * cloud.half_size[f]);
  // How far to the front the surface lies on average, from -0.5 to 0.5.
  double top = 0, seat = 0;
  int tops = 0, seats = 0;
  for (size_t i = 0; i < cloud.points.size(); ++i) {
    const double h = level(cloud, up, cloud.points[i]), forward = axis_vector(front).dot(cloud.points[i]) / depth;
    if (h > 0.75) top += forward, ++tops;
    if (h > 0.2 && h < 0.7 && std::abs(cloud.normals[i][up / 2]) > kFlat) seat += forward, ++seats;
  }
  const std::array<double, 3> features{top / std::max(1, tops), seat / std::max(1, seats),
                                       cloud.mirror[static_cast<size_t>(side)] - cloud.mirror[static_cast<size_t>(f)]};
  return std::inner_product(features.begin(), features.end(), kFrontWeights.begin(), 0.0);
}

/// The candidate of largest score, with its share of the softmax.
template <class Score>
AxisGuess most_plausible(const std::vector<int>& candidates, Score score) {
  std::vector<double> scores;
  for (const int number : candidates) scores.push_back(score(number));
  const size_t best = static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  double sum = 0;
  for (const double value : scores) sum += std::exp(value - scores[best]);
  return {kAxisNames[candidates[best]], 1 / sum};
}

/// "y (confidence 0.97)"
std::string text(const AxisGuess& guess) {
  char number[32];
  std::snprintf(number, sizeof number, " (confidence %.2f)", guess.confidence);
  return guess.axis + number;
}

/// One line on an axis: what was taken, and what the look of the shape says.
std::string axis_line(const std::string& what, const std::string& taken, bool followed, const AxisGuess& guess) {
  const std::string line = what + ": its axis " + taken;
  if (followed) return line + ", by its look" + text(guess).substr(guess.axis.size());
  if (guess.confidence < kSureGuess) return line + "; its look does not settle it";
  if (guess.axis == taken) return line + ", and it looks so" + text(guess).substr(guess.axis.size());
  return line + ", though it looks like " + text(guess) + "; --" + what + " " + guess.axis + " turns it";
}

}  // namespace

void MeshAxes::visit(OptionVisitor& v) {
  v.field("up", up, "axis of the mesh file that points up: y, z, x, -y, -z, -x, or auto (guessed; y where the shape does not settle it)");
  v.field(
      "front", front,
      "axis of the mesh file that points to the front: z, x, y, -z, -x, -y, auto (guessed), or file (z where up is y, -y where up is z)");
}

void MeshAxes::check() const {
  const int u = axis_number(up), f = axis_number(front);
  if (u < 0 && up != "auto") throw InputError("--up", "'" + up + "' is no axis", "y, z, x, -y, -z, -x or auto");
  if (f < 0 && front != "auto" && front != "file")
    throw InputError("--front", "'" + front + "' is no axis", "z, x, y, -z, -x, -y, auto or file");
  if (u >= 0 && f >= 0 && u / 2 == f / 2) throw InputError("--front", "'" + front + "' lies along --up " + up);
}

AxisGuess guess_up(const TriangleMesh& shape) {
  const PointCloud cloud = sample(shape);
  return most_plausible({2, 4, 0, 3, 5, 1}, [&](int up) { return up_score(cloud, up); });
}

AxisGuess guess_front(const TriangleMesh& shape, const std::string& up) {
  const PointCloud cloud = sample(shape);
  const int u = axis_number(up), first = default_front(u);
  const int side = 2 * (3 - u / 2 - first / 2);
  return most_plausible({first, opposite(first), side, opposite(side)}, [&](int front) { return front_score(cloud, u, front); });
}

Eigen::Matrix3f canonical_from_file(const std::string& up, const std::string& front) {
  const int u = axis_number(up), f = front == "file" ? default_front(u) : axis_number(front);
  Eigen::Matrix3d turn;
  turn << axis_vector(u).cross(axis_vector(f)).transpose(), axis_vector(u).transpose(), axis_vector(f).transpose();
  return turn.cast<float>();
}

Standing stand(const TriangleMesh& shape, const MeshAxes& axes) {
  axes.check();
  Standing standing;
  const AxisGuess up = guess_up(shape);
  bool follow = axes.up == "auto" && up.confidence >= kSureGuess;
  const std::string up_taken = follow ? up.axis : axes.up == "auto" ? "y" : kAxisNames[axis_number(axes.up)];
  standing.lines.push_back(axis_line("up", up_taken, follow, up));

  const int number = axis_number(axes.front);
  if (number >= 0 && number / 2 == axis_number(up_taken) / 2)
    throw InputError("--front", "'" + axes.front + "' lies along the axis that is up", "give --up too");
  const AxisGuess front = guess_front(shape, up_taken);
  follow = axes.front == "auto" && front.confidence >= kSureGuess;
  const std::string front_taken = follow ? front.axis : kAxisNames[number >= 0 ? number : default_front(axis_number(up_taken))];
  standing.lines.push_back(axis_line("front", front_taken, follow, front));
  standing.canonical_from_file = canonical_from_file(up_taken, front_taken);
  return standing;
}

}  // namespace looking3d
