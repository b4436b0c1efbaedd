#pragma once
// Which cameras of the index are worth a closer look: packed silhouettes against many placements of the photo's mask.
#include "pose/pose_index.h"

namespace looking3d {

struct CoarseOptions {
  int keep = 20;              ///< starts by the mask's own place and size, at most
  int keep_framed = 6;        ///< further starts, at most, where the picture's frame is taken to hold the whole reference
  double apart_deg = 12;      ///< between any two of them
  double most_roll_deg = 14;  ///< rolls from minus to plus this, in four steps; 0 leaves roll out
};

struct CoarseStart {
  OrbitView view;
  double score = 0;  ///< agreement of silhouettes in [0, 1]
};

/// Best first, those by frame last. Distance, shift and roll are set so that the reference's silhouette takes the mask's place and size;
/// where much of the piece is missing only the frame tells these. `focal_per_width`
/// is the lens of the views.
std::vector<CoarseStart> coarse_starts(const PoseIndex& index, const cv::Mat& mask, double focal_per_width, const CoarseOptions& options);

/// Angle between the optical axes and uprights of two cameras on their orbits: the turn that takes one to the other.
double turn_between(const OrbitView& a, const OrbitView& b);

}  // namespace looking3d
