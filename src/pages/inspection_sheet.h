#pragma once
// What a detector that finds cameras says of some photos, at first sight: photo, found outline, re-rendered reference, change
// map, and the sentence.
#include "train/evaluate.h"

namespace looking3d {

struct InspectionSheetOptions {
  int photos = 40;
  bool mistakes = false;  ///< the photos judged most wrongly instead of a draw
  int columns = 2;
  int picture_px = 150;
  uint64_t seed = 1;  ///< of the draw
};

/// Photos of the evaluation drawn at random, one of a shape while there are enough shapes and none chosen by its result (or, if wished,
/// just by that), judged again through the public API with the weights `weights`. Under each stands the truth. CV_8UC3. The weights must
/// search cameras.
cv::Mat inspection_sheet(const Evaluation& evaluation, const Path& weights, const InspectionSheetOptions& options = {});

}  // namespace looking3d
