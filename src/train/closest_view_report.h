#pragma once
// How often a detector tells the reference view nearest to a photo's viewpoint (paper, section 5.1, "Viewpoint prediction").
#include "dataset/data_set.h"
#include "train/judge.h"

namespace looking3d {

/// Of normal photos with a told view and a known camera: {"photos", "accuracy": share told exactly, "within_one": or one of the two
/// neighbours, "mean_error_deg": between the told view's azimuth and the camera's, the shorter way round}; null without such photos.
Json closest_view_json(const DataSet& data, const std::vector<JudgedPhoto>& judged);

}  // namespace looking3d
