#include "geometry/camera.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "base/error.h"

namespace looking3d {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

template <class Matrix>
Json matrix_to_json(const Matrix& matrix) {
  Json rows = Json::array();
  for (int r = 0; r < matrix.rows(); ++r) {
    Json row = Json::array();
    for (int c = 0; c < matrix.cols(); ++c) row.push_back(matrix(r, c));
    rows.push_back(row);
  }
  return rows;
}

template <class Matrix>
Matrix matrix_from_json(const Json& json, const std::string& key, const Path& where) {
  Matrix matrix;
  try {
    const Json& rows = json.at(key);
    if (static_cast<int>(rows.size()) != matrix.rows()) throw InputError(where, key + " has the wrong number of rows");
    for (int r = 0; r < matrix.rows(); ++r)
      for (int c = 0; c < matrix.cols(); ++c) matrix(r, c) = rows.at(r).at(c).template get<double>();
  } catch (const Json::exception& error) {
    throw InputError(where, "camera field '" + key + "' is missing or malformed");
  }
  if (!matrix.allFinite()) throw InputError(where, "camera field '" + key + "' is not finite");
  return matrix;
}

}  // namespace

double degrees(double radians) { return radians * 180 / std::numbers::pi; }
double radians(double degrees) { return degrees * std::numbers::pi / 180; }

double angle_difference(double a_rad, double b_rad) { return std::remainder(a_rad - b_rad, 2 * std::numbers::pi); }

Matrix3d Camera::intrinsics() const {
  Matrix3d k = Matrix3d::Identity();
  k(0, 0) = k(1, 1) = focal_px;
  k(0, 2) = centre_px.x();
  k(1, 2) = centre_px.y();
  return k;
}

Vector3d Camera::position_in_world() const { return camera_from_world.inverse().translation(); }

Vector3d Camera::project(const Vector3d& x_in_world) const {
  const Vector3d x = camera_from_world * x_in_world;
  return {focal_px * x.x() / x.z() + centre_px.x(), focal_px * x.y() / x.z() + centre_px.y(), x.z()};
}

Vector3d Camera::unproject(double x_px, double y_px, double depth) const {
  const Vector3d x_in_camera((x_px - centre_px.x()) / focal_px * depth, (y_px - centre_px.y()) / focal_px * depth, depth);
  return camera_from_world.inverse() * x_in_camera;
}

Vector3d Camera::ray_direction(double x_px, double y_px) const {
  const Vector3d in_camera((x_px - centre_px.x()) / focal_px, (y_px - centre_px.y()) / focal_px, 1);
  return (camera_from_world.linear().transpose() * in_camera).normalized();
}

Camera Camera::resized(int new_width, int new_height) const {
  Camera result = *this;
  const double sx = static_cast<double>(new_width) / width, sy = static_cast<double>(new_height) / height;
  L3D_CHECK(std::abs(sx - sy) < 1e-9 * sx, "a resized camera keeps its aspect ratio");
  result.width = new_width;
  result.height = new_height;
  result.focal_px *= sx;
  result.centre_px *= sx;
  return result;
}

Json camera_to_json(const Camera& camera) {
  return {{"width", camera.width},
          {"height", camera.height},
          {"K", matrix_to_json(camera.intrinsics())},
          {"camera_from_world", matrix_to_json(camera.camera_from_world.matrix())}};
}

Camera camera_from_json(const Json& json, const Path& where) {
  Camera camera;
  const Matrix3d k = matrix_from_json<Matrix3d>(json, "K", where);
  const Eigen::Matrix4d pose = matrix_from_json<Eigen::Matrix4d>(json, "camera_from_world", where);
  camera.width = json.value("width", 256);
  camera.height = json.value("height", 256);
  camera.focal_px = k(0, 0);
  camera.centre_px = {k(0, 2), k(1, 2)};
  camera.camera_from_world.matrix() = pose;
  return camera;
}

Camera orbit_camera(const OrbitView& view, int size) {
  const double ce = std::cos(view.elevation_rad), se = std::sin(view.elevation_rad);
  const double ca = std::cos(view.azimuth_rad), sa = std::sin(view.azimuth_rad);
  const Vector3d position = view.distance * Vector3d(ce * sa, se, ce * ca);

  // Axes of the camera in the world: z forward to the centre, x right, y down; roll turns the picture clockwise.
  const Vector3d forward = -position.normalized();
  const Vector3d right(ca, 0, -sa);
  const Vector3d down = forward.cross(right);
  const double cr = std::cos(view.roll_rad), sr = std::sin(view.roll_rad);
  Matrix3d camera_from_world;
  camera_from_world.row(0) = cr * right - sr * down;
  camera_from_world.row(1) = sr * right + cr * down;
  camera_from_world.row(2) = forward;

  Camera camera;
  camera.width = camera.height = size;
  camera.focal_px = view.focal_per_width * size;
  camera.centre_px = {size * (0.5 + view.shift_x), size * (0.5 + view.shift_y)};
  camera.camera_from_world.linear() = camera_from_world;
  camera.camera_from_world.translation() = -camera_from_world * position;
  return camera;
}

double fitting_distance(const OrbitView& view, const std::vector<Eigen::Vector3f>& points, double margin) {
  // In camera axes a point at depth z + d projects inside when focal * |x| <= (half - margin ± shift) * (z + d): solve for d.
  OrbitView unit = view;
  unit.distance = 1;
  unit.shift_x = unit.shift_y = 0;
  const Camera camera = orbit_camera(unit, 1);
  double distance = view.distance;
  for (const auto& point : points) {
    const Vector3d x = camera.camera_from_world * point.cast<double>();
    const double depth_at_zero = x.z() - 1;
    const double shift[2] = {view.shift_x, view.shift_y};
    for (int axis = 0; axis < 2; ++axis) {
      const double room = std::max(0.05, 0.5 - margin - (x[axis] > 0 ? shift[axis] : -shift[axis]));
      distance = std::max(distance, view.focal_per_width * std::abs(x[axis]) / room - depth_at_zero);
    }
  }
  return distance;
}

}  // namespace looking3d
