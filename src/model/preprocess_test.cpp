#include "model/preprocess.h"

#include <gtest/gtest.h>

#include <cmath>

namespace looking3d {
namespace {

TEST(Positions, OfAPatchAreTheMeanOfItsSurfacePoints) {
  // A grid of 4 x 4 points into 2 x 2 patches: one with four points, one with a single one, one with none, one with two.
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  std::vector<Eigen::Vector3f> points(16, Eigen::Vector3f::Constant(kNone));
  points[0] = {1, 0, 0}, points[1] = {2, 0, 0}, points[4] = {3, 0, 4}, points[5] = {6, 2, 0};
  points[7] = {-1, -2, -3};
  points[10] = {1, 1, 1}, points[15] = {3, 2, 1};
  torch::Tensor position = torch::full({2, 2, 3}, 9.0f), surface = torch::ones({2, 2}, torch::kBool);
  write_positions(points, position, surface);
  EXPECT_TRUE(torch::equal(surface, torch::tensor({true, true, false, true}).view({2, 2})));
  EXPECT_TRUE(torch::allclose(position.view({4, 3}),
                              torch::tensor({3.0f, 0.5f, 1.0f, -1.0f, -2.0f, -3.0f, 0.0f, 0.0f, 0.0f, 2.0f, 1.5f, 1.0f}).view({4, 3})));
}

TEST(GreyView, IsTheMeanOfThePixelsItStandsFor) {
  cv::Mat grey(4, 4, CV_8U);
  for (int i = 0; i < 16; ++i) grey.data[i] = static_cast<uchar>(10 * i);
  EXPECT_TRUE(torch::equal(grey_view(grey, 2), torch::tensor({25, 45, 105, 125}).view({2, 2}).to(torch::kByte)));
  const torch::Tensor same = grey_view(grey, 4);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(same.view(-1)[i].item<int>(), grey.data[i]);
  // A piece of a larger picture, whose rows do not lie one after the other.
  EXPECT_TRUE(torch::equal(grey_view(grey(cv::Rect(1, 1, 2, 2)), 2), torch::tensor({50, 60, 90, 100}).view({2, 2}).to(torch::kByte)));
}

}  // namespace
}  // namespace looking3d
