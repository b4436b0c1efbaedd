// The object of a photo on white, told from its soft shadow.
#include <algorithm>
#include <cstdlib>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "photo/photo.h"
#include "photo/segment.h"

namespace looking3d {
namespace {

constexpr int kShadowSaturation = 10;  ///< largest spread of the channels of a shadow on white
constexpr int kShadowStep = 8;         ///< largest brightness step between neighbouring shadow pixels
constexpr int kShadowDarkest = 55;
constexpr double kSpeckShare = 0.01;  ///< of the largest piece; smaller ones are noise

constexpr double kWhiteBorder = 0.85;  ///< share of the border that is background, in a photo on white
constexpr int kLookedAtSide = 256;     ///< a smaller copy tells as well

}  // namespace

bool is_on_white(const cv::Mat& bgr) {
  const double scale = std::min(1.0, static_cast<double>(kLookedAtSide) / std::max(bgr.cols, bgr.rows));
  cv::Mat small;
  cv::resize(bgr, small, {std::max(3, cvRound(bgr.cols * scale)), std::max(3, cvRound(bgr.rows * scale))}, 0, 0, cv::INTER_AREA);
  const cv::Mat background = mask_on_white(small) == 0;
  const cv::Mat inner = background(cv::Rect(1, 1, small.cols - 2, small.rows - 2));
  const auto border = static_cast<double>(background.total() - inner.total());
  return cv::countNonZero(background) - cv::countNonZero(inner) >= kWhiteBorder * border;
}

cv::Mat mask_on_white(const cv::Mat& bgr) {
  cv::Mat brightness(bgr.size(), CV_8U), saturation(bgr.size(), CV_8U);
  for (int y = 0; y < bgr.rows; ++y)
    for (int x = 0; x < bgr.cols; ++x) {
      const cv::Vec3b& p = bgr.at<cv::Vec3b>(y, x);
      const uchar high = std::max({p[0], p[1], p[2]}), low = std::min({p[0], p[1], p[2]});
      brightness.at<uchar>(y, x) = high;
      saturation.at<uchar>(y, x) = static_cast<uchar>(high - low);
    }

  // Background: grown from white over colourless pixels in small steps of brightness, so that it takes in soft shadows
  // and stops at the object's edges.
  cv::Mat mask(bgr.size(), CV_8U, cv::Scalar(255));
  std::vector<cv::Point> todo;
  for (int y = 0; y < bgr.rows; ++y)
    for (int x = 0; x < bgr.cols; ++x)
      if (brightness.at<uchar>(y, x) >= 254 && saturation.at<uchar>(y, x) <= 2) mask.at<uchar>(y, x) = 0, todo.emplace_back(x, y);
  while (!todo.empty()) {
    const cv::Point p = todo.back();
    todo.pop_back();
    for (const cv::Point step : {cv::Point(1, 0), cv::Point(-1, 0), cv::Point(0, 1), cv::Point(0, -1)}) {
      const cv::Point q = p + step;
      if (q.x < 0 || q.y < 0 || q.x >= bgr.cols || q.y >= bgr.rows || mask.at<uchar>(q) == 0) continue;
      const int value = brightness.at<uchar>(q);
      if (saturation.at<uchar>(q) > kShadowSaturation || value < kShadowDarkest || std::abs(value - brightness.at<uchar>(p)) > kShadowStep)
        continue;
      mask.at<uchar>(q) = 0;
      todo.push_back(q);
    }
  }

  return without_specks(mask, kSpeckShare);
}

}  // namespace looking3d
