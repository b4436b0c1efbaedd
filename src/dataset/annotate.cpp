#include "dataset/annotate.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr double kDarkMean = 14;     ///< mean grey level of the object below which nothing can be made out
constexpr double kBurntLevel = 250;  ///< grey level that counts as burnt out
constexpr double kBurntShare = 0.5;  ///< share of burnt-out object pixels from which on the outline is lost

/// Compares one pixel of both shapes: parts by name, since a missing part shifts the indices.
struct PixelTest {
  const Shape& normal;
  const Shape& anomalous;
  const std::string& part;

  const std::string* name(const Shape& shape, int id) const { return id < 0 ? nullptr : &shape.parts[static_cast<size_t>(id)].name; }
  bool is_changed_part(const std::string* name) const { return name != nullptr && *name == part; }
};

}  // namespace

Change measure_change(const Shape& normal, const Layers& before, const Shape& anomalous, const Layers& after, const std::string& part,
                      double depth_tolerance) {
  L3D_CHECK(before.part_id.size() == after.part_id.size(), "layers of one camera");
  const cv::Size size = before.part_id.size();
  const PixelTest test{normal, anomalous, part};
  Change change;
  for (cv::Mat* mask : {&change.mask_before, &change.mask_after, &change.changed}) *mask = cv::Mat::zeros(size, CV_8U);
  change.object_before = before.mask();
  change.object_after = after.mask();

  int changed = 0, both = 0, either = 0;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const std::string* old_name = test.name(normal, before.part_id.at<int16_t>(y, x));
      const std::string* new_name = test.name(anomalous, after.part_id.at<int16_t>(y, x));
      const bool old_part = test.is_changed_part(old_name), new_part = test.is_changed_part(new_name);
      if (!old_part && !new_part) continue;  // ties between coinciding surfaces of other parts are no change
      const bool same_part = old_part && new_part;
      const bool differs = !same_part || std::abs(before.depth.at<float>(y, x) - after.depth.at<float>(y, x)) > depth_tolerance;
      if (old_part) change.mask_before.at<uint8_t>(y, x) = 255;
      if (new_part) change.mask_after.at<uint8_t>(y, x) = 255;
      if (differs) change.changed.at<uint8_t>(y, x) = 255;
      changed += differs;
      both += same_part;
      ++either;
    }
  }
  change.box_px = cv::boundingRect(change.changed);
  change.visible_size = static_cast<double>(changed) / std::max(1, cv::countNonZero(change.object_before));
  change.mask_iou = static_cast<double>(both) / std::max(1, either);
  return change;
}

std::string name_of(ViewRefusal refusal) {
  switch (refusal) {
    case ViewRefusal::kNotVisible:
      return "not_visible";
    case ViewRefusal::kClipped:
      return "clipped";
    case ViewRefusal::kTooDark:
      return "too_dark";
    case ViewRefusal::kBlownOut:
      return "blown_out";
  }
  check_failed(__FILE__, __LINE__, "unknown refusal");
}

bool touches_border(const cv::Mat& object_mask) {
  const int w = object_mask.cols, h = object_mask.rows;
  return cv::countNonZero(object_mask.row(0)) + cv::countNonZero(object_mask.row(h - 1)) + cv::countNonZero(object_mask.col(0)) +
             cv::countNonZero(object_mask.col(w - 1)) >
         0;
}

std::optional<ViewRefusal> judge_exposure(const cv::Mat& photo_bgr, const cv::Mat& object_mask) {
  cv::Mat grey;
  cv::cvtColor(photo_bgr, grey, cv::COLOR_BGR2GRAY);
  const int pixels = cv::countNonZero(object_mask);
  if (pixels == 0) return ViewRefusal::kNotVisible;
  if (cv::mean(grey, object_mask)[0] < kDarkMean) return ViewRefusal::kTooDark;
  const int burnt = cv::countNonZero((grey >= kBurntLevel) & object_mask);
  if (burnt > kBurntShare * pixels) return ViewRefusal::kBlownOut;
  return std::nullopt;
}

}  // namespace looking3d
