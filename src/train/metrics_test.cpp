#include "train/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace looking3d {
namespace {

TEST(BoxIou, HandWorked) {
  const Box unit{0.5, 0.5, 1, 1};
  EXPECT_DOUBLE_EQ(box_iou(unit, unit), 1);
  EXPECT_DOUBLE_EQ(box_iou(unit, {1.0, 0.5, 1, 1}), 0.5 / 1.5);
  EXPECT_DOUBLE_EQ(box_iou(unit, {3, 3, 1, 1}), 0);
  EXPECT_DOUBLE_EQ(box_iou({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

TEST(BoxAveragePrecision, FalsePositivesOnNormalsAndInterpolation) {
  const Box right{0.5, 0.5, 0.2, 0.2}, wrong{0.1, 0.1, 0.1, 0.1};
  // By score: right, normal with a box, right, wrong place, (anomaly without a box). Four true boxes.
  // Precision 1, 1/2, 2/3, 1/2 at recall 1/4, 1/4, 2/4, 2/4; interpolated 1, 2/3, 2/3, 1/2.
  const std::vector<BoxCase> cases = {
      {0.9, right, right}, {0.8, wrong, std::nullopt}, {0.7, right, right}, {0.6, wrong, right}, {0.5, std::nullopt, right}};
  EXPECT_DOUBLE_EQ(box_average_precision(cases), 0.25 * 1 + 0.25 * 2 / 3);
  EXPECT_NEAR(mean_box_iou(cases), 2.0 / 4, 1e-12);
}

TEST(BoxAveragePrecision, NormalsWithoutBoxesDoNoHarm) {
  const Box box{0.5, 0.5, 0.2, 0.2};
  EXPECT_DOUBLE_EQ(box_average_precision({{0.9, std::nullopt, std::nullopt}, {0.5, box, box}}), 1);
  EXPECT_TRUE(std::isnan(box_average_precision({{0.9, box, std::nullopt}})));
}

TEST(CellAuroc, EqualsAuc) {
  const std::vector<float> heat = {0.9f, 0.8f, 0.7f, 0.6f, 0.5f, 0.4f};
  const std::vector<uint8_t> truth = {255, 0, 255, 255, 0, 0};
  CellAuroc cells;
  cells.add(std::span(heat).first(2), std::span(truth).first(2));
  cells.add(std::span(heat).subspan(2), std::span(truth).subspan(2));
  EXPECT_DOUBLE_EQ(cells.value(), 7.0 / 9);  // of 9 pairs, (0.7, 0.8) and (0.6, 0.8) are out of order
}

TEST(RegionOverlap, HandWorked) {
  // Two regions of 1 and 2 pixels, five unchanged pixels. By threshold: (FPR, overlap) = (0, 1/2), (1/5, 1/2), (2/5, 3/4), ...
  const cv::Mat change = (cv::Mat_<uchar>(1, 8) << 255, 0, 255, 255, 0, 0, 0, 0);
  const cv::Mat heat = (cv::Mat_<float>(1, 8) << 1.0f, 0.8f, 0.6f, 0.2f, 0.6f, 0.1f, 0.1f, 0.1f);
  RegionOverlap regions;
  regions.add(heat, change);
  // Between the rates 1/5 and 2/5 the overlap rises from 1/2 to 3/4; at 0.3 it is 5/8.
  EXPECT_NEAR(regions.area(0.3), (0.2 * 0.5 + 0.1 * (0.5 + 0.625) / 2) / 0.3, 1e-12);
  EXPECT_NEAR(regions.area(0.2), 0.5, 1e-12);
}

TEST(RegionOverlap, PerfectAndUndefined) {
  const cv::Mat change = (cv::Mat_<uchar>(2, 3) << 255, 0, 0, 255, 0, 0);
  cv::Mat heat;
  change.convertTo(heat, CV_32F, 1 / 255.0);
  RegionOverlap regions;
  EXPECT_TRUE(std::isnan(regions.area()));
  regions.add(heat, change);
  EXPECT_NEAR(regions.area(), 1, 1e-12);
}

TEST(CalibrationError, HandWorked) {
  // Two bins: probabilities 0.2 and 0.4 with one positive (0.6 against 1), 0.9 alone and right (0.9 against 1).
  EXPECT_NEAR(calibration_error({{0.2, false}, {0.4, true}, {0.9, true}}, 2), (0.4 + 0.1) / 3, 1e-12);
  EXPECT_TRUE(std::isnan(calibration_error({})));
}

}  // namespace
}  // namespace looking3d
