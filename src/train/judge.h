#pragma once
// A detector on photos of a data set, exactly as `inspect` would use it: the photo's true camera is never handed to it.
#include <optional>
#include <string>
#include <vector>

#include "train/references.h"

namespace looking3d {

/// One photo as a detector judged it.
struct JudgedPhoto {
  size_t sample = 0;  ///< index into data.samples()
  double logit = 0;
  bool refused = false;  ///< the detector could not judge it; its logit still ranks it, 0 without one
  std::optional<Box> box;
  cv::Mat heat;
  std::optional<OrbitView> view;
  std::optional<double> view_probability;  ///< see Detection
  std::optional<int> closest_view;         ///< index of a reference view
  double milliseconds = 0;
};

/// Judges photos, each against its own shape. Throws InputError for a photo that cannot be read or a shape without what the detector needs:
/// every sample counts. Same order as `samples`.
std::vector<JudgedPhoto> judge(const Detector& detector, const DataSet& data, const std::vector<size_t>& samples, const std::string& title,
                               const ReferenceChoice& references = {});

/// A photo of the data set at the detector's size; nothing when no object is to be seen in it. Throws InputError when it cannot be read.
std::optional<PreparedPhoto> prepared_photo(const Detector& detector, const DataSet& data, size_t sample);

/// Scale and bias of the logits that make probabilities honest on these photos: logistic regression, weakly regularised (Platt 1999).
/// The logits of the normal photos go with them: all, or kMostNormalLogits of their quantiles, evenly spread.
inline constexpr size_t kMostNormalLogits = 1000;
Calibration fit_calibration(const std::vector<double>& logits, const std::vector<bool>& anomalous);

/// Judges photos of the val split and writes the calibration into the weights file. Nothing without a val split.
void calibrate_weights(const Path& weights, const DataSet& data, int photos);

/// Photos of the val split, `count` of them evenly spread; none when there is no such split.
std::vector<size_t> val_samples(const DataSet& data, int count);

}  // namespace looking3d
