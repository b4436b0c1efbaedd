#pragma once
// Judged photos as results.json keeps them, and the measures that need no more than that.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/ranking.h"
#include "geometry/box.h"

namespace looking3d {

/// One judged photo: all that two runs need to be compared.
struct JudgedRow {
  std::string photo = {}, shape = {}, kind = {};
  bool anomalous = false;
  bool refused = false;    ///< the detector could not judge it; it counts with its logit, 0 without one
  double logit = 0;        ///< ranks photos: calibration keeps the order, but far out all probabilities are 1
  double probability = 0;  ///< calibrated
  std::optional<Box> box = {}, true_box = {};
};

/// {"columns": [names], "rows": [[values]]}.
Json judged_json(const std::vector<JudgedRow>& rows);
/// Reads it back from results.json. Throws InputError naming `where`.
std::vector<JudgedRow> judged_rows(const Json& results, const Path& where);

/// Measures of judged photos (docs/evaluation.md), keys of results.json.
inline constexpr std::array<const char*, 8> kMeasures = {
    "auc", "accuracy", "average_precision", "f1_max", "recall_at_1pct_false_alarms", "calibration_error", "box_ap_50", "mean_box_iou"};
/// The same in words, for tables.
inline constexpr std::array<const char*, 8> kMeasureNames = {"AUC",
                                                             "accuracy at 0.5",
                                                             "average precision",
                                                             "largest F1",
                                                             "recall at 1 % false alarms",
                                                             "expected calibration error",
                                                             "box AP (IoU 0.5)",
                                                             "mean box IoU"};
/// In the order of kMeasures, of the photos listed by index (one may be listed more than once). NaN where undefined.
std::vector<double> photo_measures(const std::vector<JudgedRow>& rows, const std::vector<size_t>& photos);

std::vector<size_t> all_of(const std::vector<JudgedRow>& rows);  ///< 0, 1, ... rows - 1
std::vector<std::string> shapes_of(const std::vector<JudgedRow>& rows);

/// A number for JSON: null for NaN.
Json number_or_null(double value);
/// {"value", "low", "high"}.
Json with_interval(double value, const Interval& interval);
/// "0.812" or, signed, "+0.012"; "-" for null.
std::string number_text(const Json& value, bool with_sign = false);
/// "0.812 [0.790, 0.834]" of what with_interval gives.
std::string interval_text(const Json& statistic, bool with_sign = false);

}  // namespace looking3d
