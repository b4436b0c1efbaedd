#pragma once
// A detector on a split of a data set, exactly as `inspect` would use it: the photo's true camera is never handed to it.
#include <string>
#include <vector>

#include "base/options.h"
#include "dataset/data_set.h"
#include "engine/detector.h"
#include "train/metrics.h"

namespace looking3d {

/// One photo as a detector judged it.
struct JudgedPhoto {
  size_t sample = 0;  ///< index into data.samples()
  double logit = 0;
  bool refused = false;  ///< the detector could not judge it; its logit is 0
  std::optional<Box> box;
  cv::Mat heat;
  std::optional<OrbitView> view;
  double milliseconds = 0;
};

/// Judges photos, each against its own shape's mesh. Throws InputError for a photo that cannot be read or a shape without a mesh: every
/// sample counts. Same order as `samples`.
std::vector<JudgedPhoto> judge(const Detector& detector, const DataSet& data, const std::vector<size_t>& samples, const std::string& title);

/// Scale and bias of the logits that make probabilities honest on these photos: logistic regression, weakly regularised (Platt 1999).
Calibration fit_calibration(const std::vector<double>& logits, const std::vector<bool>& anomalous);

/// Judges photos of the val split and writes the calibration into the weights file. Nothing without a val split or meshes.
void calibrate_weights(const Path& weights, const DataSet& data, int photos);

struct EvalOptions {
  std::string data;
  std::string weights;
  std::string out;
  std::string split = "test";
  int photos = 0;  ///< evenly drawn from the split; 0: all
  void visit(OptionVisitor& v);
  void check() const;
};

/// Writes out/results.json and returns it.
Json evaluate(const EvalOptions& options);
/// results.json as a table for the terminal and for docs.
std::string results_table(const Json& results);

}  // namespace looking3d
