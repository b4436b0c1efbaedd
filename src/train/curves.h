#pragma once
// Curves of an evaluation, for plots.
#include "train/judged_table.h"

namespace looking3d {

/// Recall (share of positives found) at each of the given shares of false alarms, straight between the corners of the ROC curve; the
/// largest where the curve is vertical. NaN without both classes.
std::vector<double> recall_at(std::vector<LabelledScore> cases, const std::vector<double>& false_alarms);

/// Recall at 1 % false alarms against how much of the object an anomaly changes: [{"from", "to", "photos", "recall", "low", "high"}], sizes
/// as shares of the object's pixels, doubling from bin to bin; bins without photos are left out. `visible_size` holds one value a row.
Json size_curve_json(const std::vector<JudgedRow>& rows, const std::vector<double>& visible_size);

/// {"roc": {"false_alarms", "recall", "low", "high"}, "calibration": [{"from", "to", "photos", "probability", "anomalous"}],
///  "histogram": {"normal", "anomalous"}}: the ROC curve at 101 points with its 95 % band (bootstrap over shapes), mean probability and
///  share
/// of anomalous photos in the 15 bins of the calibration error, and counts of photos in 25 equal bins of probability.
Json curves_json(const std::vector<JudgedRow>& rows);

}  // namespace looking3d
