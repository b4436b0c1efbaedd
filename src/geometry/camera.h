#pragma once
// Pinhole cameras (OpenCV axes: x right, y down, z forward) and the orbit around the canonical object that photos are taken from.
#include <Eigen/Core>
#include <Eigen/Geometry>

#include "base/files.h"

namespace looking3d {

/// Focal length in pixels per pixel of image width: 355 px at 256 (SPEC 2.4).
inline constexpr double kFocalPerWidth = 355.0 / 256.0;
inline constexpr double kPhotoDistance = 2.5;  ///< camera to object centre, canonical units (SPEC 2.3)

struct Camera {
  int width = 256, height = 256;
  double focal_px = 355;                ///< same in x and y
  Eigen::Vector2d centre_px{128, 128};  ///< principal point; pixel centres lie at +0.5
  Eigen::Isometry3d camera_from_world = Eigen::Isometry3d::Identity();

  Eigen::Matrix3d intrinsics() const;  ///< K
  Eigen::Vector3d position_in_world() const;
  /// (x, y) in pixels and depth z of a world point; z <= 0 is behind the camera.
  Eigen::Vector3d project(const Eigen::Vector3d& x_in_world) const;
  /// World point seen at pixel (x, y) at depth z along the optical axis.
  Eigen::Vector3d unproject(double x_px, double y_px, double depth) const;
  /// Unit direction in the world of the ray through pixel (x, y).
  Eigen::Vector3d ray_direction(double x_px, double y_px) const;
  /// The same view at another image size.
  Camera resized(int new_width, int new_height) const;
};

Json camera_to_json(const Camera& camera);    ///< {"width","height","K","camera_from_world"} (row-major 3x3 and 4x4)
Camera camera_from_json(const Json& json, const Path& where);

/// A camera on a sphere around the canonical object, looking at its centre. Azimuth 0 looks at the front (+Z side), and grows
/// towards the object's +X side; elevation is positive from above.
struct OrbitView {
  double azimuth_rad = 0;
  double elevation_rad = 0;
  double roll_rad = 0;  ///< in-plane, clockwise in the image
  double distance = kPhotoDistance;
  double shift_x = 0, shift_y = 0;  ///< image shift of the principal point as a share of the width
  double focal_per_width = kFocalPerWidth;
};
Camera orbit_camera(const OrbitView& view, int size);

/// Smallest distance >= view.distance at which all points project at least `margin` (share of the width) inside the image.
double fitting_distance(const OrbitView& view, const std::vector<Eigen::Vector3f>& points, double margin = 0.03);

double degrees(double radians);
double radians(double degrees);
/// Signed difference a - b of two angles, in (-pi, pi].
double angle_difference(double a_rad, double b_rad);

}  // namespace looking3d
