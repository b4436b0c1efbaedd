#pragma once
// Silhouettes of a reference on a coarse grid of cameras: where the pose search starts.
#include <opencv2/core.hpp>
#include <vector>

#include "render/scene.h"

namespace looking3d {

/// Where the object lies in a silhouette, in shares of the image width: enough to bring two silhouettes to the same place and size.
struct MaskFrame {
  double cx = 0.5, cy = 0.5;  ///< centroid
  double extent = 0;          ///< root of the covered area
};
MaskFrame frame_of(const cv::Mat& mask);

/// Intersection over union of two masks of one size (any non-zero value counts).
double mask_iou(const cv::Mat& a, const cv::Mat& b);

struct PoseIndexOptions {
  int size = 32;                                           ///< side of the silhouettes in pixels
  double azimuth_step_deg = 10, azimuth_offset_deg = 3.7;  ///< the offset keeps the grid off the round angles that data sets use
  double elevation_low_deg = 0, elevation_high_deg = 60, elevation_step_deg = 10;
};

class PoseIndex {
 public:
  struct Entry {
    OrbitView view;
    MaskFrame frame;     ///< of the silhouette as this view sees it
    cv::Mat silhouette;  ///< CV_8U 0/255, centred: its frame is that of normalised()
  };
  explicit PoseIndex(const Scene& scene, const std::vector<Eigen::Vector3f>& vertices, const PoseIndexOptions& options = {});
  /// One read from a file: silhouettes are size x size.
  PoseIndex(std::vector<Entry> entries, int size) : entries_(std::move(entries)), size_(size) {}

  const std::vector<Entry>& entries() const { return entries_; }
  int size() const { return size_; }

 private:
  std::vector<Entry> entries_;
  int size_;
};

inline constexpr double kNormalisedExtent = 0.42;  ///< root of the area of a normalised mask, share of the width

/// A mask moved and scaled so that its centroid is the image's centre and its extent kNormalisedExtent; size x size.
cv::Mat normalised(const cv::Mat& mask, int size);
/// Pixels of the normalised mask per pixel of one `width` pixels wide.
double normalised_scale(const MaskFrame& frame, int size, int width);

}  // namespace looking3d
