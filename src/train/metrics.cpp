#include "train/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {

double box_average_precision(std::vector<BoxCase> cases, double iou) {
  const auto truths = std::count_if(cases.begin(), cases.end(), [](const BoxCase& c) { return c.truth.has_value(); });
  if (truths == 0) return kUndefined;

  // Precision and recall after each distinct score.
  std::vector<LabelledScore> boxes;
  for (const BoxCase& c : cases) {
    if (c.predicted) boxes.push_back({c.score, c.truth && box_iou(*c.predicted, *c.truth) >= iou});
  }
  std::vector<double> precision, recall;
  double found = 0, drawn = 0;
  for (const ScoreGroup& group : groups_from_top(boxes)) {
    found += group.positives;
    drawn += group.positives + group.negatives;
    precision.push_back(found / drawn);
    recall.push_back(found / static_cast<double>(truths));
  }

  // All-point interpolation.
  for (size_t i = precision.size(); i > 1; --i) precision[i - 2] = std::max(precision[i - 2], precision[i - 1]);
  double area = 0;
  for (size_t i = 0; i < precision.size(); ++i) area += precision[i] * (recall[i] - (i == 0 ? 0 : recall[i - 1]));
  return area;
}

double mean_box_iou(const std::vector<BoxCase>& cases) {
  double sum = 0;
  int64_t count = 0;
  for (const BoxCase& c : cases) {
    if (!c.truth) continue;
    ++count;
    if (c.predicted) sum += box_iou(*c.predicted, *c.truth);
  }
  return count > 0 ? sum / static_cast<double>(count) : kUndefined;
}

void CellAuroc::add(std::span<const float> heat, std::span<const uint8_t> truth) {
  L3D_CHECK_EQ(heat.size(), truth.size());
  for (size_t i = 0; i < heat.size(); ++i) {
    const int bin = static_cast<int>(std::clamp(heat[i], 0.0f, 1.0f) * (kBins - 1) + 0.5f);
    ++(truth[i] ? positives_ : negatives_)[static_cast<size_t>(bin)];
  }
}

double CellAuroc::value() const {
  std::vector<ScoreGroup> groups;
  for (size_t i = kBins; i > 0; --i) {
    groups.push_back({static_cast<double>(positives_[i - 1]), static_cast<double>(negatives_[i - 1])});
  }
  return area_under_roc(groups);
}

void RegionOverlap::add(const cv::Mat& heat, const cv::Mat& change) {
  L3D_CHECK(heat.size() == change.size(), "heat at the truth's size");
  cv::Mat labels;
  const int count = cv::connectedComponents(change != 0, labels, 8, CV_32S);
  const size_t first = regions_.size();
  regions_.resize(first + static_cast<size_t>(count) - 1, std::vector<uint32_t>(kBins));
  for (int y = 0; y < heat.rows; ++y)
    for (int x = 0; x < heat.cols; ++x) {
      const auto bin = static_cast<size_t>(std::clamp(heat.at<float>(y, x), 0.0f, 1.0f) * (kBins - 1) + 0.5f);
      const int label = labels.at<int>(y, x);
      if (label == 0) {
        ++unchanged_[bin];
      } else {
        ++regions_[first + static_cast<size_t>(label) - 1][bin];
      }
    }
}

double RegionOverlap::area(double limit) const {
  const auto total = static_cast<double>(std::accumulate(unchanged_.begin(), unchanged_.end(), uint64_t{0}));
  if (regions_.empty() || total == 0) return kUndefined;
  std::vector<double> gained(kBins);  // mean share of a region that each bin adds
  for (const std::vector<uint32_t>& region : regions_) {
    const double size = std::accumulate(region.begin(), region.end(), 0.0);
    for (size_t i = 0; i < gained.size(); ++i) gained[i] += region[i] / (size * static_cast<double>(regions_.size()));
  }

  // Lower the threshold bin by bin; trapezoids between, the last one cut at the limit.
  double area = 0, rate = 0, overlap = 0;
  for (size_t i = kBins; i > 0 && rate < limit; --i) {
    const double step = static_cast<double>(unchanged_[i - 1]) / total, part = step > 0 ? std::min(1.0, (limit - rate) / step) : 1;
    area += part * step * (overlap + part * gained[i - 1] / 2);
    rate += step, overlap += gained[i - 1];
  }
  return area / limit;
}

double calibration_error(const std::vector<LabelledScore>& probabilities, int bins) {
  std::vector<double> excess(static_cast<size_t>(bins));  // summed probability minus truth
  for (const LabelledScore& c : probabilities) {
    const int bin = std::clamp(static_cast<int>(c.score * bins), 0, bins - 1);
    excess[static_cast<size_t>(bin)] += c.score - (c.positive ? 1 : 0);
  }
  double sum = 0;
  for (const double bin : excess) sum += std::abs(bin);
  return probabilities.empty() ? kUndefined : sum / static_cast<double>(probabilities.size());
}

double median_of(std::vector<double> values) {
  if (values.empty()) return kUndefined;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace looking3d
