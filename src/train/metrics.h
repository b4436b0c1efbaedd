#pragma once
// Scores of a detector over a whole split beyond base/ranking.h: boxes and heat maps.
#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <vector>

#include "base/ranking.h"
#include "geometry/box.h"

namespace looking3d {

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

/// Per-region overlap of heat maps (Bergmann et al. 2021): the mean share of each changed region that lies above a threshold, against the
/// share of unchanged pixels above it, pooled over all photos. Scores are counted in bins of 1/1024.
class RegionOverlap {
 public:
  /// `heat` H x W, CV_32F in [0, 1]; `change` H x W, CV_8U, non-zero where the piece is changed. Regions are 8-connected.
  void add(const cv::Mat& heat, const cv::Mat& change);
  /// AUPRO: area under overlap over false-positive rate up to `limit`, divided by it. NaN without regions or unchanged pixels.
  double area(double limit = 0.3) const;

 private:
  static constexpr int kBins = 1024;
  std::vector<std::vector<uint32_t>> regions_;  ///< pixels of each region by bin
  std::vector<uint64_t> unchanged_ = std::vector<uint64_t>(kBins);
};

/// Expected calibration error: mean distance between probability and truth over `bins` equal bins of probability, weighted by their cases
/// (Guo et al. 2017). NaN when empty.
double calibration_error(const std::vector<LabelledScore>& probabilities, int bins = 15);

/// The value in the middle, of two the larger. NaN when empty.
double median_of(std::vector<double> values);

}  // namespace looking3d
