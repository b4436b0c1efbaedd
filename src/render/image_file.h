#pragma once
// Pictures that materials and surroundings are made of.
#include <opencv2/core.hpp>

#include "base/files.h"

namespace looking3d {

/// PNG or JPEG as H x W, CV_8UC3 BGR, its larger side at most `max_side` (scaled down by area). Throws InputError.
cv::Mat read_texture(const Path& path, int max_side);
/// OpenEXR or Radiance as H x W, CV_32FC3 linear RGB; no negative or infinite values. Throws InputError.
cv::Mat read_hdr_image(const Path& path);

}  // namespace looking3d
