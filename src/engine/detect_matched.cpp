// align with a matching network beside it: correspondences propose cameras that silhouettes alone may not (closest view, EPnP + RANSAC).
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "base/stopwatch.h"
#include "engine/correspondences.h"
#include "engine/detectors.h"
#include "engine/reference_cache.h"
#include "engine/view_tensors.h"
#include "pose/pose_from_points.h"

namespace looking3d {
namespace {

constexpr double kObjectShare = 0.25;  ///< of a patch's pixels, from which it shows the object

PreparedPhoto resized(const PreparedPhoto& photo, int size) {
  PreparedPhoto result = photo;
  cv::resize(photo.bgr, result.bgr, {size, size}, 0, 0, cv::INTER_AREA);
  if (!photo.mask.empty()) cv::resize(photo.mask, result.mask, {size, size}, 0, 0, cv::INTER_AREA);
  result.mask = result.mask > 127;
  return result;
}

/// Patches (row-major in grid x grid) that show the object; all without a mask.
std::vector<int> object_patches(const cv::Mat& mask, int grid) {
  cv::Mat share(grid, grid, CV_8U, cv::Scalar(255));
  if (!mask.empty()) cv::resize(mask, share, share.size(), 0, 0, cv::INTER_AREA);
  std::vector<int> patches;
  for (int i = 0; i < grid * grid; ++i)
    if (share.data[i] >= kObjectShare * 255) patches.push_back(i);
  return patches;
}

class MatchedAlignDetector : public Detector {
 public:
  MatchedAlignDetector(std::unique_ptr<Detector> align, std::unique_ptr<MatchingDetector> matcher)
      : Detector(align->info()), align_(std::move(align)), matcher_(std::move(matcher)) {}

  ReferenceNeed needs() const override { return align_->needs(); }
  int photo_px() const override { return align_->photo_px(); }

  Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const override {
    const Stopwatch watch;
    const std::vector<OrbitView> cameras = matched_cameras(reference, resized(photo, matcher_->photo_px()));
    const double milliseconds = watch.ms();
    Detection detection = align_->detect_near(reference, photo, cameras);
    detection.pose_ms += milliseconds;
    return detection;
  }

 private:
  /// Cameras that agree with the best matches: of all views, and of the closest view alone.
  std::vector<OrbitView> matched_cameras(const ReferenceData& reference, const PreparedPhoto& photo) const {
    const int grid = matcher_->grid();
    // [N, h, w, 3] -> [N * h * w, 3]
    const torch::Tensor positions = positions_.get(reference, [&](const ReferenceData& some) {
      return view_tensors(some, matcher_->info().size).position.flatten(0, 2).contiguous();
    });
    const std::vector<PatchMatch> matches = matcher_->matches(reference, photo, object_patches(photo.mask, grid));
    const std::optional<int> closest = matcher_->detect(reference, photo).closest_view;

    std::vector<PointMatch> anywhere, in_closest;
    const auto add = [&](std::vector<PointMatch>& points, int patch, int key) {
      const float* x = positions.data_ptr<float>() + 3 * static_cast<std::ptrdiff_t>(key);
      points.push_back({{(patch % grid + 0.5) / grid, (patch / grid + 0.5) / grid}, {x[0], x[1], x[2]}});
    };
    for (const PatchMatch& match : matches) {
      if (!match.top.empty()) add(anywhere, match.patch, match.top.front());
      if (!closest || *closest >= match.similarity.rows) continue;
      const cv::Mat row = match.similarity.row(*closest), shown = row == row;  // NaN is unlike itself: no surface there
      if (cv::countNonZero(shown) == 0) continue;
      cv::Point best;
      cv::minMaxLoc(row, nullptr, nullptr, nullptr, &best, shown);
      add(in_closest, match.patch, *closest * row.cols + best.x);
    }
    std::vector<OrbitView> cameras;
    for (const std::vector<PointMatch>& points : {anywhere, in_closest})
      if (const std::optional<PointPose> pose = pose_from_points(points)) cameras.push_back(pose->view);
    return cameras;
  }

  const std::unique_ptr<Detector> align_;
  const std::unique_ptr<MatchingDetector> matcher_;
  mutable ReferenceCache<torch::Tensor> positions_;
};

}  // namespace

std::unique_ptr<Detector> Detector::open_matched(const Path& weights, const Path& matcher) {
  std::unique_ptr<Detector> align = open(weights), matching = open(matcher);
  if (align->info().method != "align") throw InputError(weights, "is of method " + align->info().method, "--matcher helps align");
  auto* const matches = dynamic_cast<MatchingDetector*>(matching.get());
  if (matches == nullptr) throw InputError(matcher, "matches no patches", "--matcher takes weights of cmt");
  matching.release();
  return std::make_unique<MatchedAlignDetector>(std::move(align), std::unique_ptr<MatchingDetector>(matches));
}

}  // namespace looking3d
