#pragma once
// Rays of a pinhole camera in single precision, for loops over pixels.
#include "geometry/camera.h"

namespace looking3d {

struct PixelRays {
  explicit PixelRays(const Camera& camera)
      : origin(camera.position_in_world().cast<float>()),
        right(camera.camera_from_world.linear().row(0).cast<float>()),
        down(camera.camera_from_world.linear().row(1).cast<float>()),
        forward(camera.camera_from_world.linear().row(2).cast<float>()),
        inverse_focal(static_cast<float>(1 / camera.focal_px)),
        centre(camera.centre_px.cast<float>()) {}

  /// Through (x, y) in pixels; not normalised: at parameter t the depth along the optical axis is t.
  Eigen::Vector3f direction(float x, float y) const {
    return forward + right * ((x - centre.x()) * inverse_focal) + down * ((y - centre.y()) * inverse_focal);
  }

  Eigen::Vector3f origin, right, down, forward;
  float inverse_focal;
  Eigen::Vector2f centre;
};

}  // namespace looking3d
