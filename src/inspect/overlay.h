#pragma once
// Pictures of an inspection: heat on one fixed scale (0..1 in every report), the box, the reference beside the photo.
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "looking3d/looking3d.h"

namespace looking3d {

/// A heat map (CV_32F, 0..1) as CV_8UC4 BGRA: clear where nothing differs, through yellow and orange to crimson where everything does.
/// The same stops as the scale in web/report.css.
cv::Mat heat_colours(const cv::Mat& heat);

/// Lays a BGRA picture over a BGR one of the same size, its alpha times `opacity`.
cv::Mat blend_over(const cv::Mat& bgr, const cv::Mat& bgra, double opacity);

/// The photo with heat and box, and the reference as seen by the found camera to its right where there is one. CV_8UC3.
cv::Mat overlay(const cv::Mat& photo_bgr, const Inspection& inspection);

/// A step from the photo to the verdict.
struct Step {
  std::string caption;
  cv::Mat picture;  ///< CV_8UC3
};
/// The object as it was found in the photo (outlined, the rest pale), the reference's edges at the found camera upon the photo, and what
/// was compared: those that a method has, sides of at most `side` pixels.
std::vector<Step> steps_of(const cv::Mat& photo_bgr, const Inspection& inspection, int side);

/// The picture shrunk so that its longer side is at most `side`; never enlarged.
cv::Mat shrink_to(const cv::Mat& image, int side);

}  // namespace looking3d
