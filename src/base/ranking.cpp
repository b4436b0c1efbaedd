#include "base/ranking.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/check.h"
#include "base/parallel.h"
#include "base/random.h"

namespace looking3d {
namespace {

ScoreGroup total_of(const std::vector<ScoreGroup>& groups) {
  ScoreGroup total;
  for (const ScoreGroup& group : groups) total.positives += group.positives, total.negatives += group.negatives;
  return total;
}

}  // namespace

std::vector<ScoreGroup> groups_from_top(std::vector<LabelledScore>& cases) {
  for (const LabelledScore& c : cases) L3D_CHECK(!std::isnan(c.score), "a score is NaN");
  std::sort(cases.begin(), cases.end(), [](const LabelledScore& a, const LabelledScore& b) { return a.score > b.score; });
  std::vector<ScoreGroup> groups;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (i == 0 || cases[i].score != cases[i - 1].score) groups.emplace_back();
    (cases[i].positive ? groups.back().positives : groups.back().negatives) += cases[i].weight;
  }
  return groups;
}

double area_under_roc(const std::vector<ScoreGroup>& groups) {
  const ScoreGroup total = total_of(groups);
  if (total.positives <= 0 || total.negatives <= 0) return kUndefined;
  double pairs = 0, positives_above = 0;  // a negative below a positive counts 1, one at the same score 1/2
  for (const ScoreGroup& group : groups) {
    pairs += group.negatives * (positives_above + group.positives / 2);
    positives_above += group.positives;
  }
  return pairs / (total.positives * total.negatives);
}

double auc(std::vector<LabelledScore> cases) {
  return area_under_roc(groups_from_top(cases));
}

double accuracy(const std::vector<LabelledScore>& cases, double threshold) {
  double right = 0, all = 0;
  for (const LabelledScore& c : cases) {
    all += c.weight;
    if ((c.score >= threshold) == c.positive) right += c.weight;
  }
  return all > 0 ? right / all : kUndefined;
}

double f1_max(std::vector<LabelledScore> cases) {
  const std::vector<ScoreGroup> groups = groups_from_top(cases);
  const double positives = total_of(groups).positives;
  if (positives <= 0) return kUndefined;
  double best = 0, found = 0, drawn = 0;
  for (const ScoreGroup& group : groups) {
    found += group.positives;
    drawn += group.positives + group.negatives;
    best = std::max(best, 2 * found / (drawn + positives));
  }
  return best;
}

double average_precision(std::vector<LabelledScore> cases) {
  const std::vector<ScoreGroup> groups = groups_from_top(cases);
  const double positives = total_of(groups).positives;
  if (positives <= 0) return kUndefined;
  double sum = 0, found = 0, drawn = 0;
  for (const ScoreGroup& group : groups) {
    found += group.positives;
    drawn += group.positives + group.negatives;
    if (drawn > 0) sum += group.positives / positives * found / drawn;
  }
  return sum;
}

double recall_at_false_alarms(std::vector<LabelledScore> cases, double false_alarms) {
  const std::vector<ScoreGroup> groups = groups_from_top(cases);
  const ScoreGroup total = total_of(groups);
  if (total.positives <= 0 || total.negatives <= 0) return kUndefined;
  double found = 0, alarms = 0;
  for (const ScoreGroup& group : groups) {
    alarms += group.negatives;
    if (alarms > false_alarms * total.negatives) break;
    found += group.positives;
  }
  return found / total.positives;
}

std::vector<Interval> bootstrap_intervals(const std::vector<std::string>& shape_ids, const DrawStatistic& statistic, uint64_t seed,
                                          int resamples) {
  std::map<std::string, std::vector<size_t>> photos_of;
  for (size_t i = 0; i < shape_ids.size(); ++i) photos_of[shape_ids[i]].push_back(i);
  std::vector<std::vector<size_t>> shapes;
  for (auto& [id, photos] : photos_of) shapes.push_back(std::move(photos));
  if (shapes.empty()) return std::vector<Interval>(statistic({}).size());

  // Draw as many shapes as there are, with replacement.
  std::vector<std::vector<double>> values(static_cast<size_t>(resamples));
  parallel_for(resamples, [&](int64_t r) {
    Rng rng(identity(seed, "bootstrap", r));
    std::vector<size_t> drawn;
    drawn.reserve(shape_ids.size());
    for (size_t s = 0; s < shapes.size(); ++s) {
      const std::vector<size_t>& photos = shapes[rng.index(shapes.size())];
      drawn.insert(drawn.end(), photos.begin(), photos.end());
    }
    values[static_cast<size_t>(r)] = statistic(drawn);
  });

  std::vector<Interval> intervals;
  for (size_t k = 0; k < values.front().size(); ++k) {
    std::vector<double> defined;
    for (const std::vector<double>& drawn : values)
      if (!std::isnan(drawn[k])) defined.push_back(drawn[k]);
    std::sort(defined.begin(), defined.end());
    const auto quantile = [&](double q) { return defined[static_cast<size_t>(std::lround(q * static_cast<double>(defined.size() - 1)))]; };
    intervals.push_back(defined.empty() ? Interval() : Interval{quantile(0.025), quantile(0.975)});
  }
  return intervals;
}

Interval bootstrap_interval(const std::vector<LabelledScore>& cases, const std::vector<std::string>& shape_ids, const Statistic& statistic,
                            uint64_t seed, int resamples) {
  L3D_CHECK_EQ(cases.size(), shape_ids.size());
  const auto of_draw = [&](const std::vector<size_t>& photos) {
    std::vector<LabelledScore> drawn;
    drawn.reserve(photos.size());
    for (const size_t photo : photos) drawn.push_back(cases[photo]);
    return std::vector<double>{statistic(drawn)};
  };
  return bootstrap_intervals(shape_ids, of_draw, seed, resamples).front();
}

}  // namespace looking3d
