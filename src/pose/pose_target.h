#pragma once
// What the photo shows, at one resolution, prepared for matching: the object's outline and the edges inside it.
#include <Eigen/Core>
#include <opencv2/core.hpp>

namespace looking3d {

/// Immutable after construction. Places are in pixels of the square picture of side size(); pixel centres lie at +0.5.
class PoseTarget {
 public:
  /// `mask`: CV_8U, square, non-zero on the object; `photo`: CV_8UC3 of the same frame (any side), or empty.
  PoseTarget(const cv::Mat& mask, const cv::Mat& photo, int size);

  int size() const { return mask_.cols; }
  const cv::Mat& mask() const { return mask_; }                          ///< CV_8U 0/255
  const cv::Mat& photo() const { return photo_; }                        ///< CV_8UC3 or empty
  const cv::Mat& outline_distance() const { return outline_distance_; }  ///< CV_32F: pixels to the nearest outline pixel of the object
  const cv::Mat& outline() const { return outline_; }                    ///< CV_8U 0/255: object pixels beside the background
  bool has_edges() const { return !gradient_x_.empty(); }
  /// CV_32F: the photo's gradient in units of its neighbourhood's, so that neither material nor light sets the scale.
  const cv::Mat& gradient_x() const { return gradient_x_; }
  const cv::Mat& gradient_y() const { return gradient_y_; }

  /// How far from `at` along `normal` the object ends (inside before, outside after), at most `reach` pixels either way; NaN where
  /// it ends nowhere there.
  double outline_offset(const Eigen::Vector2d& at, const Eigen::Vector2d& normal, int reach) const;
  struct Edge {
    double offset = 0, strength = 0;
  };
  /// The strongest edge of the photo across `normal` within `reach` pixels, nearer ones preferred. Strength 0: there is none.
  Edge edge_offset(const Eigen::Vector2d& at, const Eigen::Vector2d& normal, int reach) const;

 private:
  cv::Mat mask_, soft_mask_, outline_, outline_distance_, photo_, gradient_x_, gradient_y_;
};

/// Pixels of a mask that touch the background (4-neighbours; the picture's border counts as background). CV_8U 0/255.
cv::Mat outline_pixels(const cv::Mat& mask);

/// CV_32F: pixels to the nearest non-zero pixel of `marks`, at most the picture's side.
cv::Mat distance_to(const cv::Mat& marks);

}  // namespace looking3d
