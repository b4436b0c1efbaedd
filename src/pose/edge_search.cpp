#include "pose/edge_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "base/parallel.h"
#include "pose/coarse_search.h"
#include "pose/pose_fit.h"
#include "pose/view_edges.h"

namespace looking3d {
namespace {

constexpr int kTemplateSize = 96;  ///< pixels at which the reference's edges are taken
constexpr int kOutlineMost = 96, kInnerMost = 64;
constexpr int kStep = 2;  ///< pixels between places that are tried
constexpr double kScaleStep = 1.1;
constexpr double kFullStrength = 2;  ///< of its neighbourhood's usual gradient: such an edge counts in full
constexpr double kInnerShare = 0.6;  ///< what an inner edge counts against one of the outline
constexpr int kSurroundings = 41;    ///< pixels around a place that say how much edge there is by chance
constexpr int kLevels = 100;         ///< of a response
constexpr double kOutside = 0.12;    ///< of the object's size that may lie outside the picture
constexpr double kApartDeg = 12, kApartShift = 0.04;
constexpr int kOutlinePoints = 400, kInnerPoints = 300, kReach = 7;
constexpr double kRollSdDeg = 4, kFocalSd = 0.3;

int direction_of(double x, double y) {
  const double turn = std::atan2(y, x) / std::numbers::pi * EdgeTemplates::kDirections;
  const int bin = static_cast<int>(std::lround(turn)) % EdgeTemplates::kDirections;
  return bin < 0 ? bin + EdgeTemplates::kDirections : bin;
}

/// Every kStep-th place of a field's responses as whole numbers, CV_16S: [inner][direction].
using Responses = std::array<std::array<cv::Mat, EdgeTemplates::kDirections>, 2>;

Responses responses_of(const EdgeField& field) {
  Responses responses;
  const int cells = (field.size() + kStep - 1) / kStep;
  for (int direction = 0; direction < EdgeTemplates::kDirections; ++direction)
    for (const bool inner : {false, true}) {
      cv::Mat map(cells, cells, CV_16S);
      const double levels = kLevels * (inner ? kInnerShare : 1);
      for (int y = 0; y < cells; ++y)
        for (int x = 0; x < cells; ++x)
          map.at<int16_t>(y, x) = static_cast<int16_t>(std::lround(levels * field.response(direction).at<float>(y * kStep, x * kStep)));
      responses[inner][static_cast<size_t>(direction)] = map;
    }
  return responses;
}

/// Most support first; of those that are nearly the same the first.
std::vector<EdgePose> distinct(std::vector<EdgePose> poses, int keep, double apart_deg) {
  std::stable_sort(poses.begin(), poses.end(), [](const EdgePose& a, const EdgePose& b) { return a.support > b.support; });
  std::vector<EdgePose> kept;
  for (const EdgePose& pose : poses) {
    if (static_cast<int>(kept.size()) >= keep) break;
    const auto same = [&](const EdgePose& other) {
      return turn_between(other.view, pose.view) < radians(apart_deg) && std::abs(other.view.shift_x - pose.view.shift_x) < kApartShift &&
             std::abs(other.view.shift_y - pose.view.shift_y) < kApartShift &&
             std::abs(std::log(other.view.distance / pose.view.distance)) < kScaleStep - 1;
    };
    if (std::none_of(kept.begin(), kept.end(), same)) kept.push_back(pose);
  }
  return kept;
}

struct Place {
  double support = -1;
  double scale = 1;  ///< of the template's picture
  int x = 0, y = 0;  ///< of its principal point, in steps
};

/// The best place of one view at one size.
Place best_place(const EdgeTemplates::View& view, const Responses& responses, double scale, int size) {
  const int cells = responses[0][0].cols;
  const double to_cells = scale * size / kStep;
  const double w = (view.right - view.left) * to_cells, h = (view.bottom - view.top) * to_cells;
  const int x0 = static_cast<int>(std::ceil(-view.left * to_cells - kOutside * w)),
            x1 = static_cast<int>(cells - view.right * to_cells + kOutside * w);
  const int y0 = static_cast<int>(std::ceil(-view.top * to_cells - kOutside * h)),
            y1 = static_cast<int>(cells - view.bottom * to_cells + kOutside * h);
  Place best;
  if (x1 <= x0 || y1 <= y0) return best;
  const int columns = x1 - x0, rows = y1 - y0;
  std::vector<int16_t> sums(static_cast<size_t>(columns) * rows, 0);
  double weights = 0;
  for (const EdgeTemplates::Point& point : view.points) {
    const cv::Mat& map = responses[point.inner][static_cast<size_t>(point.direction)];
    weights += point.inner ? kInnerShare : 1;
    const int dx = static_cast<int>(std::lround(point.x * to_cells)), dy = static_cast<int>(std::lround(point.y * to_cells));
    const int from = std::max(x0, -dx), to = std::min(x1, cells - dx);
    for (int y = std::max(y0, -dy); y < std::min(y1, cells - dy); ++y) {
      if (from >= to) break;
      const int16_t* seen = map.ptr<int16_t>(y + dy) + (from + dx);
      int16_t* sum = sums.data() + static_cast<size_t>(y - y0) * columns + (from - x0);
      for (int i = 0; i < to - from; ++i) sum[i] = static_cast<int16_t>(sum[i] + seen[i]);
    }
  }
  const auto most = std::max_element(sums.begin(), sums.end()) - sums.begin();
  // Twice as long an edge is found by chance more rarely: the mean's deviations from chance, if pixels were independent.
  best.support = sums[static_cast<size_t>(most)] / weights / kLevels * std::sqrt(view.length * scale * size);
  best.scale = scale;
  best.x = x0 + static_cast<int>(most % columns);
  best.y = y0 + static_cast<int>(most / columns);
  return best;
}

OrbitView view_at(const EdgeTemplates::View& view, const Place& place, int size, double focal_per_width) {
  OrbitView result = view.view;
  result.distance = std::clamp(view.view.distance / place.scale * focal_per_width / view.view.focal_per_width, 1.2, 20.0);
  result.focal_per_width = focal_per_width;
  result.shift_x = static_cast<double>(place.x * kStep) / size - 0.5;
  result.shift_y = static_cast<double>(place.y * kStep) / size - 0.5;
  return result;
}

}  // namespace

EdgeTemplates::EdgeTemplates(const Scene& scene, const PoseIndex& index) : views_(index.entries().size()) {
  parallel_for(static_cast<int64_t>(views_.size()), [&](int64_t i) {
    View& result = views_[static_cast<size_t>(i)];
    result.view = index.entries()[static_cast<size_t>(i)].view;
    const Camera camera = orbit_camera(result.view, kTemplateSize);
    const Layers layers = render_layers(scene, camera);
    const auto add = [&](const std::vector<EdgePoint>& points, bool inner) {
      for (const EdgePoint& point : points) {
        const Eigen::Vector2d at = (point.at_px - camera.centre_px) / kTemplateSize;
        result.points.push_back(
            {static_cast<float>(at.x()), static_cast<float>(at.y()), direction_of(point.normal.x(), point.normal.y()), inner});
      }
    };
    const std::vector<EdgePoint> outline = outline_points(layers, camera, kTemplateSize * kTemplateSize);
    add(outline_points(layers, camera, kOutlineMost), false);
    add(inner_edge_points(layers, camera, kInnerMost), true);
    result.length = static_cast<float>(outline.size()) / kTemplateSize;
    for (const Point& point : result.points) {
      result.left = std::min(result.left, point.x), result.right = std::max(result.right, point.x);
      result.top = std::min(result.top, point.y), result.bottom = std::max(result.bottom, point.y);
    }
  });
}

EdgeField::EdgeField(const cv::Mat& photo, const cv::Rect2d& inside, int size)
    : target_(cv::Mat(photo.size(), CV_8U, cv::Scalar(255)), photo, size) {
  const cv::Rect known = cv::Rect(cvCeil(inside.x * size) + 1, cvCeil(inside.y * size) + 1, cvFloor(inside.width * size) - 2,
                                  cvFloor(inside.height * size) - 2) &
                         cv::Rect(0, 0, size, size);
  for (int direction = 0; direction < EdgeTemplates::kDirections; ++direction) {
    const double angle = std::numbers::pi * direction / EdgeTemplates::kDirections;
    const double nx = std::cos(angle), ny = std::sin(angle);
    // An edge of another direction has a share in this one too: what changes along the line is taken off.
    const cv::Mat across = cv::abs(target_.gradient_x() * nx + target_.gradient_y() * ny);
    const cv::Mat along = cv::abs(target_.gradient_y() * nx - target_.gradient_x() * ny);
    const cv::Mat strength = cv::max(cv::min((across - along) / kFullStrength, 1.0), 0.0);
    cv::Mat near, usual;
    cv::dilate(strength, near, cv::Mat());  // a template is off by a pixel
    cv::GaussianBlur(near, near, {3, 3}, 0.8);
    cv::boxFilter(near, usual, CV_32F, {kSurroundings, kSurroundings}, {-1, -1}, true, cv::BORDER_REFLECT);
    cv::Mat& response = responses_[static_cast<size_t>(direction)];
    response = cv::Mat(size, size, CV_32F, cv::Scalar(0));
    cv::Mat(near - usual)(known).copyTo(response(known));
  }
}

double EdgeField::support(const Layers& layers, const Camera& camera) const {
  double sum = 0, weights = 0;
  const auto add = [&](const std::vector<EdgePoint>& points, double weight) {
    for (const EdgePoint& point : points) {
      weights += weight;
      const cv::Point at(static_cast<int>(point.at_px.x()), static_cast<int>(point.at_px.y()));
      if (at.x < 0 || at.y < 0 || at.x >= size() || at.y >= size()) continue;
      sum += weight * response(direction_of(point.normal.x(), point.normal.y())).at<float>(at);
    }
  };
  const std::vector<EdgePoint> outline = outline_points(layers, camera, size() * size());
  add(outline, 1);
  add(inner_edge_points(layers, camera, size() * size()), kInnerShare);
  return weights == 0 ? 0 : sum / weights * std::sqrt(static_cast<double>(outline.size()));
}

namespace {

/// Where templates lie best on the photo, most support first, no two alike.
std::vector<EdgePose> places(const EdgeTemplates& templates, const EdgeField& field, const EdgeSearchOptions& options) {
  const Responses responses = responses_of(field);
  std::vector<std::vector<EdgePose>> found(templates.views().size());
  parallel_for(static_cast<int64_t>(found.size()), [&](int64_t i) {
    const EdgeTemplates::View& view = templates.views()[static_cast<size_t>(i)];
    const double extent = std::max(view.right - view.left, view.bottom - view.top);
    if (view.points.empty() || extent <= 0) return;
    for (double longest = options.smallest; longest <= options.largest; longest *= kScaleStep) {
      const Place place = best_place(view, responses, longest / extent, field.size());
      if (place.support > 0)
        found[static_cast<size_t>(i)].push_back({view_at(view, place, field.size(), options.focal_per_width), place.support});
    }
  });
  std::vector<EdgePose> all;
  for (const auto& some : found) all.insert(all.end(), some.begin(), some.end());
  return distinct(std::move(all), options.keep, kApartDeg);
}

/// One camera pulled onto the photo's edges, rendered anew `rounds` times; the best on the way.
EdgePose pulled(const Scene& scene, const EdgePose& start, const EdgeField& field, const PosePrior& prior, int rounds) {
  EdgePose best{start.view, -1};
  OrbitView view = start.view;
  for (int round = 0; round <= rounds; ++round) {
    const Camera camera = orbit_camera(view, field.size());
    const Layers layers = render_layers(scene, camera);
    const double support = field.support(layers, camera);
    if (support > best.support) best = {view, support};
    if (round == rounds) break;
    const PoseFitOptions options{
        .iterations = 2, .reach = std::max(2, kReach - 2 * round), .inner_weight = kInnerShare, .outline_by_photo = true};
    view = fit_pose(view, outline_points(layers, camera, kOutlinePoints), inner_edge_points(layers, camera, kInnerPoints), field.target(),
                    prior, options)
               .view;
  }
  return best;
}

}  // namespace

std::vector<EdgePose> find_pose_by_edges(const Scene& scene, const EdgeTemplates& templates, const EdgeField& field,
                                         const EdgeSearchOptions& options) {
  OrbitView usual;
  usual.focal_per_width = options.focal_per_width;
  PosePrior prior;
  prior.mean = parameters_of(usual);
  prior.deviation << 1e3, 1e3, radians(kRollSdDeg), 1e3, 1e3, 1e3, kFocalSd;
  std::vector<EdgePose> poses = places(templates, field, options);
  const auto refine = [&](int rounds, int keep) {
    parallel_for(static_cast<int64_t>(poses.size()), [&](int64_t i) {
      EdgePose& pose = poses[static_cast<size_t>(i)];
      pose = pulled(scene, pose, field, prior, rounds);
    });
    poses = distinct(std::move(poses), keep, kApartDeg / 2);
  };
  refine(1, options.finish_keep);
  refine(3, options.hypotheses);
  return poses;
}

}  // namespace looking3d
