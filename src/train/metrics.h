#pragma once
// Scores of a detector over a whole split: ranking, thresholds, boxes, heat maps, and intervals by resampling shapes.
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "geometry/box.h"

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

/// Intersection over union of two boxes; 0 when the union is empty.
double box_iou(const Box& a, const Box& b);

struct BoxCase {
  double score = 0;              ///< anomaly probability of the photo: ranks its box among all boxes
  std::optional<Box> predicted;  ///< absent: the detector draws no box
  std::optional<Box> truth;      ///< absent: normal photo
};
/// Average precision of boxes (PASCAL VOC 2010 and later): boxes ranked by the anomaly probability of their photo; one is right when it
/// overlaps its photo's true box by at least `iou`, so any box on a normal photo is a false positive; all-point interpolation
/// (precision made non-increasing from the right, area under it over recall). Equal scores enter together. NaN without a true box.
double box_average_precision(std::vector<BoxCase> cases, double iou = 0.5);
/// Mean overlap over photos with a true box, an absent prediction counting 0. NaN without a true box.
double mean_box_iou(const std::vector<BoxCase>& cases);

/// AUROC of heat-map cells against the truth's cells, pooled over all photos, in bounded memory: scores are counted in bins of 1/65536,
/// equal bins being ties.
class CellAuroc {
 public:
  /// `heat` in [0, 1] and `truth` (non-zero: changed), of equal length.
  void add(std::span<const float> heat, std::span<const uint8_t> truth);
  double value() const;  ///< NaN without both classes

 private:
  static constexpr int kBins = 65536;
  std::vector<uint64_t> positives_ = std::vector<uint64_t>(kBins), negatives_ = std::vector<uint64_t>(kBins);
};

struct Interval {
  double low = kUndefined, high = kUndefined;
};
using Statistic = std::function<double(const std::vector<LabelledScore>&)>;
/// 95 % percentile interval by the bootstrap over shapes: photos of a shape stay together, since they share its geometry.
/// `shape_ids[i]` is the shape of cases[i]. Resamples for which the statistic is undefined are left out. Deterministic in `seed`.
Interval bootstrap_interval(const std::vector<LabelledScore>& cases, const std::vector<std::string>& shape_ids, const Statistic& statistic,
                            uint64_t seed = 1, int resamples = 1000);

}  // namespace looking3d
