#pragma once
// A data set in the formats of other tools: COCO detection files, and the folder tree of MVTec AD (Bergmann et al., CVPR 2019).
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "base/options.h"

namespace looking3d {

struct ExportOptions {
  std::string data;             ///< folder of the data set
  std::string out;              ///< folder to make
  std::string format = "coco";  ///< coco | mvtec
  void visit(OptionVisitor& v);
  void check() const;
};

/// coco: <split>/*.png and annotations/instances_<split>.json; an anomaly is an annotation whose category is its kind, with box, area and
/// the changed pixels as uncompressed run lengths. mvtec: chair/train/good, chair/validation/good, chair/test/{good, KIND} and
/// chair/ground_truth/KIND/*_mask.png; anomalies of train and val are left out, since there training sees whole pieces only.
/// Returns the number of photos written. Throws InputError.
int64_t export_data_set(const ExportOptions& options);

/// Run lengths of a mask down its columns, zeros first, as COCO counts them.
std::vector<int64_t> run_lengths(const cv::Mat& mask);

}  // namespace looking3d
