#include "pose/motion_cost.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr double kPictureSide = 128;  ///< prices are in pixels of a picture this wide

cv::Mat resized(const cv::Mat& picture, int size) {
  cv::Mat result;
  cv::resize(picture, result, {size, size}, 0, 0, picture.cols > size ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

}  // namespace

MotionCost::MotionCost(const TriangleMesh& part, std::span<const TriangleMesh* const> rest, const Camera& camera,
                       const PhotoEvidence& evidence, int size, const MotionCostOptions& options)
    : raster_(part, camera.resized(size, size)),
      size_(size),
      unit_(kPictureSide * kPictureSide / (size * size)),
      same_depth_(static_cast<float>(options.same_depth)),
      other_depth_(static_cast<float>(options.other_depth)),
      rest_(cv::Mat::zeros(size, size, CV_32F)),
      seen_(cv::Mat::zeros(size, size, CV_8U)) {
  for (const TriangleMesh* mesh : rest) draw_over(rest_, *mesh, camera.resized(size, size));
  raster_.draw();
  before_ = cv::Mat::zeros(size, size, CV_32F);
  raster_.inverse_depth().copyTo(before_, raster_.inverse_depth() > rest_);
  visible_px_ = cv::countNonZero(before_) * unit_;
  set_prices(evidence, options);
  set_lost_share(evidence);
  set_edge_prices(evidence.bgr, options);
}

void MotionCost::set_prices(const PhotoEvidence& evidence, const MotionCostOptions& options) {
  L3D_CHECK_EQ(evidence.object.type(), CV_8U);
  L3D_CHECK_EQ(evidence.change.type(), CV_32F);
  const cv::Mat object = resized(evidence.object > 0, size_), change = resized(evidence.change, size_);
  changed_.create(size_, size_, CV_32F);
  same_.create(size_, size_, CV_32F);
  for (int y = 0; y < size_; ++y) {
    for (int x = 0; x < size_; ++x) {
      const double is_object = object.at<uchar>(y, x) / 255.0, differs = std::clamp(change.at<float>(y, x), 0.0f, 1.0f);
      const bool rest = rest_.at<float>(y, x) > 0, before = before_.at<float>(y, x) > 0;
      const double absent = options.silhouette * (rest ? 1 - is_object : is_object) + options.change * (before ? 1 - differs : differs);
      const double covered = options.silhouette * (1 - is_object);
      changed_.at<float>(y, x) = static_cast<float>(covered + options.change * (1 - differs) - absent);
      same_.at<float>(y, x) = static_cast<float>(covered + options.change * differs - absent);
      // What no explanation can save is left out: a map that is unsure costs the same whatever happened.
      absent_ += absent - options.change * std::min(differs, 1 - differs);
    }
  }
}

void MotionCost::set_lost_share(const PhotoEvidence& evidence) {
  // Background is where the mask says so and, since an outline may be off by a pixel without any damage, a second witness agrees: the
  // change map, or the mask grown by a pixel.
  const cv::Mat object = resized(evidence.object > 0, size_), change = resized(evidence.change, size_);
  cv::Mat grown;
  cv::dilate(object, grown, cv::getStructuringElement(cv::MORPH_RECT, {3, 3}));
  double lost = 0;
  int visible = 0;
  for (int y = 0; y < size_; ++y)
    for (int x = 0; x < size_; ++x) {
      if (before_.at<float>(y, x) == 0) continue;
      const double changed = std::clamp((change.at<float>(y, x) - 0.25) / 0.35, 0.0, 1.0);  // coarse maps are soft at their borders
      const double background = 1 - object.at<uchar>(y, x) / 255.0, surely = 1 - grown.at<uchar>(y, x) / 255.0;
      ++visible;
      lost += rest_.at<float>(y, x) > 0 ? changed : background * std::max(changed, surely);
    }
  lost_share_ = visible > 0 ? lost / visible : 0;
}

void MotionCost::set_edge_prices(const cv::Mat& bgr, const MotionCostOptions& options) {
  edge_ = cv::Mat::zeros(size_, size_, CV_32F);
  if (bgr.empty() || options.edge == 0) return;
  cv::Mat grey, edges, distance;
  cv::cvtColor(resized(bgr, size_), grey, cv::COLOR_BGR2GRAY);
  cv::Canny(grey, edges, 40, 100);
  if (cv::countNonZero(edges) == 0) return;
  cv::distanceTransform(edges == 0, distance, cv::DIST_L2, cv::DIST_MASK_3);
  const double reach = options.edge_reach * size_ / kPictureSide;
  edge_ = cv::min(distance / reach, 1.0);
  // An outline thrown down at random costs nothing.
  edge_ = (edge_ - cv::mean(edge_, rest_ > 0)[0]) * options.edge;
}

double MotionCost::at(const Eigen::Isometry3d& world_from_part) {
  const cv::Rect drawn = raster_.draw(world_from_part);
  const float ramp = 1 / (other_depth_ - same_depth_);
  double sum = 0;
  for (int y = drawn.y; y < drawn.y + drawn.height; ++y) {
    const auto* part = raster_.inverse_depth().ptr<float>(y);
    const float *rest = rest_.ptr<float>(y), *before = before_.ptr<float>(y), *changed = changed_.ptr<float>(y),
                *same = same_.ptr<float>(y);
    auto* seen = seen_.ptr<uchar>(y);
    for (int x = drawn.x; x < drawn.x + drawn.width; ++x) {
      seen[x] = part[x] > rest[x];
      if (!seen[x]) continue;
      if (before[x] > 0) {
        // 1/a - 1/b = (b - a) / (a b)
        const float depth = std::abs(before[x] - part[x]) / (before[x] * part[x]);
        const float other = std::clamp((depth - same_depth_) * ramp, 0.0f, 1.0f);
        sum += other * changed[x] + (1 - other) * same[x];
      } else {
        sum += changed[x];
      }
    }
  }
  return (absent_ + sum) * unit_ + outline(drawn) * std::sqrt(unit_);
}

double MotionCost::outline(const cv::Rect& drawn) const {
  double sum = 0;
  const auto is_seen = [&](int y, int x) { return drawn.contains({x, y}) && seen_.at<uchar>(y, x) != 0; };
  for (int y = drawn.y; y < drawn.y + drawn.height; ++y)
    for (int x = drawn.x; x < drawn.x + drawn.width; ++x) {
      if (seen_.at<uchar>(y, x) == 0) continue;
      if (!is_seen(y, x - 1) || !is_seen(y, x + 1) || !is_seen(y - 1, x) || !is_seen(y + 1, x)) sum += edge_.at<float>(y, x);
    }
  return sum;
}

}  // namespace looking3d
