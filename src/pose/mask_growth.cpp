#include "pose/mask_growth.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr int kReach = 5;              ///< pixels either way
constexpr double kClearlyMore = 1.25;  ///< an edge elsewhere must be so much stronger than at the mask's own outline
constexpr float kFullEdge = 40;        ///< grey levels a pixel that are an edge beyond doubt
constexpr double kLeastGrowth = 1.2;   ///< pixels: less is within what a good mask is off by

/// CV_32F: pixels from the outline, positive outside.
cv::Mat signed_distance(const cv::Mat& mask) {
  cv::Mat outside, inside;
  cv::distanceTransform(mask == 0, outside, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  cv::distanceTransform(mask != 0, inside, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  cv::Mat distance = outside - inside;
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) distance.at<float>(y, x) += mask.at<uchar>(y, x) != 0 ? 0.5f : -0.5f;
  return distance;
}

}  // namespace

double mask_growth_px(const cv::Mat& mask, const cv::Mat& photo) {
  L3D_CHECK(mask.size() == photo.size(), "mask and photo of one size");
  const int whole = cv::countNonZero(mask);
  if (whole == 0 || whole == static_cast<int>(mask.total())) return 0;
  cv::Mat grey, smooth;
  cv::cvtColor(photo, grey, cv::COLOR_BGR2GRAY);
  cv::GaussianBlur(grey, smooth, {0, 0}, 0.8);
  const cv::Mat distance = signed_distance(mask);

  // Mean size of the gradient across the outline, by distance from it.
  std::array<double, 2 * kReach + 1> sum{}, count{};
  for (int y = 1; y + 1 < mask.rows; ++y)
    for (int x = 1; x + 1 < mask.cols; ++x) {
      const int bin = static_cast<int>(std::lround(distance.at<float>(y, x)));
      if (std::abs(bin) > kReach) continue;
      const float nx = distance.at<float>(y, x + 1) - distance.at<float>(y, x - 1);
      const float ny = distance.at<float>(y + 1, x) - distance.at<float>(y - 1, x), length = std::hypot(nx, ny);
      if (length < 0.5f) continue;
      const auto gx = static_cast<float>(smooth.at<uchar>(y, x + 1) - smooth.at<uchar>(y, x - 1));
      const auto gy = static_cast<float>(smooth.at<uchar>(y + 1, x) - smooth.at<uchar>(y - 1, x));
      sum[bin + kReach] += std::min(kFullEdge, 0.5f * std::abs(gx * nx + gy * ny) / length);
      ++count[bin + kReach];
    }
  for (size_t i = 0; i < sum.size(); ++i) sum[i] /= std::max(count[i], 1.0);
  const auto at = [&](int bin) { return sum[static_cast<size_t>(bin + kReach)]; };
  int best = 0;
  for (int bin = 1 - kReach; bin < kReach; ++bin)
    if (at(bin) > at(best)) best = bin;
  if (at(best) < kClearlyMore * std::max(at(0), 1.0)) return 0;
  const double bend = at(best - 1) - 2 * at(best) + at(best + 1);
  const double growth = -(best + (bend < -1e-9 ? std::clamp(0.5 * (at(best - 1) - at(best + 1)) / bend, -0.5, 0.5) : 0.0));
  return std::abs(growth) < kLeastGrowth ? 0 : growth;
}

cv::Mat without_growth(const cv::Mat& mask, double growth_px) {
  if (growth_px == 0) return mask;
  return signed_distance(mask) < -growth_px;
}

}  // namespace looking3d
