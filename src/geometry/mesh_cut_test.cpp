#include "geometry/mesh_cut.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace looking3d {
namespace {

using Eigen::Vector3d;

/// A closed cylinder along y.
TriangleMesh cylinder(double radius, double height, int sides) {
  TriangleMesh mesh;
  for (const double y : {-height / 2, height / 2})
    for (int s = 0; s < sides; ++s) {
      const double a = -2 * std::numbers::pi * s / sides;
      mesh.vertices.push_back(Vector3d(radius * std::cos(a), y, radius * std::sin(a)).cast<float>());
    }
  mesh.vertices.emplace_back(0, -height / 2, 0);
  mesh.vertices.emplace_back(0, height / 2, 0);
  for (int s = 0; s < sides; ++s) {
    const int n = (s + 1) % sides;
    mesh.triangles.emplace_back(s, n, sides + n);
    mesh.triangles.emplace_back(s, sides + n, sides + s);
    mesh.triangles.emplace_back(2 * sides, n, s);
    mesh.triangles.emplace_back(2 * sides + 1, sides + s, sides + n);
  }
  return mesh;
}

TEST(MeshCut, RemovesExactlyTheCommonVolume) {
  const TriangleMesh rod = cylinder(0.2, 2, 48);
  const double area = signed_volume(rod) / 2;
  // A box around the upper quarter.
  const CutResult cut = subtract(rod, box_cutter({0, 1, 0}, {1, 0.5, 1}, Eigen::Matrix3d::Identity()));
  EXPECT_TRUE(cut.closed);
  EXPECT_NEAR(signed_volume(cut.mesh), area * 1.5, 1e-6);
  // A notch through the middle, turned.
  const Eigen::Matrix3d turn = Eigen::AngleAxisd(0.3, Vector3d(1, 0.2, 0.4).normalized()).toRotationMatrix();
  const ConvexCutter notch = box_cutter({0, 0.1, 0}, {1, 0.2, 1}, turn);
  const CutResult halves = subtract(rod, notch);
  EXPECT_NEAR(signed_volume(halves.mesh), signed_volume(rod) - 0.4 * area / std::abs(turn.col(1).y()), 1e-6);
}

TEST(MeshCut, VolumeAgreesWithMonteCarloForManyCutters) {
  const double radius = 0.3, height = 1.2;
  const TriangleMesh rod = cylinder(radius, height, 64);
  Rng rng(3);
  for (int i = 0; i < 20; ++i) {
    const Vector3d centre(rng.uniform(-0.3, 0.3), rng.uniform(-0.6, 0.6), rng.uniform(-0.3, 0.3));
    const double size = rng.uniform(0.1, 0.4);
    const ConvexCutter cutter = i % 2 == 0 ? ball_cutter(centre, size) : jagged_cutter(centre, size, rng);
    const CutResult cut = subtract(rod, cutter);
    if (cut.touched_triangles == 0) continue;  // outside, or a hollow that nobody can see
    int common = 0;
    const int samples = 40000;
    for (int s = 0; s < samples; ++s) {
      const Vector3d x(rng.uniform(-radius, radius), rng.uniform(-height / 2, height / 2), rng.uniform(-radius, radius));
      common += std::hypot(x.x(), x.z()) < radius && cutter.contains(x);
    }
    const double expected = 4 * radius * radius * height * common / samples;
    EXPECT_TRUE(cut.closed);
    EXPECT_NEAR(signed_volume(rod) - signed_volume(cut.mesh), expected, 0.006) << "cutter " << i;
  }
}

TEST(MeshCut, UntouchedTrianglesStayBitIdentical) {
  const TriangleMesh rod = cylinder(0.2, 2, 24);
  const CutResult cut = subtract(rod, ball_cutter({0.2, 0.9, 0}, 0.15));
  ASSERT_GE(cut.mesh.vertices.size(), rod.vertices.size());
  for (size_t i = 0; i < rod.vertices.size(); ++i) EXPECT_EQ(cut.mesh.vertices[i], rod.vertices[i]);
  int same = 0;
  size_t at = 0;
  for (const auto& triangle : rod.triangles)
    for (size_t j = at; j < cut.mesh.triangles.size(); ++j)
      if (cut.mesh.triangles[j] == triangle) {
        ++same, at = j + 1;
        break;
      }
  EXPECT_EQ(same, static_cast<int>(rod.triangles.size()) - cut.touched_triangles);
}

TEST(MeshCut, FarCutterDoesNothingAndOpenMeshIsLeftOpen) {
  const TriangleMesh rod = cylinder(0.2, 2, 24);
  const CutResult far = subtract(rod, ball_cutter({5, 0, 0}, 1));
  EXPECT_EQ(far.touched_triangles, 0);
  EXPECT_EQ(far.mesh.triangles, rod.triangles);
  TriangleMesh open = rod;
  std::erase_if(open.triangles, [](const Eigen::Vector3i& t) { return t.minCoeff() % 24 < 6; });
  EXPECT_FALSE(subtract(open, box_cutter({0, 0, 0}, {1, 0.3, 1}, Eigen::Matrix3d::Identity())).closed);
}

}  // namespace
}  // namespace looking3d
