#include "pose/pose_target.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr double kSoftening = 0.6;    ///< pixels: makes a mask's steps continuous without closing gaps of two pixels
constexpr double kPhotoBlur = 0.8;    ///< pixels
constexpr int kNeighbourhood = 15;    ///< pixels: over which the gradient's usual size is measured
constexpr float kNoiseGradient = 3;   ///< grey levels a pixel that are no edge anywhere
constexpr double kWeakestEdge = 0.7;  ///< of its neighbourhood's usual gradient

cv::Mat resized_to(const cv::Mat& image, int size) {
  if (image.cols == size) return image;
  cv::Mat result;
  cv::resize(image, result, {size, size}, 0, 0, image.cols > size ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

/// Bilinear; places outside take the border's value.
float sample(const cv::Mat& image, double x, double y) {
  const double fx = std::clamp(x - 0.5, 0.0, image.cols - 1.001), fy = std::clamp(y - 0.5, 0.0, image.rows - 1.001);
  const int ix = static_cast<int>(fx), iy = static_cast<int>(fy);
  const auto ax = static_cast<float>(fx - ix), ay = static_cast<float>(fy - iy);
  const float *above = image.ptr<float>(iy) + ix, *below = image.ptr<float>(iy + 1) + ix;
  return (1 - ay) * ((1 - ax) * above[0] + ax * above[1]) + ay * ((1 - ax) * below[0] + ax * below[1]);
}

/// At each pixel the gradient of the colour channel that changes most.
void strongest_gradient(const cv::Mat& photo, cv::Mat& gradient_x, cv::Mat& gradient_y) {
  cv::Mat smooth;
  cv::GaussianBlur(photo, smooth, {0, 0}, kPhotoBlur);
  gradient_x = cv::Mat(photo.size(), CV_32F, cv::Scalar(0));
  gradient_y = gradient_x.clone();
  for (int y = 1; y + 1 < photo.rows; ++y) {
    const auto *above = smooth.ptr<cv::Vec3b>(y - 1), *here = smooth.ptr<cv::Vec3b>(y), *below = smooth.ptr<cv::Vec3b>(y + 1);
    for (int x = 1; x + 1 < photo.cols; ++x) {
      int best = -1;
      for (int c = 0; c < 3; ++c) {
        const int gx = here[x + 1][c] - here[x - 1][c], gy = below[x][c] - above[x][c], size = gx * gx + gy * gy;
        if (size <= best) continue;
        best = size;
        gradient_x.at<float>(y, x) = 0.5f * static_cast<float>(gx);
        gradient_y.at<float>(y, x) = 0.5f * static_cast<float>(gy);
      }
    }
  }
}

/// Divides the gradient by its mean size over the object's pixels nearby.
void normalise(const cv::Mat& mask, cv::Mat& gradient_x, cv::Mat& gradient_y) {
  cv::Mat inside, size, sum, count;
  cv::erode(mask, inside, cv::Mat());  // the outline's own gradient says nothing of what is inside
  inside.convertTo(inside, CV_32F, 1 / 255.0);
  cv::magnitude(gradient_x, gradient_y, size);
  cv::boxFilter(size.mul(inside), sum, CV_32F, {kNeighbourhood, kNeighbourhood});
  cv::boxFilter(inside, count, CV_32F, {kNeighbourhood, kNeighbourhood});
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) {
      const float usual = sum.at<float>(y, x) / std::max(count.at<float>(y, x), 0.02f);
      const float scale = 1 / (usual + kNoiseGradient);
      gradient_x.at<float>(y, x) *= scale;
      gradient_y.at<float>(y, x) *= scale;
    }
}

}  // namespace

cv::Mat outline_pixels(const cv::Mat& mask) {
  cv::Mat inner;
  cv::erode(mask, inner, cv::getStructuringElement(cv::MORPH_CROSS, {3, 3}), {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(0));
  return mask & ~inner;
}

cv::Mat distance_to(const cv::Mat& marks) {
  if (cv::countNonZero(marks) == 0) return {marks.size(), CV_32F, cv::Scalar(marks.cols)};
  cv::Mat distance;
  cv::distanceTransform(~marks, distance, cv::DIST_L2, 3);
  return distance;
}

PoseTarget::PoseTarget(const cv::Mat& mask, const cv::Mat& photo, int size) {
  L3D_CHECK(mask.type() == CV_8U && mask.rows == mask.cols, "a square mask");
  const cv::Mat area = resized_to(mask > 0, size);
  mask_ = area > 127;
  area.convertTo(soft_mask_, CV_32F, 1 / 255.0);
  cv::GaussianBlur(soft_mask_, soft_mask_, {0, 0}, kSoftening);
  outline_ = outline_pixels(mask_);
  outline_distance_ = distance_to(outline_);
  if (photo.empty()) return;
  L3D_CHECK(photo.type() == CV_8UC3 && photo.rows == photo.cols, "a square photo in colour");
  photo_ = resized_to(photo, size);
  strongest_gradient(photo_, gradient_x_, gradient_y_);
  normalise(mask_, gradient_x_, gradient_y_);
}

double PoseTarget::outline_offset(const Eigen::Vector2d& at, const Eigen::Vector2d& normal, int reach) const {
  double nearest = std::numeric_limits<double>::quiet_NaN();
  float before = sample(soft_mask_, at.x() - reach * normal.x(), at.y() - reach * normal.y());
  for (int s = 1 - reach; s <= reach; ++s) {
    const float here = sample(soft_mask_, at.x() + s * normal.x(), at.y() + s * normal.y());
    if (before >= 0.5f && here < 0.5f) {
      const double offset = s - 1 + (before - 0.5) / (before - here);
      if (std::isnan(nearest) || std::abs(offset) < std::abs(nearest)) nearest = offset;
    }
    before = here;
  }
  return nearest;
}

PoseTarget::Edge PoseTarget::edge_offset(const Eigen::Vector2d& at, const Eigen::Vector2d& normal, int reach) const {
  constexpr int kMost = 8;
  L3D_CHECK_LE(reach, kMost);
  double across[2 * kMost + 1], best = 0;
  int chosen = 0;
  for (int s = -reach; s <= reach; ++s) {
    const double x = at.x() + s * normal.x(), y = at.y() + s * normal.y();
    const double value = std::abs(sample(gradient_x_, x, y) * normal.x() + sample(gradient_y_, x, y) * normal.y());
    across[s + reach] = value;
    const double preferred = value * (1 - 0.5 * std::abs(s) / (reach + 1));
    if (preferred > best) best = preferred, chosen = s;
  }
  const double peak = across[chosen + reach];
  if (peak < kWeakestEdge || std::abs(chosen) == reach) return {};
  const double left = across[chosen + reach - 1], right = across[chosen + reach + 1], bend = left - 2 * peak + right;
  const double part = bend < -1e-9 ? std::clamp(0.5 * (left - right) / bend, -0.5, 0.5) : 0.0;
  return {chosen + part, peak};
}

}  // namespace looking3d
