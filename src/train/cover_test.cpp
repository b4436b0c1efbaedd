#include "train/cover.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace looking3d {
namespace {

const cv::Scalar kPaint(90, 120, 150);

/// An L of grey on white, photo twice as fine as its mask: its hull is larger than itself.
struct Piece {
  cv::Mat photo = cv::Mat(128, 128, CV_8UC3, cv::Scalar::all(255)), object = cv::Mat::zeros(64, 64, CV_8U);
  Piece() {
    for (const cv::Rect part : {cv::Rect(12, 10, 12, 44), cv::Rect(12, 42, 40, 12)}) {
      object(part).setTo(255);
      photo(cv::Rect(2 * part.x, 2 * part.y, 2 * part.width, 2 * part.height)).setTo(kPaint);
    }
  }
};

TEST(Cover, HidesSomeOfThePieceAndDiffersThere) {
  const Piece piece;
  const double pixels = cv::countNonZero(piece.object);
  int covered = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const CoveredPhoto seen = with_cover(piece.photo, piece.object, Rng(seed));
    ASSERT_EQ(seen.photo.size(), piece.photo.size());
    if (seen.cover.empty()) {
      EXPECT_EQ(cv::norm(seen.photo, piece.photo, cv::NORM_INF), 0);
      continue;
    }
    ++covered;
    ASSERT_EQ(seen.cover.size(), piece.object.size());
    cv::Mat hidden, differs, fine;
    cv::bitwise_and(seen.cover, piece.object, hidden);
    EXPECT_GE(cv::countNonZero(hidden), 0.01 * pixels);
    EXPECT_LE(cv::countNonZero(hidden), 0.45 * pixels);
    EXPECT_EQ(cv::countNonZero(seen.cover(cv::Rect(40, 0, 24, 20))), 0) << "beyond the hull";
    cv::resize(seen.cover, fine, piece.photo.size(), 0, 0, cv::INTER_NEAREST);
    cv::absdiff(seen.photo, piece.photo, differs);
    cv::cvtColor(differs, differs, cv::COLOR_BGR2GRAY);
    EXPECT_GT(cv::countNonZero((differs > 3) & fine), 0.8 * cv::countNonZero(fine)) << seed;
  }
  EXPECT_GT(covered, 90);
}

TEST(Cover, LeavesTheOriginalAloneAndTheBackgroundWithoutShadow) {
  const Piece piece;
  const cv::Mat before = piece.photo.clone();
  const CoveredPhoto seen = with_cover(piece.photo, piece.object, Rng(3)), again = with_cover(piece.photo, piece.object, Rng(3));
  EXPECT_EQ(cv::norm(piece.photo, before, cv::NORM_INF), 0);
  EXPECT_EQ(cv::norm(seen.photo, again.photo, cv::NORM_INF), 0);
  // A corner that this thing does not reach, far from the piece.
  EXPECT_EQ(cv::norm(seen.photo(cv::Rect(110, 0, 18, 18)), before(cv::Rect(110, 0, 18, 18)), cv::NORM_INF), 0);
}

TEST(Cover, NothingIsLaidOnNoPiece) {
  const Piece piece;
  EXPECT_TRUE(with_cover(piece.photo, cv::Mat::zeros(64, 64, CV_8U), Rng(1)).cover.empty());
  EXPECT_TRUE(with_cover(piece.photo, {}, Rng(1)).cover.empty());
}

TEST(Cover, ItsTruthIsOneChangeOnAWholePieceAndTwoOnADamagedOne) {
  cv::Mat cover = cv::Mat::zeros(64, 64, CV_8U), change = cover.clone();
  cover(cv::Rect(8, 16, 16, 8)).setTo(255);
  change(cv::Rect(40, 40, 4, 4)).setTo(255);
  const TrainingPhoto whole = truth_of_covered({}, cover);
  EXPECT_TRUE(whole.anomalous);
  EXPECT_EQ(whole.kind, -1);
  EXPECT_EQ(cv::norm(whole.change, cover, cv::NORM_INF), 0);
  EXPECT_NEAR(whole.box->cx, 0.25, 1e-9);
  EXPECT_NEAR(whole.box->h, 0.125, 1e-9);

  TrainingPhoto damaged;
  damaged.anomalous = true, damaged.kind = 2, damaged.change = change, damaged.box = Box{0.65, 0.65, 0.1, 0.1};
  const TrainingPhoto both = truth_of_covered(damaged, cover);
  EXPECT_EQ(both.kind, -1);
  EXPECT_FALSE(both.box);
  EXPECT_EQ(cv::countNonZero(both.change), 16 * 8 + 16);
  EXPECT_EQ(cv::countNonZero(change), 16) << "the store's own picture changed";
  damaged.change = cv::Mat();
  EXPECT_TRUE(truth_of_covered(damaged, cover).change.empty()) << "not known, so not known beside a cover either";
}

}  // namespace
}  // namespace looking3d
