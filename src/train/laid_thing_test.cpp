#include "train/laid_thing.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "shapes/members.h"
#include "train/cover.h"

namespace looking3d {
namespace {

/// A slab whose top lies at y = 0.1, on the left half of which a wall stands nearer to the camera of azimuth 0.
Shape slab() {
  TriangleMesh top = rounded_box({1.2, 0.2, 1.0}), wall = rounded_box({0.5, 0.6, 0.05});
  for (Eigen::Vector3f& vertex : wall.vertices) vertex += Eigen::Vector3f(-0.35f, 0.4f, 0.4f);
  return {"slab", "", {{"top", "", "", top}, {"wall", "", "", wall}}};
}

const OrbitView kFromAbove{.azimuth_rad = 0, .elevation_rad = 0.6, .distance = 3};

TEST(LaidThing, LiesOnWhatFacesUpOrLeansOnWhatDoesNot) {
  const Camera camera = orbit_camera(kFromAbove, 128);
  const Layers layers = render_layers(Scene(slab()), camera);
  int lying = 0, leaning = 0;
  for (uint64_t seed = 0; seed < 80; ++seed) {
    const auto thing = thing_on(layers, camera, Rng(seed));
    if (!thing) continue;
    float low = 9, high = -9;
    for (const Eigen::Vector3f& vertex : thing->mesh.vertices) {
      ASSERT_TRUE(vertex.allFinite());
      EXPECT_LE((vertex.cast<double>() - thing->middle).norm(), 3 * thing->half);
      low = std::min(low, vertex.y()), high = std::max(high, vertex.y());
    }
    EXPECT_NEAR((thing->axes.transpose() * thing->axes - Eigen::Matrix3d::Identity()).norm(), 0, 1e-5);
    EXPECT_NEAR(thing->axes.determinant(), 1, 1e-5);
    if (thing->axes(1, 2) < 0.8) {
      ++leaning;
      continue;
    }
    ++lying;
    const bool on_wall = thing->middle.y() > 0.65;
    EXPECT_LT(low, on_wall ? 0.75 : 0.15) << seed;  // it touches what carries it
    EXPECT_GT(low, on_wall ? 0.4 : -0.25) << seed;
    EXPECT_GT(high, on_wall ? 0.7 : 0.1) << seed;
  }
  EXPECT_GT(lying, 25);
  EXPECT_GT(leaning, 5);
}

TEST(LaidThing, FromBelowNothingIsSeenToLie) {
  const Camera camera = orbit_camera({.elevation_rad = -0.7, .distance = 3}, 128);
  const Layers layers = render_layers(Scene(slab()), camera);
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const auto thing = thing_on(layers, camera, Rng(seed));
    if (thing) {
      EXPECT_LT(thing->axes(1, 2), 0.8);
    }
  }
}

TEST(LaidThing, ThePieceHidesWhatLiesBehindIt) {
  const Scene piece(slab());
  const cv::Mat photo(128, 128, CV_8UC3, cv::Scalar(200, 200, 200));
  const Camera camera = orbit_camera(kFromAbove, 128);
  const Layers layers = render_layers(piece, camera);
  const cv::Mat object = layers.mask(), wall = layers.part_id == 1;
  int covered = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const CoveredPhoto seen = with_thing_on(photo, object, piece, kFromAbove, Rng(seed)),
                       again = with_thing_on(photo, object, piece, kFromAbove, Rng(seed));
    ASSERT_EQ(cv::norm(seen.photo, again.photo, cv::NORM_INF), 0);
    if (seen.cover.empty()) continue;
    ++covered;
    cv::Mat hidden, differs;
    cv::bitwise_and(seen.cover, object, hidden);
    EXPECT_GE(cv::countNonZero(hidden), 0.01 * cv::countNonZero(object));
    EXPECT_LE(cv::countNonZero(hidden), 0.45 * cv::countNonZero(object));
    cv::absdiff(seen.photo, photo, differs);
    cv::cvtColor(differs, differs, cv::COLOR_BGR2GRAY);
    EXPECT_GT(cv::countNonZero((differs > 3) & seen.cover), 0.7 * cv::countNonZero(seen.cover)) << seed;
  }
  EXPECT_GT(covered, 25);

  // Drawn plainly: what the thing alone shows, where nothing of the piece lies nearer.
  int equal = 0, behind_the_wall = 0;
  for (uint64_t seed = 0; seed < 80; ++seed) {
    const auto thing = thing_on(layers, camera, Rng(seed).fork("thing", 0));
    if (!thing) continue;
    const Layers alone = render_layers(Scene(Shape{"thing", "", {{"thing", "", "", thing->mesh}}}), camera);
    cv::Mat visible = alone.mask();
    visible.setTo(0, (layers.depth > 0) & (layers.depth < alone.depth));
    const CoveredPhoto seen = with_thing_on(photo, object, piece, kFromAbove, Rng(seed));
    if (seen.cover.empty() || cv::countNonZero(seen.cover ^ visible) > 0) continue;  // another draw was taken
    ++equal;
    behind_the_wall += cv::countNonZero(alone.mask() & wall & ~seen.cover) > 0;
  }
  EXPECT_GT(equal, 20);
  EXPECT_GT(behind_the_wall, 2);
}

}  // namespace
}  // namespace looking3d
