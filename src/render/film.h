#pragma once
// The film of one photo: what was measured at each pixel, the filter that takes the noise out, and the development to 8 bits.
#include <opencv2/core.hpp>

namespace looking3d {

/// All planes H x W; light is linear RGB in units of the white floor.
struct Film {
  Film(int height, int width);

  cv::Mat radiance, albedo, normal;  ///< CV_32FC3: means over the samples that hit the object
  cv::Mat depth;                     ///< CV_32F: same; camera to surface
  cv::Mat slope;     ///< CV_32F: change of depth from one pixel to the next that the surface itself explains; 0 is no allowance
  cv::Mat coverage;  ///< CV_32F: share of the samples that hit the object
  cv::Mat floor_light,
      floor_lost;      ///< CV_32F: light on the floor without the object, and what the object takes; both times the floor's share
  cv::Mat blocker_px;  ///< CV_32F: distance from the floor to what takes its light, in pixels of this picture
};

/// Joint bilateral filter of the light on the object (radiance / albedo, so that textures stay crisp), guided by normal and depth; and a
/// blur of the floor's shadow among floor pixels, wide where the penumbra is.
void denoise(Film& film);

/// H x W, CV_8UC3 BGR, sRGB: the object over the floor's shadow on exact white.
cv::Mat develop(const Film& film);

}  // namespace looking3d
