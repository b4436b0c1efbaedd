#pragma once
// Masks drawn too wide or too narrow: the photo's own edges say by how much.
#include <opencv2/core.hpp>

namespace looking3d {

/// How many pixels the mask (CV_8U) reaches beyond the object's edge in the photo (CV_8UC3, same size), negative where it falls short;
/// 0 where the photo's edges show no other place more clearly than the mask's own outline.
double mask_growth_px(const cv::Mat& mask, const cv::Mat& photo);

/// The mask with its outline drawn in by `growth_px` (out where negative).
cv::Mat without_growth(const cv::Mat& mask, double growth_px);

}  // namespace looking3d
