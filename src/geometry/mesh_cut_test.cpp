#include "geometry/mesh_cut.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <set>

#include "geometry/polygon_fill.h"

namespace looking3d {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;
using Eigen::Vector3f;
using Eigen::Vector3i;
using std::numbers::pi;

/// A closed tube of rings: radius and centre line along `length` steps, capped by fans; or a ring when `around` closes the line.
TriangleMesh tube(int length, int sides, bool ring, const std::function<Vector3d(double along, double angle)>& surface) {
  TriangleMesh mesh;
  for (int i = 0; i < length; ++i)
    for (int s = 0; s < sides; ++s)
      mesh.vertices.push_back(surface(static_cast<double>(i) / (ring ? length : length - 1), 2 * pi * s / sides).cast<float>());
  const auto at = [&](int i, int s) { return i % length * sides + s % sides; };
  for (int i = 0; i + (ring ? 0 : 1) < length; ++i)
    for (int s = 0; s < sides; ++s) {
      mesh.triangles.emplace_back(at(i, s), at(i, s + 1), at(i + 1, s + 1));
      mesh.triangles.emplace_back(at(i, s), at(i + 1, s + 1), at(i + 1, s));
    }
  if (!ring)
    for (const int i : {0, length - 1}) {
      Vector3f middle(0, 0, 0);
      for (int s = 0; s < sides; ++s) middle += mesh.vertices[at(i, s)] / sides;
      const int hub = static_cast<int>(mesh.vertices.size());
      mesh.vertices.push_back(middle);
      for (int s = 0; s < sides; ++s) mesh.triangles.emplace_back(hub, at(i, i == 0 ? s + 1 : s), at(i, i == 0 ? s : s + 1));
    }
  if (signed_volume(mesh) < 0)
    for (Vector3i& t : mesh.triangles) std::swap(t[1], t[2]);
  return mesh;
}

TriangleMesh cylinder(double radius, double height, int sides) {
  return tube(2, sides, false,
              [=](double along, double a) { return Vector3d(radius * std::cos(a), (along - 0.5) * height, radius * std::sin(a)); });
}

TriangleMesh vase() {
  return tube(17, 24, false, [](double along, double a) {
    const double r = 0.15 + 0.1 * std::sin(9 * along) * along + 0.05 * along;
    return Vector3d(r * std::cos(a), 1.4 * (along - 0.5), r * std::sin(a));
  });
}

TriangleMesh bent_bar() {
  return tube(13, 4, false, [](double along, double a) {
    return Vector3d(0.5 * std::sin(2 * along) + 0.08 * std::cos(a), 1.2 * (along - 0.5), 0.3 * along * along + 0.08 * std::sin(a));
  });
}

TriangleMesh torus() {
  return tube(32, 16, true, [](double along, double a) {
    const double r = 0.5 + 0.15 * std::cos(a);
    return Vector3d(r * std::cos(2 * pi * along), 0.15 * std::sin(a), r * std::sin(2 * pi * along));
  });
}

TriangleMesh cube(double half) {
  TriangleMesh mesh;
  for (int i = 0; i < 8; ++i) mesh.vertices.emplace_back(i & 1 ? half : -half, i & 2 ? half : -half, i & 4 ? half : -half);
  const int faces[6][4] = {{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}};
  for (const auto& f : faces) mesh.triangles.emplace_back(f[0], f[1], f[2]), mesh.triangles.emplace_back(f[0], f[2], f[3]);
  return mesh;
}

/// Volume of solid and cutter together, by another way: the signed tetrahedra from a point to each triangle, each clipped as a convex
/// polyhedron whose volume is the sum over its faces.
double common_volume(const TriangleMesh& mesh, const ConvexCutter& cutter) {
  double total = 0;
  const Vector3d apex(0.0123, 0.0234, -0.0345);
  for (size_t t = 0; t < mesh.triangles.size(); ++t) {
    const Vector3d x[4] = {apex, mesh.corner(static_cast<int>(t), 0).cast<double>(), mesh.corner(static_cast<int>(t), 1).cast<double>(),
                           mesh.corner(static_cast<int>(t), 2).cast<double>()};
    const double sign = (x[1] - apex).dot((x[2] - apex).cross(x[3] - apex)) > 0 ? 1 : -1;
    std::vector<HalfSpace> planes = cutter.planes;
    const auto apart = [&](const HalfSpace& plane) {
      return std::all_of(x, x + 4, [&](const Vector3d& c) { return plane.height(c) > 0; });
    };
    if (std::any_of(planes.begin(), planes.end(), apart)) continue;
    for (int k = 0; k < 4; ++k) {
      const Vector3d &a = x[(k + 1) % 4], &b = x[(k + 2) % 4], &c = x[(k + 3) % 4];
      Vector3d normal = (b - a).cross(c - a);
      if (normal.norm() < 1e-14) continue;
      normal.normalize();
      if (normal.dot(x[k] - a) > 0) normal = -normal;
      planes.push_back({normal, normal.dot(a)});
    }
    // Each plane's face of the common polyhedron: a large square clipped by all others.
    for (size_t i = 0; i < planes.size(); ++i) {
      const Vector3d n = planes[i].normal, u = n.unitOrthogonal() * 9, v = n.cross(u), o = n * planes[i].offset;
      std::vector<Vector3d> face{o - u - v, o + u - v, o + u + v, o - u + v};
      for (size_t j = 0; j < planes.size() && !face.empty(); ++j) {
        if (j == i) continue;
        std::vector<Vector3d> kept;
        for (size_t c = 0; c < face.size(); ++c) {
          const Vector3d &a = face[c], &b = face[(c + 1) % face.size()];
          const double ha = planes[j].height(a), hb = planes[j].height(b);
          if (ha <= 0) kept.push_back(a);
          if ((ha < 0 && hb > 0) || (ha > 0 && hb < 0)) kept.push_back(a + (b - a) * ha / (ha - hb));
        }
        face = kept;
      }
      for (size_t c = 1; c + 1 < face.size(); ++c) total += sign * face[0].dot(face[c].cross(face[c + 1])) / 6;
    }
  }
  return total;
}

/// Every edge is run through equally often both ways.
bool balanced(const TriangleMesh& mesh) {
  std::map<std::pair<int, int>, int> balance;
  for (const Vector3i& t : mesh.triangles)
    for (int k = 0; k < 3; ++k) balance[std::minmax(t[k], t[(k + 1) % 3])] += t[k] < t[(k + 1) % 3] ? 1 : -1;
  return std::all_of(balance.begin(), balance.end(), [](const auto& edge) { return edge.second == 0; });
}

Matrix3d random_turn(Rng& rng) {
  return Eigen::Quaterniond(rng.normal(), rng.normal(), rng.normal(), rng.normal()).normalized().toRotationMatrix();
}

ConvexCutter random_cutter(Rng& rng, int kind) {
  const Vector3d centre(rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6));
  const double size = rng.log_uniform(0.08, 0.8);
  if (kind == 0) return box_cutter(centre, Vector3d(rng.uniform(0.2, 1), rng.uniform(0.2, 1), 1) * size, random_turn(rng));
  if (kind == 1) return ball_cutter(centre, size);
  if (kind == 2) return jagged_cutter(centre, size, rng);
  return spike_cutter(centre, random_turn(rng).col(0), size, size / 2, rng);
}

TEST(MeshCut, RemovesExactlyTheCommonVolume) {
  const TriangleMesh rod = cylinder(0.2, 2, 48);
  const double area = signed_volume(rod) / 2;
  // A box around the upper quarter, by hand.
  const auto cut = subtract(rod, box_cutter({0, 1, 0}, {1, 0.5, 1}, Matrix3d::Identity()));
  ASSERT_TRUE(cut);
  EXPECT_TRUE(cut->closed);
  EXPECT_NEAR(signed_volume(cut->mesh), area * 1.5, 1e-6);
  EXPECT_NEAR(cut->removed_volume, area * 0.5, 1e-6);
  // A notch through the middle, turned.
  const Matrix3d turn = Eigen::AngleAxisd(0.3, Vector3d(1, 0.2, 0.4).normalized()).toRotationMatrix();
  const auto halves = subtract(rod, box_cutter({0, 0.1, 0}, {1, 0.2, 1}, turn));
  ASSERT_TRUE(halves);
  EXPECT_NEAR(signed_volume(halves->mesh), signed_volume(rod) - 0.4 * area / std::abs(turn.col(1).y()), 1e-6);
  EXPECT_EQ(topology(halves->mesh).components, 2);
}

TEST(MeshCut, FuzzOfFiveHundredCutsKeepsTheLaws) {
  const TriangleMesh solids[] = {cube(0.5), cylinder(0.3, 1.2, 32), vase(), bent_bar(), torus()};
  Rng rng(7);
  int touched = 0, refused = 0, manifold = 0;
  for (int i = 0; i < 500; ++i) {
    const TriangleMesh& solid = solids[i % 5];
    ASSERT_TRUE(topology(solid).watertight());
    const ConvexCutter cutter = random_cutter(rng, i / 5 % 4);
    const auto cut = subtract(solid, cutter);
    if (!cut) {
      ++refused;
      continue;
    }
    if (cut->touched_triangles == 0) continue;  // outside, or a hollow that nobody can see
    ++touched;
    EXPECT_TRUE(cut->closed);
    EXPECT_TRUE(balanced(cut->mesh)) << "cut " << i;
    manifold += topology(cut->mesh).watertight();
    EXPECT_NEAR(signed_volume(solid) - signed_volume(cut->mesh), common_volume(solid, cutter), 2e-5) << "cut " << i;
    EXPECT_NEAR(cut->removed_volume, signed_volume(solid) - signed_volume(cut->mesh), 2e-5) << "cut " << i;
  }
  std::printf("%d of 500 cutters reached the surface; %d refused, %d cut meshes strictly manifold\n", touched, refused, manifold);
  EXPECT_GT(touched, 250);
  EXPECT_LE(refused, 2);
  EXPECT_GE(manifold, touched - touched / 100);
}

TEST(MeshCut, VolumeAgreesWithMonteCarlo) {
  const double radius = 0.3, height = 1.2;
  const TriangleMesh rod = cylinder(radius, height, 64);
  Rng rng(3);
  for (int i = 0; i < 8; ++i) {
    const ConvexCutter cutter = random_cutter(rng, i % 3);
    const auto cut = subtract(rod, cutter);
    ASSERT_TRUE(cut);
    if (cut->touched_triangles == 0) continue;
    int common = 0;
    const int samples = 40000;
    for (int s = 0; s < samples; ++s) {
      const Vector3d x(rng.uniform(-radius, radius), rng.uniform(-height / 2, height / 2), rng.uniform(-radius, radius));
      common += std::hypot(x.x(), x.z()) < radius && cutter.contains(x);
    }
    EXPECT_NEAR(signed_volume(rod) - signed_volume(cut->mesh), 4 * radius * radius * height * common / samples, 0.006) << "cutter " << i;
  }
}

TEST(MeshCut, SpecialPositionIsCuredByAShift) {
  // Faces of cutter and cube coincide, edges run into corners.
  const TriangleMesh block = cube(0.5);
  for (const Vector3d& centre : {Vector3d(0.5, 0, 0), Vector3d(0.5, 0.5, 0.5), Vector3d(0, 0, 0.5), Vector3d(1, 0, 0), Vector3d(1, 1, 1)}) {
    const auto cut = subtract(block, box_cutter(centre, {0.5, 0.5, 0.5}, Matrix3d::Identity()));
    ASSERT_TRUE(cut) << centre.transpose();
    EXPECT_TRUE(balanced(cut->mesh));
    double common = 1;
    for (int a = 0; a < 3; ++a) common *= std::max(0.0, 1 - std::abs(centre[a]));
    EXPECT_NEAR(signed_volume(cut->mesh), 1 - common, 1e-4);
  }
}

TEST(MeshCut, UntouchedTrianglesStayBitIdentical) {
  const TriangleMesh rod = vase();
  const auto cut = subtract(rod, ball_cutter({0.2, 0.5, 0}, 0.25));
  ASSERT_TRUE(cut);
  ASSERT_GT(cut->touched_triangles, 0);
  const auto corners = [](const TriangleMesh& mesh, size_t t) {
    std::array<float, 9> x;
    for (int k = 0; k < 9; ++k) x[k] = mesh.corner(static_cast<int>(t), k / 3)[k % 3];
    return x;
  };
  size_t at = 0;
  int same = 0;
  for (size_t t = 0; t < rod.triangles.size(); ++t)
    for (size_t j = at; j < cut->mesh.triangles.size(); ++j)
      if (corners(cut->mesh, j) == corners(rod, t)) {
        ++same, at = j + 1;
        break;
      }
  EXPECT_EQ(same, static_cast<int>(rod.triangles.size()) - cut->touched_triangles);
}

TEST(MeshCut, FarOrHiddenCutterDoesNothing) {
  const TriangleMesh rod = cylinder(0.2, 2, 24);
  for (const ConvexCutter& cutter : {ball_cutter({5, 0, 0}, 1), ball_cutter({0, 0, 0}, 0.1)}) {
    const auto cut = subtract(rod, cutter);
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->touched_triangles, 0);
    EXPECT_EQ(cut->mesh.triangles, rod.triangles);
    EXPECT_EQ(cut->mesh.vertices, rod.vertices);
  }
}

TEST(MeshCut, OverlappingNestedAndUnweldedComponents) {
  // Two cubes overlap, a third is a hollow in the first; the law holds for the sum of the solids.
  TriangleMesh mesh = cube(0.5), other = transformed(cube(0.4), Eigen::Affine3d(Eigen::Translation3d(0.3, 0.21, 0.17))), hollow = cube(0.3);
  for (Vector3i& t : hollow.triangles) std::swap(t[1], t[2]);
  append(mesh, other);
  append(mesh, hollow);
  Rng rng(11);
  for (int i = 0; i < 40; ++i) {
    const ConvexCutter cutter = random_cutter(rng, i % 4);
    const auto cut = subtract(mesh, cutter);
    ASSERT_TRUE(cut);
    if (cut->touched_triangles == 0) continue;
    EXPECT_TRUE(balanced(cut->mesh));
    EXPECT_NEAR(signed_volume(mesh) - signed_volume(cut->mesh), common_volume(mesh, cutter), 2e-5);
  }
  // A triangle soup with equal positions closes as well.
  TriangleMesh soup;
  const TriangleMesh whole = vase();
  for (const Vector3i& t : whole.triangles)
    for (int k = 0; k < 3; ++k) soup.vertices.push_back(whole.vertices[t[k]]);
  for (int t = 0; t < static_cast<int>(whole.triangles.size()); ++t) soup.triangles.emplace_back(3 * t, 3 * t + 1, 3 * t + 2);
  const ConvexCutter cutter = ball_cutter({0.1, 0.3, 0}, 0.3);
  const auto cut = subtract(soup, cutter);
  ASSERT_TRUE(cut);
  EXPECT_TRUE(cut->closed);
  EXPECT_NEAR(signed_volume(whole) - signed_volume(cut->mesh), common_volume(whole, cutter), 2e-5);
}

TEST(MeshCut, OpenAndBrokenInputIsClippedWithoutClosing) {
  TriangleMesh open = cylinder(0.2, 2, 24);
  std::erase_if(open.triangles, [](const Vector3i& t) { return t.minCoeff() % 24 < 6; });
  const auto cut = subtract(open, box_cutter({0, 0, 0}, {1, 0.3, 1}, Matrix3d::Identity()));
  ASSERT_TRUE(cut);
  EXPECT_FALSE(cut->closed);
  EXPECT_NEAR(surface_area(open) - surface_area(cut->mesh), cut->removed_area, 1e-6);
  EXPECT_GT(cut->removed_area, 0.3);

  TriangleMesh hostile = vase();
  hostile.vertices[3] = Vector3f::Constant(std::numeric_limits<float>::quiet_NaN());
  hostile.triangles.emplace_back(5, 5, 5);
  hostile.triangles.emplace_back(5, 6, 5);
  (void)subtract(hostile, ball_cutter({0, 0, 0}, 0.3));
  (void)subtract(TriangleMesh(), ball_cutter({0, 0, 0}, 0.3));
  EXPECT_EQ(subtract(cube(1), ConvexCutter()).reason(), CutRefusal::kUnsoundCutter);
  EXPECT_EQ(subtract(cube(1), ConvexCutter{{{Vector3d(0, 1, 0), 0.2}}}).reason(), CutRefusal::kUnsoundCutter);
}

TEST(PolygonFill, HolesStayOpen) {
  const std::vector<Eigen::Vector2d> points{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {1, 1}, {1, 2}, {2, 2}, {2, 1}, {3, 3}, {3, 3.5}, {3.5, 3}};
  const auto triangles = fill_region(points, {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10}});
  double area = 0;
  for (const Vector3i& t : triangles) {
    const Eigen::Vector2d ab = points[t[1]] - points[t[0]], ac = points[t[2]] - points[t[0]];
    const double twice = ab.x() * ac.y() - ab.y() * ac.x();
    EXPECT_GE(twice, 0);
    area += twice / 2;
  }
  EXPECT_DOUBLE_EQ(area, 16 - 1 - 0.125);
  EXPECT_FALSE(trace_loops({{0, 1}, {1, 2}}));
  EXPECT_EQ(trace_loops({{0, 1}, {1, 2}, {2, 0}, {5, 4}, {4, 3}, {3, 5}})->size(), 2u);
}

}  // namespace
}  // namespace looking3d
