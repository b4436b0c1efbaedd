#include "pose/pose_from_points.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace looking3d {
namespace {

/// Matches of a camera: `wrong` of them point anywhere, the others are off by up to `noise` of the width.
std::vector<PointMatch> matches_of(const Camera& camera, int count, int wrong, double noise, Rng& rng) {
  std::vector<PointMatch> matches;
  for (int i = 0; i < count; ++i) {
    const Eigen::Vector3d x(rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6));
    const Eigen::Vector3d at = camera.project(x);
    PointMatch match{{at.x() / camera.width + rng.uniform(-noise, noise), at.y() / camera.width + rng.uniform(-noise, noise)}, x};
    if (i < wrong) match.at = {rng.uniform(0, 1), rng.uniform(0, 1)};
    matches.push_back(match);
  }
  return matches;
}

TEST(PoseFromPoints, IsFoundAmongWrongMatches) {
  for (int trial = 0; trial < 12; ++trial) {
    Rng rng(identity(5, trial));
    const OrbitView truth{.azimuth_rad = rng.uniform(-3, 3),
                          .elevation_rad = rng.uniform(-0.3, 1),
                          .roll_rad = rng.uniform(-0.3, 0.3),
                          .distance = rng.uniform(2.2, 3.5)};
    const auto matches = matches_of(orbit_camera(truth, 256), 80, 40, 0.004, rng);
    const auto found = pose_from_points(matches);
    ASSERT_TRUE(found);
    EXPECT_LT(degrees(std::abs(angle_difference(found->view.azimuth_rad, truth.azimuth_rad))), 2);
    EXPECT_NEAR(found->view.elevation_rad, truth.elevation_rad, radians(2));
    EXPECT_NEAR(found->view.roll_rad, truth.roll_rad, radians(2));
    EXPECT_NEAR(found->view.distance / truth.distance, 1, 0.04);
    EXPECT_GE(std::count_if(found->inliers.begin(), found->inliers.end(), [](int i) { return i >= 40; }), 38);
    EXPECT_EQ(pose_from_points(matches)->view.azimuth_rad, found->view.azimuth_rad) << "twice the same";
  }
}

TEST(PoseFromPoints, IsRefusedWhereNothingAgrees) {
  Rng rng(3);
  const Camera camera = orbit_camera({}, 256);
  EXPECT_FALSE(pose_from_points(matches_of(camera, 5, 0, 0, rng)));
  EXPECT_FALSE(pose_from_points(matches_of(camera, 30, 30, 0, rng), kFocalPerWidth, {.least_inliers = 10}));
}

TEST(OrbitOfACamera, IsExactOnTheOrbitAndNearBesideIt) {
  const OrbitView truth{.azimuth_rad = 2.1, .elevation_rad = 0.4, .roll_rad = -0.2, .distance = 2.8};
  Camera camera = orbit_camera(truth, 256);
  const OrbitView same = orbit_of(camera);
  EXPECT_NEAR(same.azimuth_rad, truth.azimuth_rad, 1e-9);
  EXPECT_NEAR(same.elevation_rad, truth.elevation_rad, 1e-9);
  EXPECT_NEAR(same.roll_rad, truth.roll_rad, 1e-9);
  EXPECT_NEAR(same.distance, truth.distance, 1e-9);
  EXPECT_NEAR(same.shift_x, 0, 1e-9);

  // A camera that looks a little past the centre pictures the object as the shifted view does, within a pixel or two.
  camera.camera_from_world = Eigen::AngleAxisd(radians(3), Eigen::Vector3d(0.6, 0.8, 0)) * camera.camera_from_world;
  const Camera near = orbit_camera(orbit_of(camera), 256);
  for (const Eigen::Vector3d& x : {Eigen::Vector3d(0, 0, 0), Eigen::Vector3d(0.5, 0.3, -0.2), Eigen::Vector3d(-0.4, -0.5, 0.4)})
    EXPECT_LT((camera.project(x) - near.project(x)).head<2>().norm(), 2.5);
}

}  // namespace
}  // namespace looking3d
