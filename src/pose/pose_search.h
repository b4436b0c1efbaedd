#pragma once
// The camera of a photo, found from the object's mask alone: coarse silhouettes, then refinement (SPEC 6.1).
#include "pose/pose_index.h"

namespace looking3d {

struct PoseHypothesis {
  OrbitView view;
  double score = 0;  ///< silhouette agreement in [0, 1]; 1 is perfect
};

struct PoseOptions {
  int coarse_keep = 24;      ///< grid entries that are looked at; the better half is refined
  int hypotheses = 4;        ///< returned at most
  double distinct_deg = 25;  ///< hypotheses differ at least so much in azimuth
  int refine_size = 64;      ///< side of the masks during refinement
  int final_size = 128;      ///< side of the masks for the last steps and the score
  bool search_roll = false;  ///< let the camera roll about its axis
};

/// Cameras that explain the mask (CV_8U, square), best first; empty when the mask is. The lens is that of `lens.focal_per_width`;
/// azimuth, elevation, distance, image shift and, if asked, roll are searched. Deterministic for any thread count.
std::vector<PoseHypothesis> find_pose(const Scene& scene, const PoseIndex& index, const cv::Mat& mask, const PoseOptions& options = {},
                                      double focal_per_width = kFocalPerWidth);

}  // namespace looking3d
