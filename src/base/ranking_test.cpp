#include "base/ranking.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/parallel.h"
#include "base/random.h"

namespace looking3d {
namespace {

using Cases = std::vector<LabelledScore>;

// Scores 0.9+ 0.8- 0.7+ 0.6+ 0.5- 0.4-: of 9 pairs, (0.7, 0.8) and (0.6, 0.8) are out of order.
const Cases kSix = {{0.9, true}, {0.8, false}, {0.7, true}, {0.6, true}, {0.5, false}, {0.4, false}};

TEST(Auc, CountsPairsInOrder) {
  EXPECT_DOUBLE_EQ(auc(kSix), 7.0 / 9);
  EXPECT_DOUBLE_EQ(auc({{2, true}, {1, false}}), 1);
  EXPECT_DOUBLE_EQ(auc({{1, true}, {2, false}}), 0);
}

TEST(Auc, TiesCountHalf) {
  // Positives 3, 2; negatives 2, 1: pairs 1 + 1 + 1/2 + 1 of 4.
  EXPECT_DOUBLE_EQ(auc({{3, true}, {2, true}, {2, false}, {1, false}}), 3.5 / 4);
  EXPECT_DOUBLE_EQ(auc({{1, true}, {1, false}, {1, false}}), 0.5);
}

TEST(Auc, UndefinedForOneClass) {
  EXPECT_TRUE(std::isnan(auc({{1, true}})));
  EXPECT_TRUE(std::isnan(auc({})));
}

TEST(Auc, WeightIsRepetition) {
  EXPECT_DOUBLE_EQ(auc({{3, true, 2}, {2, false}, {1, true}}), auc({{3, true}, {3, true}, {2, false}, {1, true}}));
}

TEST(Auc, EqualsDirectCountOnRandomCases) {
  Rng rng(7);
  Cases cases;
  for (int i = 0; i < 200; ++i) cases.push_back({static_cast<double>(rng.uniform_int(0, 20)), rng.bernoulli(0.4)});
  double pairs = 0, all = 0;
  for (const auto& p : cases) {
    for (const auto& n : cases) {
      if (!p.positive || n.positive) continue;
      ++all;
      pairs += p.score > n.score ? 1 : p.score == n.score ? 0.5 : 0;
    }
  }
  EXPECT_NEAR(auc(cases), pairs / all, 1e-12);
}

TEST(Accuracy, ThresholdIsIncluded) {
  EXPECT_DOUBLE_EQ(accuracy({{0.5, true}, {0.5, false}, {0.49, false}, {0.2, true}}), 0.5);
  EXPECT_DOUBLE_EQ(accuracy(kSix), 4.0 / 6);
}

TEST(F1, BestThreshold) {
  // At 0.6: precision 3/4, recall 1.
  EXPECT_DOUBLE_EQ(f1_max(kSix), 2 * 0.75 * 1 / 1.75);
}

TEST(AveragePrecision, HandWorked) {
  // Precision 1, 2/3, 3/4 at the three positives.
  EXPECT_DOUBLE_EQ(average_precision(kSix), (1 + 2.0 / 3 + 3.0 / 4) / 3);
  // All tied: precision is the base rate.
  EXPECT_DOUBLE_EQ(average_precision({{1, true}, {1, false}, {1, false}, {1, false}}), 0.25);
}

TEST(RecallAtFalseAlarms, StopsBeforeTheLimit) {
  EXPECT_DOUBLE_EQ(recall_at_false_alarms(kSix, 0.01), 1.0 / 3);
  EXPECT_DOUBLE_EQ(recall_at_false_alarms(kSix, 0.34), 1);
  // A positive tied with a negative is not found without the alarm.
  EXPECT_DOUBLE_EQ(recall_at_false_alarms({{1, true}, {1, false}, {0, false}}, 0.01), 0);
}

TEST(Bootstrap, DrawsShapesNotPhotos) {
  // Each shape is all right or all wrong: photos of one shape carry no more information than one.
  Cases cases;
  std::vector<std::string> ids;
  Rng rng(3);
  for (int shape = 0; shape < 40; ++shape) {
    const bool fails = rng.bernoulli(0.25);
    for (int photo = 0; photo < 25; ++photo) {
      const bool positive = photo % 2 == 0;
      cases.push_back({fails == positive ? 0.0 : 1.0, positive});
      ids.push_back(std::to_string(shape));
    }
  }
  const auto right = [](const Cases& drawn) { return accuracy(drawn); };
  const Interval by_shape = bootstrap_interval(cases, ids, right);
  // Binomial with n = 40: deviation about 0.068, 95 % interval about 0.27 wide; by photo it would be 0.05.
  EXPECT_GT(by_shape.high - by_shape.low, 0.18);
  EXPECT_LT(by_shape.high - by_shape.low, 0.36);
  EXPECT_LE(by_shape.low, accuracy(cases));
  EXPECT_GE(by_shape.high, accuracy(cases));
}

TEST(Bootstrap, SameForAnyThreadCount) {
  std::vector<std::string> ids = {"a", "a", "b", "c", "d", "d"};
  const auto statistic = [](const Cases& drawn) { return auc(drawn); };
  const int threads = thread_count();
  set_thread_count(1);
  const Interval one = bootstrap_interval(kSix, ids, statistic, 5, 200);
  set_thread_count(2);
  const Interval two = bootstrap_interval(kSix, ids, statistic, 5, 200);
  set_thread_count(threads);
  EXPECT_EQ(one.low, two.low);
  EXPECT_EQ(one.high, two.high);
}

}  // namespace
}  // namespace looking3d
