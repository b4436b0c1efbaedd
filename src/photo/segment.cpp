#include "photo/segment.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr int kWorkingSide = 256;  ///< colour models need no more pixels than this
constexpr int kReachShare = 10;    ///< of the width
constexpr int kRounds = 4;         ///< of cv::grabCut: colour models, then cut

/// cv::grabCut from labels; its colour clusters start from OpenCV's global generator, which is set so that results repeat.
cv::Mat grab_cut(const cv::Mat& bgr, cv::Mat labels) {
  const cv::Mat object = (labels == cv::GC_FGD) | (labels == cv::GC_PR_FGD);
  const int count = cv::countNonZero(object);
  if (count < 16 || count > static_cast<int>(object.total()) - 16) return object;
  cv::Mat background_model, object_model;
  cv::setRNGSeed(1);
  cv::grabCut(bgr, labels, {}, background_model, object_model, kRounds, cv::GC_INIT_WITH_MASK);
  return (labels == cv::GC_FGD) | (labels == cv::GC_PR_FGD);
}

double working_scale(cv::Size size) {
  return std::min(1.0, static_cast<double>(kWorkingSide) / std::max(size.width, size.height));
}

cv::Mat scaled_to(const cv::Mat& image, cv::Size size) {
  cv::Mat result;
  cv::resize(image, result, size, 0, 0, size.width < image.cols ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

cv::Size working_size(cv::Size size) {
  const double scale = working_scale(size);
  return {std::max(1, cvRound(size.width * scale)), std::max(1, cvRound(size.height * scale))};
}

}  // namespace

cv::Mat without_specks(const cv::Mat& mask, double share) {
  cv::Mat labels, stats, centroids, kept(mask.size(), CV_8U, cv::Scalar(0));
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centroids, 8);
  int largest = 0;
  for (int i = 1; i < count; ++i) largest = std::max(largest, stats.at<int>(i, cv::CC_STAT_AREA));
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) {
      const int label = labels.at<int>(y, x);
      if (label > 0 && stats.at<int>(label, cv::CC_STAT_AREA) >= share * largest) kept.at<uchar>(y, x) = 255;
    }
  return kept;
}

cv::Mat mask_on_background(const cv::Mat& bgr) {
  L3D_CHECK_EQ(bgr.type(), CV_8UC3);
  const cv::Mat small = scaled_to(bgr, working_size(bgr.size()));

  // The border is background, an ellipse in the middle probably object; the rest starts as background and is decided by colour.
  cv::Mat labels(small.size(), CV_8U, cv::Scalar(cv::GC_PR_BGD));
  const cv::Point centre(small.cols / 2, small.rows / 2);
  cv::ellipse(labels, centre, {small.cols * 2 / 5, small.rows * 2 / 5}, 0, 0, 360, cv::Scalar(cv::GC_PR_FGD), cv::FILLED);
  const int border = std::max(1, std::min(small.cols, small.rows) / 40);
  cv::rectangle(labels, {0, 0, small.cols, small.rows}, cv::Scalar(cv::GC_BGD), 2 * border);
  const cv::Mat object = grab_cut(small, labels);
  return scaled_to(without_specks(object, 0.05), bgr.size()) > 127;
}

cv::Mat mask_near(const cv::Mat& bgr, const cv::Mat& silhouette) {
  L3D_CHECK_EQ(bgr.type(), CV_8UC3);
  L3D_CHECK(bgr.size() == silhouette.size(), "photo and silhouette of one size");
  cv::Mat outside, inside, labels(bgr.size(), CV_8U, cv::Scalar(cv::GC_BGD));
  cv::distanceTransform(silhouette == 0, outside, cv::DIST_L2, 3);
  cv::distanceTransform(silhouette > 0, inside, cv::DIST_L2, 3);
  labels.setTo(cv::Scalar(cv::GC_PR_BGD), outside < bgr.cols / kReachShare);
  labels.setTo(cv::Scalar(cv::GC_PR_FGD), silhouette > 0);
  labels.setTo(cv::Scalar(cv::GC_FGD), inside > 2);
  return grab_cut(bgr, labels);
}

cv::Mat composite_on_white(const cv::Mat& bgr, const cv::Mat& mask) {
  L3D_CHECK_EQ(bgr.type(), CV_8UC3);
  L3D_CHECK(bgr.size() == mask.size(), "photo and mask of one size");
  cv::Mat alpha, ground(bgr.size(), CV_32F, cv::Scalar(1));
  cv::Mat(mask > 127).convertTo(alpha, CV_32F, 1.0 / 255);
  const cv::Rect box = cv::boundingRect(mask > 127);

  // Shadow: the lowest fifth of the object, pressed flat around its foot line and blurred.
  if (!box.empty()) {
    const int foot = box.y + box.height, flat = std::max(2, box.height / 12);
    cv::Mat footprint(bgr.size(), CV_32F, cv::Scalar(0)), blurred;
    cv::Mat columns;
    cv::reduce(alpha.rowRange(foot - std::max(1, box.height / 5), foot), columns, 0, cv::REDUCE_MAX);
    for (int y = std::max(0, foot - 2 * flat); y < std::min(bgr.rows, foot + flat / 2); ++y) columns.copyTo(footprint.row(y));
    const double sigma = std::max(1.0, 0.04 * box.width);
    cv::GaussianBlur(footprint, blurred, {0, 0}, 2 * sigma, sigma);
    ground = 1 - 0.45 * blurred;
  }

  cv::Mat soft, result(bgr.size(), CV_8UC3);
  cv::GaussianBlur(alpha, soft, {0, 0}, 0.6);
  for (int y = 0; y < bgr.rows; ++y)
    for (int x = 0; x < bgr.cols; ++x) {
      const float a = soft.at<float>(y, x), white = 255 * ground.at<float>(y, x);
      for (int c = 0; c < 3; ++c)
        result.at<cv::Vec3b>(y, x)[c] = cv::saturate_cast<uchar>(a * static_cast<float>(bgr.at<cv::Vec3b>(y, x)[c]) + (1 - a) * white);
    }
  return result;
}

}  // namespace looking3d
