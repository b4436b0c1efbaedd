#pragma once
// The film of one photo: what was measured at each pixel, the filter that takes the noise out, and the development to 8 bits.
#include <opencv2/core.hpp>
#include <optional>

namespace looking3d {

/// What the camera rays saw of one kind of surface. All planes H x W; means over the samples that hit it.
struct FilmLayer {
  FilmLayer(int height, int width);

  cv::Mat radiance, albedo, normal;  ///< CV_32FC3; light is linear RGB in units of the white floor
  cv::Mat depth;                     ///< CV_32F: camera to surface
  cv::Mat slope;                     ///< CV_32F: change of depth to the next pixel that the surface itself explains; 0 is no allowance
  cv::Mat coverage;                  ///< CV_32F: share of the samples that hit
};

struct Film {
  /// With `surroundings` the object stands before a layer of its own, else over a white floor.
  Film(int height, int width, bool surroundings);

  FilmLayer object;
  std::optional<FilmLayer> behind;  ///< ground and backdrop
  cv::Mat floor_light, floor_lost;  ///< CV_32F: light on the white floor without the object, and what the object takes; times its share
  cv::Mat blocker_px;               ///< CV_32F: distance from the floor to what takes its light, in pixels of this picture
};

/// Joint bilateral filter of the light on each layer (radiance / albedo, so that textures stay crisp), guided by normal and depth; and a
/// blur of the floor's shadow among floor pixels, wide where the penumbra is. `samples`: paths a pixel.
void denoise(Film& film, int samples);

/// H x W, CV_8UC3 BGR, sRGB: the object over what is behind it, or over the floor's shadow on exact white.
cv::Mat develop(const Film& film);

}  // namespace looking3d
