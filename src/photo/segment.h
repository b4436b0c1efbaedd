#pragma once
// The object of a photo whose background is not white: masks by colour models, and the cut-out laid on white as the networks know it.
#include <opencv2/core.hpp>

namespace looking3d {

/// Object mask (CV_8U, 0/255) of a photo with any background, with no knowledge of the object: what differs in colour from the picture's
/// border, most likely in the middle (cv::grabCut). Rough; refine it with refine_mask once a camera has been found.
cv::Mat mask_on_background(const cv::Mat& bgr);

/// Object mask from a prior: `probability` (H x W, CV_32F, 0..1), e.g. a blurred silhouette of the reference. Sure above 0.98 and below
/// 0.02, else decided by the colours of both sides and by edges. Deterministic.
cv::Mat refine_mask(const cv::Mat& bgr, const cv::Mat& probability);

/// Prior for refine_mask from a silhouette (CV_8U): 0.5 at its contour, sure `margin_px` away on either side.
cv::Mat probability_from_silhouette(const cv::Mat& silhouette, double margin_px);

/// The mask (CV_8U) without connected pieces smaller than `share` of its largest one.
cv::Mat without_specks(const cv::Mat& mask, double share);

/// The object laid on white; with a soft synthetic contact shadow below it (SPEC 4, as the paper prepares real photos).
cv::Mat composite_on_white(const cv::Mat& bgr, const cv::Mat& mask, bool shadow = true);

}  // namespace looking3d
