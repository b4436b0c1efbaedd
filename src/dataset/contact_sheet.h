#pragma once
// Many photos at one glance, for the eyes that judge a data set.
#include <opencv2/core.hpp>

#include "dataset/data_set.h"
#include "render/sheet.h"

namespace looking3d {

struct ContactSheetOptions : SheetLayout {
  uint64_t seed = 1;  ///< which photos are drawn
};

/// Random photos of the data set with their kind below; anomalies come in a green box. CV_8UC3.
cv::Mat contact_sheet(const DataSet& set, const ContactSheetOptions& options = {});

/// One photo of each shape that is whole, by shape id: as many shapes as fit.
cv::Mat shape_sheet(const DataSet& set, const ContactSheetOptions& options = {});
/// A row for each kind of anomaly: pairs of a photo and its reference in grey, seen by the same camera. Shapes must have meshes.
cv::Mat anomaly_sheet(const DataSet& set, const ContactSheetOptions& options = {});
/// The same for one kind alone: one photo of each anomalous variant, as many as fit.
cv::Mat kind_sheet(const DataSet& set, const std::string& kind, const ContactSheetOptions& options = {});

}  // namespace looking3d
