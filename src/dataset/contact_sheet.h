#pragma once
// Many photos at one glance, for the eyes that judge a data set.
#include <opencv2/core.hpp>

#include "dataset/data_set.h"

namespace looking3d {

struct ContactSheetOptions {
  int columns = 8, rows = 6;
  int cell_px = 192;
  uint64_t seed = 1;  ///< which photos are drawn
};

/// Random photos of the data set with their kind below; anomalies come in a green box. CV_8UC3.
cv::Mat contact_sheet(const DataSet& set, const ContactSheetOptions& options = {});

}  // namespace looking3d
