#include "inspect/overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

struct Stop {
  double value, red, green, blue, alpha;
};
constexpr std::array<Stop, 4> kStops{{{0, 255, 255, 255, 0}, {0.4, 255, 214, 10, 0.55}, {0.7, 245, 110, 20, 0.85}, {1, 190, 10, 60, 1}}};
constexpr double kOverlayOpacity = 0.75;
const cv::Scalar kBoxColour(44, 54, 192), kBoxRim(255, 255, 255), kStepColour(190, 90, 20);  // BGR
constexpr double kWeakEdge = 30, kStrongEdge = 80;                                           ///< of the grey reference

std::array<cv::Vec4b, 256> make_palette() {
  std::array<cv::Vec4b, 256> palette;
  for (int i = 0; i < 256; ++i) {
    const double value = i / 255.0;
    size_t upper = 1;
    while (upper + 1 < kStops.size() && kStops[upper].value < value) ++upper;
    const Stop &a = kStops[upper - 1], &b = kStops[upper];
    const double t = (value - a.value) / (b.value - a.value);
    auto mix = [t](double from, double to) { return static_cast<uchar>(std::lround(from + t * (to - from))); };
    palette[i] = {mix(a.blue, b.blue), mix(a.green, b.green), mix(a.red, b.red), mix(255 * a.alpha, 255 * b.alpha)};
  }
  return palette;
}

}  // namespace

cv::Mat heat_colours(const cv::Mat& heat) {
  L3D_CHECK_EQ(heat.type(), CV_32F);
  static const std::array<cv::Vec4b, 256> kPalette = make_palette();
  cv::Mat colours(heat.size(), CV_8UC4);
  for (int y = 0; y < heat.rows; ++y)
    for (int x = 0; x < heat.cols; ++x) {
      const float value = std::clamp(heat.at<float>(y, x), 0.0f, 1.0f);
      colours.at<cv::Vec4b>(y, x) = kPalette[static_cast<size_t>(std::lround(255 * value))];
    }
  return colours;
}

cv::Mat blend_over(const cv::Mat& bgr, const cv::Mat& bgra, double opacity) {
  L3D_CHECK(bgr.size() == bgra.size() && bgr.type() == CV_8UC3 && bgra.type() == CV_8UC4);
  cv::Mat out(bgr.size(), CV_8UC3);
  for (int y = 0; y < bgr.rows; ++y)
    for (int x = 0; x < bgr.cols; ++x) {
      const cv::Vec3b& under = bgr.at<cv::Vec3b>(y, x);
      const cv::Vec4b& over = bgra.at<cv::Vec4b>(y, x);
      const double alpha = opacity * over[3] / 255.0;
      for (int c = 0; c < 3; ++c) out.at<cv::Vec3b>(y, x)[c] = cv::saturate_cast<uchar>(under[c] + alpha * (over[c] - under[c]));
    }
  return out;
}

cv::Mat overlay(const cv::Mat& photo_bgr, const Inspection& inspection) {
  cv::Mat left = photo_bgr.clone();
  if (!inspection.heat_map.empty()) left = blend_over(left, heat_colours(inspection.heat_map), kOverlayOpacity);
  if (inspection.box) {
    const PixelBox& b = *inspection.box;
    const cv::Rect rectangle(cv::Point(cvRound(b.x), cvRound(b.y)), cv::Point(cvRound(b.x + b.width), cvRound(b.y + b.height)));
    const int width = std::max(1, cvRound(std::max(left.cols, left.rows) / 200.0));
    cv::rectangle(left, rectangle, kBoxRim, 2 * width + 1, cv::LINE_AA);
    cv::rectangle(left, rectangle, kBoxColour, width, cv::LINE_AA);
  }
  if (inspection.reference_view.empty()) return left;
  const int gap = std::max(2, left.cols / 64);
  cv::Mat both(left.rows, 2 * left.cols + gap, CV_8UC3, cv::Scalar::all(255));
  left.copyTo(both.colRange(0, left.cols));
  inspection.reference_view.copyTo(both.colRange(left.cols + gap, both.cols));
  return both;
}

std::vector<Step> steps_of(const cv::Mat& photo_bgr, const Inspection& inspection, int side) {
  const cv::Mat photo = shrink_to(photo_bgr, side);
  std::vector<Step> steps;
  if (!inspection.object_mask.empty() && cv::countNonZero(inspection.object_mask) > 0) {
    cv::Mat mask, pale, rim;
    cv::resize(inspection.object_mask, mask, photo.size(), 0, 0, cv::INTER_AREA);
    mask = mask > 127;
    cv::addWeighted(photo, 0.3, cv::Mat(photo.size(), CV_8UC3, cv::Scalar::all(255)), 0.7, 0, pale);
    photo.copyTo(pale, mask);
    cv::morphologyEx(mask, rim, cv::MORPH_GRADIENT, cv::Mat());
    pale.setTo(kStepColour, rim);
    steps.push_back({"The object, as it was found", pale});
  }
  if (!inspection.reference_view.empty()) {
    cv::Mat grey, edges, upon = photo.clone();
    cv::cvtColor(inspection.reference_view, grey, cv::COLOR_BGR2GRAY);
    cv::resize(grey, grey, photo.size(), 0, 0, cv::INTER_AREA);
    cv::Canny(grey, edges, kWeakEdge, kStrongEdge);
    upon.setTo(kStepColour, edges);
    steps.push_back({"The reference\u2019s edges at the found camera", upon});
  }
  if (!inspection.judged.empty()) steps.push_back({"The picture that was compared", shrink_to(inspection.judged, side)});
  return steps;
}

cv::Mat shrink_to(const cv::Mat& image, int side) {
  const int longer = std::max(image.cols, image.rows);
  if (longer <= side) return image;
  const double scale = static_cast<double>(side) / longer;
  cv::Mat small;
  cv::resize(image, small, cv::Size(std::max(1, cvRound(image.cols * scale)), std::max(1, cvRound(image.rows * scale))), 0, 0,
             cv::INTER_AREA);
  return small;
}

}  // namespace looking3d
