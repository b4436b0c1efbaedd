#include "pose/pose_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "base/parallel.h"

namespace looking3d {
namespace {

constexpr int kParameters = 6;  ///< azimuth, elevation, log distance, shift x, shift y, roll
using Steps = std::array<double, kParameters>;

cv::Mat shrunk(const cv::Mat& mask, int size) {
  cv::Mat small;
  cv::resize(mask, small, {size, size}, 0, 0, cv::INTER_AREA);
  return small > 127;
}

void nudge(OrbitView& view, int parameter, double by) {
  switch (parameter) {
    case 0:
      view.azimuth_rad += by;
      break;
    case 1:
      view.elevation_rad = std::clamp(view.elevation_rad + by, -1.4, 1.4);
      break;
    case 2:
      view.distance *= std::exp(by);
      break;
    case 3:
      view.shift_x += by;
      break;
    case 4:
      view.shift_y += by;
      break;
    default:
      view.roll_rad += by;
  }
}

/// Silhouette agreement against one target mask, less a small price for leaving the image centre: photos aim at their object.
class Agreement {
 public:
  Agreement(const Scene& scene, const cv::Mat& mask, int size) : scene_(scene), target_(shrunk(mask, size)), size_(size) {}
  double operator()(const OrbitView& view) const {
    const double shift = std::hypot(view.shift_x, view.shift_y);
    return mask_iou(target_, render_silhouette(scene_, orbit_camera(view, size_))) - 0.2 * shift * shift;
  }

 private:
  const Scene& scene_;
  cv::Mat target_;
  int size_;
};

/// Pattern search: each parameter in turn by +- its step; steps halve when nothing helps.
PoseHypothesis refine(const Agreement& agreement, OrbitView view, Steps steps, int halvings, bool roll) {
  PoseHypothesis best{view, agreement(view)};
  for (int halving = 0; halving < halvings;) {
    bool better = false;
    for (int p = 0; p < (roll ? kParameters : kParameters - 1); ++p)
      for (const double sign : {1.0, -1.0}) {
        OrbitView trial = best.view;
        nudge(trial, p, sign * steps[p]);
        const double score = agreement(trial);
        if (score <= best.score) continue;
        best = {trial, score};
        better = true;
        break;
      }
    if (better) continue;
    for (double& step : steps) step /= 2;
    ++halving;
  }
  return best;
}

/// The grid view with distance and shift set so that its silhouette takes the mask's size and place.
OrbitView placed(const PoseIndex::Entry& entry, const Scene& scene, const MaskFrame& target, double focal_per_width, int size) {
  OrbitView view = entry.view;
  view.focal_per_width = focal_per_width;
  for (int round = 0; round < 2; ++round) {
    const MaskFrame frame = frame_of(render_silhouette(scene, orbit_camera(view, size)));
    if (frame.extent == 0) break;
    view.distance = std::clamp(view.distance * frame.extent / target.extent, 1.2, 20.0);
    view.shift_x += 0.7 * (target.cx - frame.cx) * round;
    view.shift_y += 0.7 * (target.cy - frame.cy) * round;
  }
  view.shift_x = std::clamp(view.shift_x, -0.3, 0.3);
  view.shift_y = std::clamp(view.shift_y, -0.3, 0.3);
  return view;
}

std::vector<size_t> best_entries(const PoseIndex& index, const cv::Mat& mask, int keep) {
  const cv::Mat target = normalised(mask, index.size());
  std::vector<std::pair<double, size_t>> scores;
  for (size_t i = 0; i < index.entries().size(); ++i) scores.emplace_back(-mask_iou(target, index.entries()[i].silhouette), i);
  std::sort(scores.begin(), scores.end());
  std::vector<size_t> best;
  for (size_t i = 0; i < scores.size() && static_cast<int>(best.size()) < keep; ++i) best.push_back(scores[i].second);
  return best;
}

}  // namespace

std::vector<PoseHypothesis> find_pose(const Scene& scene, const PoseIndex& index, const cv::Mat& mask, const PoseOptions& options,
                                      double focal_per_width) {
  L3D_CHECK(mask.type() == CV_8U && mask.rows == mask.cols, "a square mask");
  if (cv::countNonZero(mask) == 0) return {};
  const MaskFrame target = frame_of(mask);
  const std::vector<size_t> starts = best_entries(index, mask, options.coarse_keep);

  // Refine all starts at low resolution, in parallel; each is independent of the others.
  const Agreement coarse(scene, mask, options.refine_size), fine(scene, mask, options.final_size);
  std::vector<PoseHypothesis> found(starts.size());
  parallel_for(static_cast<int64_t>(starts.size()), [&](int64_t i) {
    const OrbitView start = placed(index.entries()[starts[i]], scene, target, focal_per_width, options.refine_size);
    found[i] = refine(coarse, start, {radians(4), radians(4), 0.04, 0.015, 0.015, radians(2)}, 2, options.search_roll);
  });
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.score > b.score; });

  // Keep the best that look from different sides, and finish them at full resolution.
  std::vector<PoseHypothesis> distinct;
  for (const PoseHypothesis& hypothesis : found) {
    const bool fresh = std::none_of(distinct.begin(), distinct.end(), [&](const PoseHypothesis& other) {
      return std::abs(angle_difference(other.view.azimuth_rad, hypothesis.view.azimuth_rad)) < radians(options.distinct_deg);
    });
    if (fresh && static_cast<int>(distinct.size()) < options.hypotheses) distinct.push_back(hypothesis);
  }
  parallel_for(static_cast<int64_t>(distinct.size()), [&](int64_t i) {
    distinct[i] = refine(fine, distinct[i].view, {radians(1), radians(1), 0.01, 0.004, 0.004, radians(1)}, 2, options.search_roll);
  });
  std::stable_sort(distinct.begin(), distinct.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return distinct;
}

}  // namespace looking3d
