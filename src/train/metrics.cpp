#include "train/metrics.h"

#include <algorithm>

#include "base/check.h"

namespace looking3d {

double box_iou(const Box& a, const Box& b) {
  const auto overlap = [](double centre_a, double size_a, double centre_b, double size_b) {
    const double low = std::max(centre_a - size_a / 2, centre_b - size_b / 2);
    const double high = std::min(centre_a + size_a / 2, centre_b + size_b / 2);
    return std::max(0.0, high - low);
  };
  const double both = overlap(a.cx, a.w, b.cx, b.w) * overlap(a.cy, a.h, b.cy, b.h);
  const double either = a.w * a.h + b.w * b.h - both;
  return either > 0 ? both / either : 0;
}

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

}  // namespace looking3d
