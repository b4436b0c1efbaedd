#include "geometry/mesh_smooth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/random.h"

namespace looking3d {
namespace {

/// A unit sphere of rings and sectors, each vertex off by noise along its normal; with `open`, without its upper cap.
TriangleMesh noisy_ball(double noise, bool open = false) {
  constexpr int kRings = 24, kSectors = 48;
  TriangleMesh ball;
  Rng rng(3);
  for (int ring = 0; ring <= kRings; ++ring)
    for (int sector = 0; sector < kSectors; ++sector) {
      const double polar = std::numbers::pi * (ring + 0.5) / (kRings + 1), around = 2 * std::numbers::pi * sector / kSectors;
      const double radius = 1 + noise * rng.normal();
      ball.vertices.push_back(
          (radius * Eigen::Vector3d(std::sin(polar) * std::cos(around), std::cos(polar), std::sin(polar) * std::sin(around)))
              .cast<float>());
    }
  const auto at = [](int ring, int sector) { return ring * kSectors + sector % kSectors; };
  for (int ring = open ? kRings / 3 : 0; ring < kRings; ++ring)
    for (int sector = 0; sector < kSectors; ++sector) {
      ball.triangles.emplace_back(at(ring, sector), at(ring, sector + 1), at(ring + 1, sector + 1));
      ball.triangles.emplace_back(at(ring, sector), at(ring + 1, sector + 1), at(ring + 1, sector));
    }
  return ball;
}

double roughness(const TriangleMesh& ball) {
  double sum = 0, count = 0;
  for (const Eigen::Vector3i& triangle : ball.triangles)
    for (int k = 0; k < 3; ++k) sum += std::pow(ball.vertices[static_cast<size_t>(triangle[k])].norm() - 1, 2), count += 1;
  return std::sqrt(sum / count);
}

TEST(Smooth, TakesNoiseOutAndKeepsTheSize) {
  TriangleMesh ball = noisy_ball(0.02);
  const double before = roughness(ball);
  smooth(ball, 10);
  EXPECT_LT(roughness(ball), 0.5 * before);
  EXPECT_NEAR(area_centroid(ball).norm(), 0, 0.01);
  TriangleMesh round = noisy_ball(0);
  smooth(round, 30);
  EXPECT_NEAR(std::abs(signed_volume(round)), std::abs(signed_volume(noisy_ball(0))), 0.03 * std::abs(signed_volume(noisy_ball(0))));
}

TEST(Smooth, ABorderStaysAtItsHeight) {
  TriangleMesh bowl = noisy_ball(0, true);
  const Eigen::AlignedBox3d before = bounding_box(bowl);
  smooth(bowl, 20);
  // Vertices of the rim see none of the wall below them, so that the rim neither sinks nor shrinks.
  double top = -1;
  for (const Eigen::Vector3i& triangle : bowl.triangles)
    for (int k = 0; k < 3; ++k) top = std::max(top, double(bowl.vertices[static_cast<size_t>(triangle[k])].y()));
  double rim = -1;
  const TriangleMesh untouched = noisy_ball(0, true);
  for (const Eigen::Vector3i& triangle : untouched.triangles)
    for (int k = 0; k < 3; ++k) rim = std::max(rim, double(untouched.vertices[static_cast<size_t>(triangle[k])].y()));
  EXPECT_NEAR(top, rim, 1e-4);
  EXPECT_NEAR(bounding_box(bowl).sizes().x(), before.sizes().x(), 0.02);
}

TEST(Smooth, VerticesAtOnePlaceStayTogetherAndNoRoundsChangeNothing) {
  TriangleMesh ball = noisy_ball(0.02), apart;
  for (const Eigen::Vector3i& triangle : ball.triangles) {
    const int first = static_cast<int>(apart.vertices.size());
    for (int k = 0; k < 3; ++k) apart.vertices.push_back(ball.vertices[static_cast<size_t>(triangle[k])]);
    apart.triangles.emplace_back(first, first + 1, first + 2);
  }
  smooth(apart, 0);
  EXPECT_EQ(apart.corner(5, 1), ball.corner(5, 1));
  smooth(ball, 3);
  smooth(apart, 3);
  for (int triangle = 0; triangle < static_cast<int>(ball.triangles.size()); triangle += 17)
    for (int k = 0; k < 3; ++k) EXPECT_LT((ball.corner(triangle, k) - apart.corner(triangle, k)).norm(), 1e-5);
  TriangleMesh nothing;
  smooth(nothing, 3);
  EXPECT_TRUE(nothing.empty());
}

}  // namespace
}  // namespace looking3d
