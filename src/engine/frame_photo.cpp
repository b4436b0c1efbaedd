#include "engine/frame_photo.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
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

bool same(const PhotoWindow& a, const PhotoWindow& b) {
  const double most = kSameWindow * a.side;
  return std::abs(a.x - b.x) < most && std::abs(a.y - b.y) < most && std::abs(a.side - b.side) < most;
}

}  // namespace

PreparedPhoto frame_photo(const Detector& detector, const PhotoImage& photo, const cv::Mat& mask, const Path& where) {
  const int size = detector.photo_px();
  if (!mask.empty()) return prepare_photo_with_mask(photo, mask, size, where);
  if (!detector.compares_in_place() || !photo.alpha.empty() || is_on_paper(photo.bgr)) return prepare_photo(photo, size, where);

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

}  // namespace looking3d
