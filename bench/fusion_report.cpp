// Whether two detectors know more together than the better of them alone: the logits of two runs of `eval` added with weights fitted on one
// split and judged on another.
//   fusion_report VAL_RUN_A VAL_RUN_B TEST_RUN_A TEST_RUN_B
#include <Eigen/Dense>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "train/compare.h"

using namespace looking3d;

namespace {

/// Photos that both detectors judged, in the order of their names.
struct Pair {
  std::vector<JudgedRow> a, b;
  Pair(const Path& run_a, const Path& run_b) {
    const EarlierRun first = read_run(run_a), second = read_run(run_b);
    require_same_photos(first, second.rows);
    a = by_photo(first.rows), b = by_photo(second.rows);
  }
  Eigen::Vector3d terms(size_t i) const { return {a[i].logit, b[i].logit, 1}; }
};

/// Logistic regression by Newton's method, weights drawn towards 0 as by a few photos.
Eigen::Vector3d fitted(const Pair& pair) {
  constexpr double kPrior = 1;
  Eigen::Vector3d weights(1, 0, 0);
  for (int step = 0; step < 50; ++step) {
    Eigen::Vector3d gradient = kPrior * weights;
    Eigen::Matrix3d curvature = kPrior * Eigen::Matrix3d::Identity();
    for (size_t i = 0; i < pair.a.size(); ++i) {
      const Eigen::Vector3d x = pair.terms(i);
      const double p = 1 / (1 + std::exp(-weights.dot(x)));
      gradient += (p - (pair.a[i].anomalous ? 1 : 0)) * x;
      curvature += p * (1 - p) * x * x.transpose();
    }
    weights -= curvature.ldlt().solve(gradient);
  }
  return weights;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) {
    std::fprintf(stderr, "usage: fusion_report VAL_RUN_A VAL_RUN_B TEST_RUN_A TEST_RUN_B\n");
    return 2;
  }
  const Pair val(argv[1], argv[2]), test(argv[3], argv[4]);
  const Eigen::Vector3d weights = fitted(val);
  std::vector<JudgedRow> both = test.a;
  for (size_t i = 0; i < both.size(); ++i) {
    both[i].logit = weights.dot(test.terms(i));
    both[i].probability = 1 / (1 + std::exp(-both[i].logit));
  }
  const auto show = [&](const char* name, const std::vector<JudgedRow>& rows) {
    const std::vector<Interval> intervals =
        bootstrap_intervals(shapes_of(rows), [&](const std::vector<size_t>& photos) { return photo_measures(rows, photos); });
    const std::vector<double> values = photo_measures(rows, all_of(rows));
    std::printf("| %s | %s | %s |\n", name, interval_text(with_interval(values[0], intervals[0])).c_str(),
                interval_text(with_interval(values[4], intervals[4])).c_str());
  };
  std::printf(
      "%.3f x first %+.3f x second %+.3f, fitted to %zu photos; %zu judged\n\n| detector | AUC | recall at 1 %% false alarms "
      "|\n|---|---|---|\n",
      weights[0], weights[1], weights[2], val.a.size(), test.a.size());
  show("first", test.a);
  show("second", test.b);
  show("both", both);
  const EarlierRun first{argv[3], {{"method", "first"}}, test.a};
  std::printf("%s", comparison_table(comparison_json(first, both)).c_str());
  return 0;
} catch (const InputError& error) {
  std::fprintf(stderr, "fusion_report: %s\n", error.what());
  return 2;
}
