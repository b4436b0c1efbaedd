#include "pose/view_edges.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr float kDepthStep = 0.06f;      // canonical units between neighbouring pixels: more than any visible slope
constexpr float kCreaseCosine = 0.819f;  // 35 degrees
constexpr int kOutlineMargin = 2;        // pixels from the outline within which an inner edge cannot be told from it
constexpr int kWindow = 2;               // half side of the window in which an inner edge's direction is measured

/// Takes every n-th of the candidates, n such that at most about `at_most` are left; the same ones each time.
class Thinning {
 public:
  Thinning(size_t count, int at_most) : stride_(std::max<size_t>(1, (count + at_most - 1) / at_most)) {}
  bool take() { return next_++ % stride_ == 0; }

 private:
  size_t stride_, next_ = 0;
};

class Unprojection {
 public:
  explicit Unprojection(const Camera& camera)
      : world_from_camera_(camera.camera_from_world.linear().transpose()),
        position_(-(world_from_camera_ * camera.camera_from_world.translation())),
        centre_(camera.centre_px),
        inverse_focal_(1 / camera.focal_px) {}
  Eigen::Vector3d at(double x, double y, double depth) const {
    const Eigen::Vector3d ray((x - centre_.x()) * inverse_focal_, (y - centre_.y()) * inverse_focal_, 1);
    return world_from_camera_ * (ray * depth) + position_;
  }

 private:
  Eigen::Matrix3d world_from_camera_;
  Eigen::Vector3d position_;
  Eigen::Vector2d centre_;
  double inverse_focal_;
};

/// A place between two neighbouring pixels; `owner` is the one on the nearer surface.
struct Crack {
  cv::Point owner, other;
};

std::vector<Crack> outline_cracks(const cv::Mat& mask) {
  std::vector<Crack> cracks;
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) {
      const bool here = mask.at<uchar>(y, x) != 0;
      for (const cv::Point next : {cv::Point(x + 1, y), cv::Point(x, y + 1)}) {
        if (next.x >= mask.cols || next.y >= mask.rows) continue;
        if (here == (mask.at<uchar>(next) != 0)) continue;
        cracks.push_back(here ? Crack{{x, y}, next} : Crack{next, {x, y}});
      }
    }
  return cracks;
}

bool is_inner_edge(const Layers& layers, cv::Point a, cv::Point b) {
  if (layers.part_id.at<short>(a) != layers.part_id.at<short>(b)) return true;
  if (std::abs(layers.depth.at<float>(a) - layers.depth.at<float>(b)) > kDepthStep) return true;
  return layers.normal.at<cv::Vec3f>(a).dot(layers.normal.at<cv::Vec3f>(b)) < kCreaseCosine;
}

/// Unit normal of the line that the marked pixels around `at` form; zero where they form none.
Eigen::Vector2d line_normal(const cv::Mat& marks, cv::Point at) {
  double count = 0, sx = 0, sy = 0, xx = 0, xy = 0, yy = 0;
  for (int dy = -kWindow; dy <= kWindow; ++dy)
    for (int dx = -kWindow; dx <= kWindow; ++dx)
      if (marks.at<uchar>(at.y + dy, at.x + dx) != 0) count += 1, sx += dx, sy += dy, xx += dx * dx, xy += dx * dy, yy += dy * dy;
  if (count < 3) return Eigen::Vector2d::Zero();
  const double a = xx / count - sx * sx / count / count, b = xy / count - sx * sy / count / count, c = yy / count - sy * sy / count / count;
  const double root = std::hypot(a - c, 2 * b);
  if (root < 0.5 * (a + c)) return Eigen::Vector2d::Zero();  // as wide as long
  const double along = 0.5 * std::atan2(2 * b, a - c);
  return {-std::sin(along), std::cos(along)};
}

}  // namespace

std::vector<EdgePoint> outline_points(const Layers& layers, const Camera& camera, int at_most) {
  return outline_points(layers, layers.mask(), camera, at_most);
}

std::vector<EdgePoint> outline_points(const Layers& layers, const cv::Mat& mask, const Camera& camera, int at_most) {
  cv::Mat soft;
  mask.convertTo(soft, CV_32F, 1 / 255.0);
  cv::GaussianBlur(soft, soft, {5, 5}, 1.0);
  const std::vector<Crack> cracks = outline_cracks(mask);
  const Unprojection world(camera);
  Thinning thinning(cracks.size(), at_most);
  std::vector<EdgePoint> points;
  for (const auto& [owner, other] : cracks) {
    if (!thinning.take() || layers.depth.at<float>(owner) <= 0) continue;  // no depth: in a gap that was filled
    // Outwards is down the slope of the softened mask, measured on both sides of the crack.
    Eigen::Vector2d slope = Eigen::Vector2d::Zero();
    for (const cv::Point p : {owner, other}) {
      const int left = std::max(p.x - 1, 0), right = std::min(p.x + 1, mask.cols - 1);
      const int top = std::max(p.y - 1, 0), bottom = std::min(p.y + 1, mask.rows - 1);
      slope.x() -= soft.at<float>(p.y, right) - soft.at<float>(p.y, left);
      slope.y() -= soft.at<float>(bottom, p.x) - soft.at<float>(top, p.x);
    }
    if (slope.squaredNorm() < 1e-6) continue;
    const Eigen::Vector2d at(0.5 * (owner.x + other.x) + 0.5, 0.5 * (owner.y + other.y) + 0.5);
    points.push_back({world.at(at.x(), at.y(), layers.depth.at<float>(owner)), at, slope.normalized()});
  }
  return points;
}

std::vector<EdgePoint> inner_edge_points(const Layers& layers, const Camera& camera, int at_most) {
  const cv::Mat mask = layers.mask();
  cv::Mat inside;
  cv::erode(mask, inside, cv::Mat(), {-1, -1}, kOutlineMargin, cv::BORDER_CONSTANT, cv::Scalar(0));
  std::vector<Crack> cracks;
  cv::Mat marks(mask.size(), CV_8U, cv::Scalar(0));
  for (int y = 0; y + 1 < mask.rows; ++y)
    for (int x = 0; x + 1 < mask.cols; ++x) {
      if (inside.at<uchar>(y, x) == 0) continue;
      for (const cv::Point next : {cv::Point(x + 1, y), cv::Point(x, y + 1)}) {
        if (inside.at<uchar>(next) == 0 || !is_inner_edge(layers, {x, y}, next)) continue;
        const bool nearer = layers.depth.at<float>(y, x) <= layers.depth.at<float>(next);
        cracks.push_back(nearer ? Crack{{x, y}, next} : Crack{next, {x, y}});
        marks.at<uchar>(cracks.back().owner) = 255;
      }
    }
  const Unprojection world(camera);
  Thinning thinning(cracks.size(), at_most);
  std::vector<EdgePoint> points;
  for (const auto& [owner, other] : cracks) {
    if (!thinning.take()) continue;
    const Eigen::Vector2d normal = line_normal(marks, owner);
    if (normal.isZero()) continue;
    const Eigen::Vector2d at(0.5 * (owner.x + other.x) + 0.5, 0.5 * (owner.y + other.y) + 0.5);
    points.push_back({world.at(at.x(), at.y(), layers.depth.at<float>(owner)), at, normal});
  }
  return points;
}

}  // namespace looking3d
