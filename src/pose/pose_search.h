#pragma once
// The camera of a photo against one reference (SPEC 6.1): silhouettes say where to look, outlines and inner edges pull the camera into
// place, and what lies inside decides among cameras whose silhouettes agree.
#include "pose/pose_index.h"
#include "pose/pose_score.h"

namespace looking3d {

class EdgeTemplates;

/// What is known of the photo.
struct PoseQuery {
  cv::Mat mask;                             ///< CV_8U, square, non-zero on the object
  cv::Mat photo = {};                       ///< CV_8UC3 of the same frame; empty: the silhouette alone decides
  bool mask_is_exact = false;               ///< given by someone who knows it; others are corrected where they are too wide or too narrow
  double focal_per_width = kFocalPerWidth;  ///< lens of the frame
  bool focal_is_known = true;               ///< else the focal length is searched too, around focal_per_width
  std::vector<OrbitView> starts = {};       ///< cameras proposed by others (matched points), looked at beside the index' own
  const EdgeTemplates* edges = nullptr;  ///< given where other things stand around, so that a mask tells little: cameras are also searched,
                                         ///< and all are judged, by the photo's own edges
  cv::Rect2d inside = {0, 0, 1, 1};      ///< where the frame is the photo, shares of its side; beyond nothing is known
};

/// Standard deviations of a view's values, from how sharply the score bends around it.
struct PoseSpread {
  double azimuth_rad = 0, elevation_rad = 0, roll_rad = 0;
  double distance_share = 0, focal_share = 0;  ///< of the value itself
  double shift_x = 0, shift_y = 0;             ///< shares of the image width
};

struct PoseHypothesis {
  OrbitView view;
  double score = 0;        ///< silhouette agreement in [0, 1]; 1 is perfect
  double probability = 0;  ///< of being the camera, among the hypotheses found
  PoseEvidence evidence;
  PoseSpread spread;  ///< if this hypothesis is the right one
};

inline constexpr double kRivalProbability = 0.005;  ///< less probable cameras are no rivals of the best

struct PoseOptions {
  int coarse_keep = 20;         ///< cameras of the index that are looked at
  size_t race_keep = 8;         ///< of those, the ones refined to the end: who is far behind after one step does not win
  int rival_keep = 6;           ///< turned and mirrored counterparts of the best that are looked at beside them
  int finish_keep = 6;          ///< hypotheses finished at full resolution
  size_t finish_race_keep = 2;  ///< of those, the ones finished to the end
  int hypotheses = 6;           ///< returned at most: a base of five feet looks alike from five sides
  double distinct_deg = 20;     ///< hypotheses differ at least by such a turn
  int refine_size = 64;         ///< side of the pictures during refinement
  int final_size = 128;         ///< side of the pictures for the last steps and the score
  int polish_size = 256;      ///< side of the pictures in which the best are pulled onto the photo's own edges, where the photo is as large
  int polish_keep = 3;        ///< hypotheses that are, at most, if they are rivals
  double roll_sd_deg = 4;     ///< how far photos are usually rolled; 0: never
  double most_roll_deg = 14;  ///< rolls that are looked for
};

/// Cameras that explain the photo, most probable first; empty when the mask is. Azimuth, elevation, roll, distance, image shift and, if
/// unknown, focal length are searched. Deterministic for any thread count.
std::vector<PoseHypothesis> find_pose(const Scene& scene, const PoseIndex& index, const PoseQuery& query, const PoseOptions& options = {});

/// Standard deviation of the first hypothesis' azimuth (radians), its rivals counted by their probability.
double azimuth_spread(const std::vector<PoseHypothesis>& hypotheses);

}  // namespace looking3d
