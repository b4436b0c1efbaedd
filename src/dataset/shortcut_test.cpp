#include "dataset/shortcut.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace looking3d {
namespace {

/// Shapes of 20 photos each; statistics of a shape are alike, as in a real set; `leak` adds to one statistic of anomalous photos.
std::vector<ShortcutCase> drawn_cases(double leak, int shapes = 40) {
  std::vector<ShortcutCase> cases;
  for (int shape = 0; shape < shapes; ++shape) {
    Rng rng(identity(3, shape));
    TrivialStatistics own{};
    for (double& value : own) value = rng.normal();
    for (int photo = 0; photo < 20; ++photo) {
      ShortcutCase one{std::to_string(shape), rng.bernoulli(0.5), own};
      for (double& value : one.statistics) value += 0.5 * rng.normal();
      if (one.anomalous) one.statistics[7] += leak;
      cases.push_back(one);
    }
  }
  return cases;
}

TEST(Shortcut, ChanceWhereNothingTells) {
  const ShortcutResult result = shortcut_test(drawn_cases(0));
  EXPECT_NEAR(result.auc, 0.5, 0.06);
  EXPECT_LT(result.interval.low, 0.5);
  EXPECT_EQ(result.alone.size(), kTrivialNames.size());
}

TEST(Shortcut, FindsTheStatisticThatTells) {
  const ShortcutResult result = shortcut_test(drawn_cases(3));
  EXPECT_GT(result.auc, 0.85);
  EXPECT_EQ(result.alone.front().first, kTrivialNames[7]);
}

TEST(Shortcut, FindsARelationOfTwoStatistics) {
  // Neither statistic tells alone; their product does.
  std::vector<ShortcutCase> cases = drawn_cases(0, 80);
  for (ShortcutCase& one : cases) one.anomalous = one.statistics[2] * one.statistics[9] > 0;
  EXPECT_GT(shortcut_test(cases).auc, 0.8);
}

TEST(Shortcut, UndefinedForOneClassOrFewShapes) {
  std::vector<ShortcutCase> cases = drawn_cases(0);
  cases.resize(100);
  EXPECT_TRUE(std::isnan(shortcut_test(cases).auc));
  cases = drawn_cases(0);
  for (ShortcutCase& one : cases) one.anomalous = true;
  EXPECT_TRUE(std::isnan(shortcut_test(cases).auc));
}

TEST(Shortcut, StatisticsOfAKnownPicture) {
  cv::Mat photo(20, 40, CV_8UC3, cv::Scalar::all(255)), object = cv::Mat::zeros(20, 40, CV_8U);
  const cv::Rect box(10, 5, 20, 10);
  photo(box) = cv::Scalar(10, 20, 30);
  object(box) = 255;
  OrbitView view;
  view.elevation_rad = radians(25);
  view.distance = 2.75;
  view.azimuth_rad = radians(30);
  const TrivialStatistics s = trivial_statistics(photo, object, {1234, view, 5, 3});
  const TrivialStatistics expected = {10, 20, 30, 0, 0, 0, 255, 0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1234, 25, 2.75, 0.5, std::sqrt(0.75),
                                      5,  3};
  for (size_t i = 0; i < s.size(); ++i) EXPECT_NEAR(s[i], expected[i], 1e-9) << kTrivialNames[i];
}

}  // namespace
}  // namespace looking3d
