#pragma once
// What an anomaly changes in a picture, by measurement: the layers of the normal and of the anomalous shape at one camera (SPEC 2.3).
#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "render/scene.h"

namespace looking3d {

/// All masks are H x W, CV_8U 0/255.
struct Change {
  cv::Mat mask_before, mask_after;      ///< where the changed part was seen in the normal shape, and is seen in the anomalous one
  cv::Mat changed;                      ///< pixels of either whose part or depth really differs: the truth to learn
  cv::Mat object_before, object_after;  ///< whole objects
  cv::Rect box_px;                      ///< bounding box of `changed`; empty when nothing changed
  double visible_size = 0;              ///< changed pixels / pixels of the normal object
  double mask_iou = 0;                  ///< overlap of mask_before and mask_after
};

/// `part`: name of the changed part. Depths that differ by less than `depth_tolerance` (canonical units) count as equal.
Change measure_change(const Shape& normal, const Layers& before, const Shape& anomalous, const Layers& after, const std::string& part,
                      double depth_tolerance = 0.003);

/// Why a view or its photo is refused; each is counted in the build report.
enum class ViewRefusal { kNotVisible, kClipped, kTooDark, kBlownOut };
std::string name_of(ViewRefusal refusal);

/// Refuses a view whose object touches the border of the picture.
bool touches_border(const cv::Mat& object_mask);
/// Judges the light on the object: a black or burnt-out photo shows nothing of its shape.
std::optional<ViewRefusal> judge_exposure(const cv::Mat& photo_bgr, const cv::Mat& object_mask);

}  // namespace looking3d
