#include "pose/part_suspects.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace looking3d {
namespace {

enum { kSeat, kLeg, kFarLeg, kHidden, kParts };

/// A seat on two legs, as a camera might see it; a fourth part is not seen at all.
cv::Mat seat_on_legs() {
  cv::Mat part_id(128, 128, CV_16S, cv::Scalar(-1));
  part_id(cv::Rect(24, 40, 80, 30)) = kSeat;
  part_id(cv::Rect(28, 70, 5, 40)) = kLeg;
  part_id(cv::Rect(95, 70, 5, 40)) = kFarLeg;
  return part_id;
}

cv::Mat heat_in(const std::vector<cv::Rect>& places, float value = 0.9f) {
  cv::Mat heat(128, 128, CV_32F, cv::Scalar(0.01f));
  for (const cv::Rect& place : places) heat(place) = value;
  return heat;
}

TEST(PartSuspects, AThinLegWhollyChangedBeatsTheSeatItsShadowTouches) {
  // More heat lies on the seat than on the leg.
  const auto found = part_suspects(seat_on_legs(), heat_in({{28, 70, 5, 40}, {24, 61, 36, 9}}), kParts);
  EXPECT_EQ(found[0].part, kLeg);
  EXPECT_NEAR(found[0].change, 0.9, 1e-3);
  EXPECT_GT(found[0].share, 0.5);
}

TEST(PartSuspects, AMovedPartIsHotWhereItWasAndWhereItIs) {
  // The leg went 12 pixels to the right, and its new place is hot as well.
  EXPECT_EQ(part_suspects(seat_on_legs(), heat_in({{28, 70, 5, 40}, {40, 70, 5, 40}}), kParts)[0].part, kLeg);
  // The leg went up and now stands before the seat.
  EXPECT_EQ(part_suspects(seat_on_legs(), heat_in({{28, 90, 5, 20}, {28, 50, 5, 20}}), kParts)[0].part, kLeg);
}

TEST(PartSuspects, WhatIsToldOfThePartDecidesBetweenTwins) {
  // Something is hot between the legs, as near to one as to the other.
  const cv::Mat heat = heat_in({{33, 80, 8, 20}, {87, 80, 8, 20}});
  const auto told = [&](const cv::Rect& leg) { return part_suspects(seat_on_legs(), heat, kParts, heat_in({leg})); };
  const auto alone = part_suspects(seat_on_legs(), heat, kParts), near = told({28, 70, 5, 40}), far = told({95, 70, 5, 40});
  EXPECT_EQ(near[0].part, kLeg);
  EXPECT_EQ(far[0].part, kFarLeg);
  EXPECT_GT(std::min(near[0].share, far[0].share), alone[0].share);
}

TEST(PartSuspects, ABrokenPartMayStayColdForTheMostPart) {
  const auto found = part_suspects(seat_on_legs(), heat_in({{90, 40, 14, 12}}), kParts);
  EXPECT_EQ(found[0].part, kSeat);
  EXPECT_LT(found[0].change, 0.1);
}

TEST(PartSuspects, AllPartsAreListedAndSharesSumToOne) {
  for (const cv::Mat& heat : {heat_in({{28, 70, 5, 40}}), heat_in({}), heat_in({{0, 0, 20, 20}})}) {
    const auto found = part_suspects(seat_on_legs(), heat, kParts);
    ASSERT_EQ(found.size(), static_cast<size_t>(kParts));
    double sum = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      sum += found[i].share;
      EXPECT_LE(found[i].share, i > 0 ? found[i - 1].share : 1);
      EXPECT_EQ(found[i].visible == 0, found[i].part == kHidden);
    }
    EXPECT_NEAR(sum, 1, 1e-9);
    EXPECT_EQ(found.back().part, kHidden);
  }
}

TEST(PartSuspects, FinePicturesAndCoarseMapsNameTheSamePart) {
  cv::Mat fine, coarse;
  cv::resize(seat_on_legs(), fine, {256, 256}, 0, 0, cv::INTER_NEAREST);
  cv::resize(heat_in({{28, 70, 5, 40}}), coarse, {64, 64}, 0, 0, cv::INTER_AREA);
  EXPECT_EQ(part_suspects(fine, coarse, kParts)[0].part, kLeg);
  EXPECT_EQ(part_suspects(seat_on_legs(), coarse, kParts)[0].part, kLeg);
}

TEST(PartSuspects, NothingVisibleNamesNobody) {
  const cv::Mat nothing(64, 64, CV_16S, cv::Scalar(-1));
  for (const PartSuspect& suspect : part_suspects(nothing, heat_in({{3, 3, 9, 9}}), 2)) EXPECT_EQ(suspect.share, 0);
}

}  // namespace
}  // namespace looking3d
