#include "train/curves.h"

#include <algorithm>
#include <cmath>

namespace looking3d {
namespace {

constexpr int kRocPoints = 101, kCalibrationBins = 15, kHistogramBins = 25, kSizeBins = 9;
constexpr double kSmallestBin = 0.005;  ///< upper end of the first bin of visible sizes

Json roc_json(const std::vector<JudgedRow>& rows) {
  std::vector<double> alarms;
  for (int i = 0; i < kRocPoints; ++i) alarms.push_back(static_cast<double>(i) / (kRocPoints - 1));
  const auto curve = [&](const std::vector<size_t>& photos) {
    std::vector<LabelledScore> cases;
    for (const size_t i : photos) cases.push_back({rows[i].logit, rows[i].anomalous});
    return recall_at(std::move(cases), alarms);
  };
  const std::vector<double> recall = curve(all_of(rows));
  const std::vector<Interval> band = bootstrap_intervals(shapes_of(rows), curve);
  Json json = {{"false_alarms", alarms}};
  for (size_t i = 0; i < alarms.size(); ++i) {
    json["recall"].push_back(number_or_null(recall[i]));
    json["low"].push_back(number_or_null(band[i].low));
    json["high"].push_back(number_or_null(band[i].high));
  }
  return json;
}

int bin_of(double probability, int bins) {
  return std::clamp(static_cast<int>(probability * bins), 0, bins - 1);
}

Json calibration_json(const std::vector<JudgedRow>& rows) {
  struct Bin {
    int64_t photos = 0, anomalous = 0;
    double probability = 0;
  };
  std::vector<Bin> bins(kCalibrationBins);
  for (const JudgedRow& row : rows) {
    Bin& bin = bins[static_cast<size_t>(bin_of(row.probability, kCalibrationBins))];
    ++bin.photos;
    bin.anomalous += row.anomalous;
    bin.probability += row.probability;
  }
  Json json = Json::array();
  for (int i = 0; i < kCalibrationBins; ++i) {
    const Bin& bin = bins[static_cast<size_t>(i)];
    const auto mean = [&](double sum) { return bin.photos > 0 ? Json(sum / static_cast<double>(bin.photos)) : Json(); };
    json.push_back({{"from", static_cast<double>(i) / kCalibrationBins},
                    {"to", static_cast<double>(i + 1) / kCalibrationBins},
                    {"photos", bin.photos},
                    {"probability", mean(bin.probability)},
                    {"anomalous", mean(static_cast<double>(bin.anomalous))}});
  }
  return json;
}

Json histogram_json(const std::vector<JudgedRow>& rows) {
  std::vector<int64_t> normal(kHistogramBins), anomalous(kHistogramBins);
  for (const JudgedRow& row : rows) ++(row.anomalous ? anomalous : normal)[static_cast<size_t>(bin_of(row.probability, kHistogramBins))];
  return {{"normal", normal}, {"anomalous", anomalous}};
}

}  // namespace

std::vector<double> recall_at(std::vector<LabelledScore> cases, const std::vector<double>& false_alarms) {
  const std::vector<ScoreGroup> groups = groups_from_top(cases);
  ScoreGroup total;
  for (const ScoreGroup& group : groups) total.positives += group.positives, total.negatives += group.negatives;
  if (total.positives <= 0 || total.negatives <= 0) return std::vector<double>(false_alarms.size(), kUndefined);

  std::vector<double> recall;
  for (const double share : false_alarms) {
    const double allowed = share * total.negatives;
    double found = 0, alarms = 0;
    for (const ScoreGroup& group : groups) {
      const double left = allowed - alarms, part = group.negatives <= left + 1e-9 ? 1 : left / group.negatives;
      found += part * group.positives;
      alarms += group.negatives;
      if (part < 1) break;
    }
    recall.push_back(found / total.positives);
  }
  return recall;
}

Json size_curve_json(const std::vector<JudgedRow>& rows, const std::vector<double>& visible_size) {
  const auto low_of = [](int bin) { return bin == 0 ? 0 : kSmallestBin * std::pow(2, bin - 1); };
  const auto in_bin = [&](size_t i, int bin) {
    return rows[i].anomalous && visible_size[i] >= low_of(bin) && (bin + 1 == kSizeBins || visible_size[i] < low_of(bin + 1));
  };
  const auto curve = [&](const std::vector<size_t>& photos) {
    std::vector<double> recall;
    for (int bin = 0; bin < kSizeBins; ++bin) {
      std::vector<LabelledScore> cases;
      for (const size_t i : photos)
        if (!rows[i].anomalous || in_bin(i, bin)) cases.push_back({rows[i].logit, rows[i].anomalous});
      recall.push_back(recall_at(std::move(cases), {0.01})[0]);
    }
    return recall;
  };
  const std::vector<double> recall = curve(all_of(rows));
  const std::vector<Interval> band = bootstrap_intervals(shapes_of(rows), curve);
  Json json = Json::array();
  for (int bin = 0; bin < kSizeBins; ++bin) {
    int64_t photos = 0;
    for (size_t i = 0; i < rows.size(); ++i) photos += in_bin(i, bin);
    if (photos == 0) continue;
    const auto b = static_cast<size_t>(bin);
    json.push_back({{"from", low_of(bin)},
                    {"to", bin + 1 == kSizeBins ? Json() : Json(low_of(bin + 1))},
                    {"photos", photos},
                    {"recall", number_or_null(recall[b])},
                    {"low", number_or_null(band[b].low)},
                    {"high", number_or_null(band[b].high)}});
  }
  return json;
}

Json curves_json(const std::vector<JudgedRow>& rows) {
  return {{"roc", roc_json(rows)}, {"calibration", calibration_json(rows)}, {"histogram", histogram_json(rows)}};
}

}  // namespace looking3d
