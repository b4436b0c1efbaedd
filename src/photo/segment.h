#pragma once
// The object of a photo whose background is not white: masks by colour models, and the cut-out laid on white as the networks know it.
#include <opencv2/core.hpp>

namespace looking3d {

/// Object mask (CV_8U, 0/255) of a photo with any background, with no knowledge of the object: what differs in colour from the picture's
/// border, most likely in the middle (cv::grabCut). Rough.
cv::Mat mask_on_background(const cv::Mat& bgr);

/// The object of a photo near where a camera puts its reference: `silhouette` (CV_8U of the photo's size) is object well inside, what lies
/// further from it than a tenth of the picture's width is background, and colour decides in between (cv::grabCut).
cv::Mat mask_near(const cv::Mat& bgr, const cv::Mat& silhouette);

/// The mask (CV_8U) without connected pieces smaller than `share` of its largest one.
cv::Mat without_specks(const cv::Mat& mask, double share);

/// The object laid on white; with a soft synthetic contact shadow below it (SPEC 4, as the paper prepares real photos).
cv::Mat composite_on_white(const cv::Mat& bgr, const cv::Mat& mask);

}  // namespace looking3d
