#pragma once
// What patches of a few photos resemble in the reference (paper, fig. 5), for detectors that match patches.
#include "train/evaluate.h"

namespace looking3d {

/// [{"name", "kind", "photo", "grid": h, "views": [pictures], "azimuths": [degrees],
///   "patches": [{"patch", "changed", "top": [[view, patch, similarity]], "views": [{"view", "similarity", "heat"}]}]}]
/// of four anomalous photos, evenly spread over those judged, and three patches of each: the one that shows most of the change, and two on
/// the unchanged object that are farthest from it and from each other. Patches are row-major in h x h. "heat": similarity to the patches of
/// the four most similar views, from 0 to the greatest, on the scale of heat maps. Empty for other detectors.
Json matches_json(const Evaluation& evaluation);

/// The same patches, for tests: `change` and `object` are CV_8U masks of the prepared photo, h patches a side.
std::vector<int> figure_patches(const cv::Mat& change, const cv::Mat& object, int h);

}  // namespace looking3d
