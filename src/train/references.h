#pragma once
// What a detector is shown of a shape of a data set.
#include <string>

#include "dataset/data_set.h"
#include "engine/detector.h"

namespace looking3d {

/// Only for detectors that look at views; others are shown the mesh, or nothing.
struct ReferenceChoice {
  std::string views_from = "stored";  ///< stored: the data set's own views, which training sees too; mesh: rendered anew, as `inspect` does
  int views = 0;                      ///< evenly spread among all; 0: all
};

/// Throws InputError when the data set lacks what the detector needs, or a file of it cannot be read.
ReferenceData reference_of(const Detector& detector, const DataSet& data, const std::string& shape_id, const ReferenceChoice& choice = {});

}  // namespace looking3d
