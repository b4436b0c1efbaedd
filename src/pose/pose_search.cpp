#include "pose/pose_search.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "base/parallel.h"

namespace looking3d {
namespace {

/// Steps of the search over the camera's angles; each is halved `halvings` times.
struct AngleSteps {
  double angle_rad, roll_rad;
  int halvings;
};

/// What moving and scaling a silhouette in the picture achieves: shift in shares of the width, scale about the principal point.
struct Placement {
  double scale = 1, shift_x = 0, shift_y = 0, iou = 0;
};

cv::Mat shrunk(const cv::Mat& mask, int size) {
  cv::Mat small;
  cv::resize(mask, small, {size, size}, 0, 0, cv::INTER_AREA);
  return small > 127;
}

/// Agreement of a silhouette at a camera with one target mask. Distance and shift of the camera only scale and move the silhouette (as
/// long as they change little), so for each pair of angles it is rendered once and then laid over the target as well as can be.
class Agreement {
 public:
  Agreement(const Scene& scene, const cv::Mat& mask, int size) : scene_(scene), target_(shrunk(mask, size)), size_(size) {}

  /// `view` with distance and shift set as well as can be, and how well it agrees then, less a small price for leaving the image
  /// centre: photos aim at their object.
  PoseHypothesis at(OrbitView view) const {
    const cv::Mat silhouette = render_silhouette(scene_, orbit_camera(view, size_));
    const Placement best = place(silhouette, view);
    view.distance = std::clamp(view.distance / best.scale, 1.2, 20.0);
    view.shift_x += best.shift_x;
    view.shift_y += best.shift_y;
    return {view, best.iou - shift_price(view.shift_x, view.shift_y)};
  }

  /// Agreement of the view as it is.
  double of(const OrbitView& view) const {
    return mask_iou(target_, render_silhouette(scene_, orbit_camera(view, size_))) - shift_price(view.shift_x, view.shift_y);
  }

 private:
  static double shift_price(double x, double y) { return 0.2 * (x * x + y * y); }

  double overlap(const cv::Mat& silhouette, const OrbitView& view, const Placement& p) const {
    const double cx = (0.5 + view.shift_x) * size_, cy = (0.5 + view.shift_y) * size_;  // principal point: scaling is about it
    // Pixel centres lie at +0.5; source = (target - c - shift) / scale + c.
    const double inverse = 1 / p.scale, x0 = cx + p.shift_x * size_, y0 = cy + p.shift_y * size_;
    int both = 0, target = 0, moved = 0;
    for (int y = 0; y < size_; ++y) {
      const int from_y = static_cast<int>(std::floor((y + 0.5 - y0) * inverse + cy));
      const uchar* wanted = target_.ptr(y);
      const uchar* row = from_y >= 0 && from_y < size_ ? silhouette.ptr(from_y) : nullptr;
      for (int x = 0; x < size_; ++x) {
        const int from_x = static_cast<int>(std::floor((x + 0.5 - x0) * inverse + cx));
        const bool here = row != nullptr && from_x >= 0 && from_x < size_ && row[from_x] != 0, there = wanted[x] != 0;
        both += here && there, target += there, moved += here;
      }
    }
    const int either = target + moved - both;
    return either == 0 ? 0 : static_cast<double>(both) / either;
  }

  Placement place(const cv::Mat& silhouette, const OrbitView& view) const {
    Placement best;
    best.iou = overlap(silhouette, view, best);
    for (double step = 2.0 / size_; step > 0.4 / size_; step /= 2) {
      for (bool better = true; better;) {
        better = false;
        for (int axis = 0; axis < 3; ++axis) {
          for (const double sign : {1.0, -1.0}) {
            Placement trial = best;
            (axis == 0 ? trial.shift_x : axis == 1 ? trial.shift_y : trial.scale) += sign * step;
            trial.iou = overlap(silhouette, view, trial);
            if (trial.iou <= best.iou) continue;
            best = trial;
            better = true;
            break;
          }
        }
      }
    }
    return best;
  }

  const Scene& scene_;
  cv::Mat target_;
  int size_;
};

/// Pattern search over the angles: each in turn by +- its step; steps halve when nothing helps.
PoseHypothesis refine(const Agreement& agreement, const OrbitView& start, AngleSteps steps, bool roll) {
  PoseHypothesis best = agreement.at(start);
  for (int halving = 0; halving <= steps.halvings;) {
    bool better = false;
    for (int parameter = 0; parameter < (roll ? 3 : 2); ++parameter)
      for (const double sign : {1.0, -1.0}) {
        OrbitView trial = best.view;
        if (parameter == 0) trial.azimuth_rad += sign * steps.angle_rad;
        if (parameter == 1) trial.elevation_rad = std::clamp(trial.elevation_rad + sign * steps.angle_rad, -1.4, 1.4);
        if (parameter == 2) trial.roll_rad += sign * steps.roll_rad;
        const PoseHypothesis hypothesis = agreement.at(trial);
        if (hypothesis.score <= best.score) continue;
        best = hypothesis;
        better = true;
        break;
      }
    if (better) continue;
    steps.angle_rad /= 2, steps.roll_rad /= 2;
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

  // Look at all starts at low resolution, and refine the better half; each is independent of the others.
  const Agreement coarse(scene, mask, options.refine_size), fine(scene, mask, options.final_size);
  const auto by_score = [](const PoseHypothesis& a, const PoseHypothesis& b) { return a.score > b.score; };
  std::vector<PoseHypothesis> found(starts.size());
  parallel_for(static_cast<int64_t>(starts.size()), [&](int64_t i) {
    found[i] = coarse.at(placed(index.entries()[starts[i]], scene, target, focal_per_width, options.refine_size));
  });
  std::stable_sort(found.begin(), found.end(), by_score);
  found.resize((found.size() + 1) / 2);
  parallel_for(static_cast<int64_t>(found.size()), [&](int64_t i) {
    found[i] = refine(coarse, found[i].view, {radians(4), radians(2), 2}, options.search_roll);
  });
  std::stable_sort(found.begin(), found.end(), by_score);

  // Keep the best that look from different sides, and finish them at full resolution.
  std::vector<PoseHypothesis> distinct;
  for (const PoseHypothesis& hypothesis : found) {
    const bool fresh = std::none_of(distinct.begin(), distinct.end(), [&](const PoseHypothesis& other) {
      return std::abs(angle_difference(other.view.azimuth_rad, hypothesis.view.azimuth_rad)) < radians(options.distinct_deg);
    });
    if (fresh && static_cast<int>(distinct.size()) < options.hypotheses) distinct.push_back(hypothesis);
  }
  parallel_for(static_cast<int64_t>(distinct.size()), [&](int64_t i) {
    distinct[i] = refine(fine, distinct[i].view, {radians(1), radians(1), 2}, options.search_roll);
    distinct[i].score = fine.of(distinct[i].view);
  });
  std::stable_sort(distinct.begin(), distinct.end(), by_score);
  return distinct;
}

}  // namespace looking3d
