#include "engine/frame_photo.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "base/stopwatch.h"
#include "engine/correspondences.h"
#include "photo/segment.h"

namespace looking3d {
namespace {

constexpr int kLooks = 3;
constexpr double kSameWindow = 0.06;    ///< of its side: a window that moves less stays
constexpr double kOneObject = 0.25;     ///< of the largest piece of the mask: smaller ones are other things
constexpr double kLeastObject = 0.01;   ///< of the window
constexpr double kSmallestWindow = 32;  ///< pixels of the photo

/// What a prepared picture's mask marks, as a window of the photo.
PhotoWindow around(const cv::Mat& mask, const PhotoWindow& seen) {
  const PhotoWindow in_mask = window_around(mask);
  const double scale = seen.side / mask.cols;
  return {seen.x + in_mask.x * scale, seen.y + in_mask.y * scale, in_mask.side * scale};
}

/// A mask of one window as another shows it.
cv::Mat moved_to(const cv::Mat& mask, const PhotoWindow& from, const PhotoWindow& to) {
  const double scale = to.side / from.side;
  const cv::Matx23d from_to(scale, 0, (to.x - from.x) * mask.cols / from.side, 0, scale, (to.y - from.y) * mask.rows / from.side);
  cv::Mat moved;
  cv::warpAffine(mask, moved, from_to, mask.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
  return moved > 127;
}

bool same(const PhotoWindow& a, const PhotoWindow& b) {
  const double most = kSameWindow * a.side;
  return std::abs(a.x - b.x) < most && std::abs(a.y - b.y) < most && std::abs(a.side - b.side) < most;
}

bool in_place(const Detector& detector, const PhotoImage& photo, const FrameOptions& options) {
  return options.mask.empty() && !options.cut_out && detector.compares_in_place() && photo.alpha.empty() && !is_on_paper(photo.bgr);
}

Detection detect(const Detector& detector, const ReferenceData& reference, const PreparedPhoto& photo, int matches) {
  const auto* matching = dynamic_cast<const MatchingDetector*>(&detector);
  if (matching == nullptr || matches <= 0) return detector.detect(reference, photo);
  return matching->detect_as(reference, photo, {.matches = matches});
}

}  // namespace

PreparedPhoto frame_photo(const Detector& detector, const PhotoImage& photo, const FrameOptions& options) {
  const int size = detector.photo_px();
  const Path& where = options.where;
  if (!options.mask.empty()) return prepare_photo_with_mask(photo, options.mask, size, where);
  if (!in_place(detector, photo, options)) return prepare_photo(photo, size, where);

  PreparedPhoto prepared = prepare_in_place(photo, whole_frame(photo.bgr.size()), size, where);
  for (int look = 1;; ++look) {
    prepared.mask = without_specks(detector.find_object(prepared.bgr), kOneObject);
    if (cv::countNonZero(prepared.mask) < kLeastObject * static_cast<double>(prepared.mask.total()))
      throw InputError(where, "no object is to be seen", "photograph it larger and before a calmer background, or give --mask");
    const PhotoWindow window = around(prepared.mask, prepared.window);
    if (look == kLooks || window.side < kSmallestWindow || same(window, prepared.window)) return prepared;
    prepared = prepare_in_place(photo, window, size, where);
  }
}

std::optional<PreparedPhoto> frame_by_edges(const Detector& detector, const ReferenceData& reference, const PhotoImage& photo,
                                            const Path& where) {
  const int size = detector.photo_px();
  const PreparedPhoto whole = prepare_in_place(photo, whole_frame(photo.bgr.size()), size, where);
  const cv::Mat silhouette = detector.find_reference(reference, whole);
  if (silhouette.empty() || cv::countNonZero(silhouette) == 0) return std::nullopt;
  PreparedPhoto prepared = prepare_in_place(photo, around(silhouette, whole.window), size, where);
  prepared.found_by_edges = true;
  prepared.mask = moved_to(silhouette, whole.window, prepared.window);
  prepared.mask = mask_near(prepared.bgr, prepared.mask);
  prepared.note = "compared in place, where the photo shows the reference's edges";
  return prepared;
}

Look look_at(const Detector& detector, const ReferenceData& reference, const PhotoImage& photo, const FrameOptions& options) {
  const Stopwatch watch;
  Look look;
  std::exception_ptr nothing_seen;
  try {
    look.photo = frame_photo(detector, photo, options);
  } catch (const InputError&) {
    nothing_seen = std::current_exception();
  }
  look.prepare_ms = watch.ms();
  if (!nothing_seen) look.detection = detect(detector, reference, look.photo, options.matches);
  const bool unsatisfied = nothing_seen || !look.detection.refusal.empty() || look.detection.doubtful;
  if (unsatisfied && options.second_look && in_place(detector, photo, options)) {
    if (std::optional<PreparedPhoto> again = frame_by_edges(detector, reference, photo, options.where)) {
      const double prepare_ms = watch.ms();
      Detection detection = detect(detector, reference, *again, options.matches);
      if (detection.refusal.empty()) return {std::move(*again), std::move(detection), prepare_ms};
    }
  }
  if (nothing_seen) std::rethrow_exception(nothing_seen);
  return look;
}

}  // namespace looking3d
