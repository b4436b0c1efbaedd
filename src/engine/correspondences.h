#pragma once
// What a detector that matches patches can show of its matches, and what of it can be varied without training.
#include <vector>

#include "engine/detector.h"
#include "pose/pose_from_points.h"

namespace looking3d {

/// Departure from what the weights file says, for measuring (paper, fig. 7), and what is to be told.
struct MatchSetting {
  std::optional<int> top_k;  ///< reference patches that each photo patch attends to; 0: all
  int views = 0;             ///< of the reference's, evenly spread; 0: all
  int matches = 0;           ///< reference patches to tell of each patch of the object (Detection::matches)
};

/// What one patch of a photo resembles in the reference (paper, fig. 5).
struct PatchMatch {
  int patch = 0;         ///< row-major in the photo's h x w patches
  std::vector<int> top;  ///< the k reference patches it attends to, best first: view * h * w + patch
  cv::Mat similarity;    ///< N x (h * w), CV_32F: cosine with every reference patch, -1..1; NaN where that shows no surface
};

/// Points of the reference that the object's patches resemble most, one a patch: of all views, and of the closest view alone (empty where
/// there is none).
struct PointMatches {
  std::vector<PointMatch> anywhere, in_closest_view;
};

class MatchingDetector : public Detector {
 public:
  virtual int grid() const = 0;  ///< h = w of its photos
  virtual Detection detect_as(const ReferenceData& reference, const PreparedPhoto& photo, const MatchSetting& setting) const = 0;
  /// Of patches of a photo prepared at photo_px(), row-major in its h x w. Thread-safe.
  virtual std::vector<PatchMatch> matches(const ReferenceData& reference, const PreparedPhoto& photo,
                                          const std::vector<int>& patches) const = 0;
  /// Of the patches of photo.mask, of the whole photo where that is empty. Thread-safe.
  virtual PointMatches point_matches(const ReferenceData& reference, const PreparedPhoto& photo) const = 0;

 protected:
  using Detector::Detector;
};

}  // namespace looking3d
