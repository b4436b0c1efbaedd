#include "engine/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "shapes/procedural.h"

namespace looking3d {
namespace {

PartMotionFit fit_of(double unmoved, double removed, double cost, double turn_rad, double shift, double lost_share) {
  PartMotionFit fit;
  fit.motion.turn = Eigen::AngleAxisd(turn_rad, Eigen::Vector3d::UnitY()).toRotationMatrix();
  fit.motion.shift = {shift, 0, 0};
  fit.unmoved = unmoved, fit.removed = removed, fit.cost = cost;
  fit.visible_px = 150;
  fit.lost_share = lost_share;
  return fit;
}

std::string first(const std::array<double, kKinds>& kinds) {
  EXPECT_NEAR(std::accumulate(kinds.begin(), kinds.end(), 0.0), 1, 1e-9);
  return kKindNames[std::max_element(kinds.begin(), kinds.end()) - kinds.begin()];
}

TEST(CombinedKinds, GeometryTellsTheKindsApart) {
  EXPECT_EQ(first(combined_kinds({}, fit_of(300, 45, 50, 0.3, 0.3, 0.95))), "missing");
  EXPECT_EQ(first(combined_kinds({}, fit_of(50, 250, 48, 0.02, 0.01, 0.1))), "broken");
  EXPECT_EQ(first(combined_kinds({}, fit_of(500, 350, 40, 0.03, 0.3, 0.8))), "position");
  EXPECT_EQ(first(combined_kinds({}, fit_of(500, 400, 50, 0.9, 0.02, 0.6))), "rotation");
}

TEST(CombinedKinds, ASureNetworkIsNotOverruledAndAnUnsureOneIsHelped) {
  const PartMotionFit gone = fit_of(300, 45, 50, 0.3, 0.3, 0.95);
  EXPECT_EQ(first(combined_kinds(std::array{0.0, 0.0, 0.0, 1.0, 0.0}, gone)), "swapped");
  EXPECT_EQ(first(combined_kinds(std::array{0.25, 0.2, 0.2, 0.15, 0.2}, gone)), "missing");
}

TEST(CoveredShare, IsTheCoverWhereItIsHot) {
  cv::Mat heat = cv::Mat::zeros(64, 64, CV_32F), cover = cv::Mat::zeros(16, 16, CV_32F);
  EXPECT_EQ(covered_share(heat, {}), std::nullopt);
  EXPECT_EQ(covered_share(heat, cover), 0);
  heat(cv::Rect(0, 0, 16, 16)).setTo(0.8), heat(cv::Rect(40, 40, 16, 16)).setTo(0.3);  // less than half of the peak does not count
  EXPECT_EQ(covered_share(heat, cover), 0);
  cover(cv::Rect(8, 8, 8, 8)).setTo(0.9);
  EXPECT_EQ(covered_share(heat, cover), 0);
  cover(cv::Rect(0, 0, 8, 8)).setTo(0.9);
  EXPECT_NEAR(*covered_share(heat, cover), 0.9, 1e-6);
}

TEST(ExplainChange, SomethingOnAPartIsACoverOfThatPartAndNoMotion) {
  const ReferenceData reference = prepare_reference("chair", make_shape({2, 5, "armchair"}), {});
  const OrbitView view{.azimuth_rad = 0.5, .elevation_rad = 0.5};
  const Layers layers = render_layers(reference.scene, orbit_camera(view, 128));
  const cv::Mat object = layers.part_id >= 0;
  // Hot on the part that shows most, and covered there.
  const std::vector<int> pixels = part_pixels(layers.part_id, reference.scene.part_count());
  const int largest = static_cast<int>(std::max_element(pixels.begin(), pixels.end()) - pixels.begin());
  const cv::Mat there = layers.part_id == largest;
  cv::Mat heat = cv::Mat::zeros(128, 128, CV_32F);
  heat.setTo(0.9, there);
  const Explanation damaged = explain_change(reference, {view, heat, object, {}, {}, cv::Mat::zeros(16, 16, CV_32F)}, true);
  EXPECT_EQ(damaged.covered, 0);
  EXPECT_TRUE(damaged.motion);
  const Explanation covered = explain_change(reference, {view, heat, object, {}, {}, heat}, true);
  EXPECT_GT(covered.covered, 0.8);
  EXPECT_FALSE(covered.motion);
  EXPECT_EQ(covered.parts.front().part, largest);
  EXPECT_GT(covered.parts.front().share, 0.95);
}

}  // namespace
}  // namespace looking3d
