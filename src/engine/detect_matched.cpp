// align with a matching network beside it: correspondences propose cameras that silhouettes alone may not (closest view, EPnP + RANSAC).
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "base/stopwatch.h"
#include "engine/correspondences.h"
#include "engine/detectors.h"

namespace looking3d {
namespace {

class MatchedAlignDetector : public Detector {
 public:
  MatchedAlignDetector(std::unique_ptr<Detector> align, std::unique_ptr<MatchingDetector> matcher)
      : Detector(align->info()), align_(std::move(align)), matcher_(std::move(matcher)) {}

  ReferenceNeed needs() const override { return align_->needs(); }
  int photo_px() const override { return align_->photo_px(); }
  std::shared_ptr<const StoredViews> encode(const ReferenceData& reference) const override { return matcher_->encode(reference); }
  void check(const ReferenceData& reference) const override { matcher_->check(reference); }
  bool compares_in_place() const override { return align_->compares_in_place(); }
  cv::Mat find_object(const cv::Mat& bgr) const override { return align_->find_object(bgr); }
  cv::Mat find_reference(const ReferenceData& reference, const PreparedPhoto& photo) const override {
    return align_->find_reference(reference, photo);
  }

  Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const override {
    const Stopwatch watch;
    const PointMatches points = matcher_->point_matches(reference, for_matcher(photo));
    std::vector<OrbitView> cameras;
    for (const std::vector<PointMatch>& matches : {points.anywhere, points.in_closest_view})
      if (const std::optional<PointPose> pose = pose_from_points(matches)) cameras.push_back(pose->view);
    const double milliseconds = watch.ms();
    Detection detection = align_->detect_near(reference, photo, cameras);
    detection.pose_ms += milliseconds;
    return detection;
  }

 private:
  /// At the matcher's size and on white: a background of its own is left out, since the matcher never saw one.
  PreparedPhoto for_matcher(const PreparedPhoto& photo) const {
    const int size = matcher_->photo_px();
    PreparedPhoto small{.bgr = square_photo(photo.bgr, size), .window = photo.window};
    if (photo.mask.empty()) return small;
    cv::resize(photo.mask, small.mask, {size, size}, 0, 0, cv::INTER_AREA);
    if (photo.mask_is_rough) small.bgr.setTo(cv::Scalar::all(255), small.mask < 128);
    return small;
  }

  const std::unique_ptr<Detector> align_;
  const std::unique_ptr<MatchingDetector> matcher_;
};

}  // namespace

std::unique_ptr<Detector> make_matched_detector(std::unique_ptr<Detector> align, std::unique_ptr<Detector> matcher, const Path& weights,
                                                const Path& matcher_weights) {
  if (align->info().method != "align") throw InputError(weights, "is of method " + align->info().method, "--matcher helps align");
  auto* const matches = dynamic_cast<MatchingDetector*>(matcher.get());
  if (matches == nullptr) throw InputError(matcher_weights, "matches no patches", "--matcher takes weights of cmt");
  matcher.release();
  return std::make_unique<MatchedAlignDetector>(std::move(align), std::unique_ptr<MatchingDetector>(matches));
}

}  // namespace looking3d
