#pragma once
// Many photos at one glance, for the eyes that judge a data set.
#include <functional>
#include <opencv2/core.hpp>

#include "dataset/data_set.h"

namespace looking3d {

struct ContactSheetOptions {
  int columns = 8, rows = 6;
  int cell_px = 192;
  uint64_t seed = 1;  ///< which photos are drawn
};

/// A sheet whose cells are filled one by one, row by row, by draw(index, cell); cells are cell_px wide and a caption higher. CV_8UC3.
cv::Mat sheet_of(size_t count, const ContactSheetOptions& options, const std::function<void(size_t, cv::Mat)>& draw);
void draw_caption(cv::Mat cell, const std::string& text);

/// Random photos of the data set with their kind below; anomalies come in a green box. CV_8UC3.
cv::Mat contact_sheet(const DataSet& set, const ContactSheetOptions& options = {});

/// One photo of each shape that is whole, by shape id: as many shapes as fit.
cv::Mat shape_sheet(const DataSet& set, const ContactSheetOptions& options = {});
/// A row for each kind of anomaly: pairs of a photo and its reference in grey, seen by the same camera. Shapes must have meshes.
cv::Mat anomaly_sheet(const DataSet& set, const ContactSheetOptions& options = {});
/// The same for one kind alone: one photo of each anomalous variant, as many as fit.
cv::Mat kind_sheet(const DataSet& set, const std::string& kind, const ContactSheetOptions& options = {});

}  // namespace looking3d
