#pragma once
// How well scores rank positives above negatives, and how sure that is.
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace looking3d {

/// One judged photo: anomaly score (any scale, larger is more anomalous), truth, and how often it counts (resampling).
struct LabelledScore {
  double score = 0;
  bool positive = false;
  double weight = 1;
};

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// Area under the ROC curve: share of (positive, negative) pairs in order, ties counting half (midranks). NaN without both classes.
double auc(std::vector<LabelledScore> cases);
/// Share of cases with (score >= threshold) == positive. NaN when empty.
double accuracy(const std::vector<LabelledScore>& cases, double threshold = 0.5);
/// Largest F1 over all thresholds. NaN without a positive.
double f1_max(std::vector<LabelledScore> cases);
/// Average precision: sum over distinct scores, highest first, of precision there x recall gained there. NaN without a positive.
double average_precision(std::vector<LabelledScore> cases);
/// Largest recall over thresholds at which at most `false_alarms` of the negatives score as high. NaN without both classes.
double recall_at_false_alarms(std::vector<LabelledScore> cases, double false_alarms = 0.01);

struct Interval {
  double low = kUndefined, high = kUndefined;
};
/// Of the photos drawn, by index; a photo may be drawn more than once.
using DrawStatistic = std::function<std::vector<double>(const std::vector<size_t>& photos)>;
/// 95 % percentile intervals by the bootstrap over shapes: photos of a shape stay together, since they share its geometry.
/// `shape_ids[i]` is the shape of photo i. One interval for each number that the statistic gives; resamples for which one is undefined are
/// left out for it. Called from several threads. Deterministic in `seed`.
std::vector<Interval> bootstrap_intervals(const std::vector<std::string>& shape_ids, const DrawStatistic& statistic, uint64_t seed = 1,
                                          int resamples = 1000);
using Statistic = std::function<double(const std::vector<LabelledScore>&)>;
/// The same of one statistic of labelled scores; `shape_ids[i]` is the shape of cases[i].
Interval bootstrap_interval(const std::vector<LabelledScore>& cases, const std::vector<std::string>& shape_ids, const Statistic& statistic,
                            uint64_t seed = 1, int resamples = 1000);

/// Weights of all cases that share one score.
struct ScoreGroup {
  double positives = 0, negatives = 0;
};
/// Groups of equal scores, highest score first. Scores must not be NaN.
std::vector<ScoreGroup> groups_from_top(std::vector<LabelledScore>& cases);
/// AUC of groups, highest score first.
double area_under_roc(const std::vector<ScoreGroup>& groups);

}  // namespace looking3d
