#include "engine/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

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

}  // namespace
}  // namespace looking3d
