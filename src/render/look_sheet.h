#pragma once
// Materials, lights and floors at one glance, for the eyes that judge them.
#include <opencv2/core.hpp>

#include "render/photo_stock.h"

namespace looking3d {

struct LookSheetOptions {
  int cell_px = 96, samples = 16;
};

/// `what`: a material family (all its procedural materials on a rounded block), "textures" (the stock's texture sets), "lights" (one chair
/// under each studio, then under each map), or "floors" (one chair on floors of each kind; needs maps). CV_8UC3. Throws InputError.
cv::Mat look_sheet(const std::string& what, const PhotoStock& stock, const LookSheetOptions& options = {});

}  // namespace looking3d
