#include "pose/pose_from_points.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <opencv2/calib3d.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

Eigen::Isometry3d to_isometry(const cv::Mat& rotation_vector, const cv::Mat& translation) {
  cv::Mat rotation;
  cv::Rodrigues(rotation_vector, rotation);
  Eigen::Isometry3d result = Eigen::Isometry3d::Identity();
  for (int r = 0; r < 3; ++r) {
    for (int c = 0; c < 3; ++c) result.linear()(r, c) = rotation.at<double>(r, c);
    result.translation()[r] = translation.at<double>(r);
  }
  return result;
}

}  // namespace

OrbitView orbit_of(const Camera& camera) {
  const Eigen::Vector3d position = camera.position_in_world();
  OrbitView view;
  view.distance = position.norm();
  view.focal_per_width = camera.focal_px / camera.width;
  view.azimuth_rad = std::atan2(position.x(), position.z());
  view.elevation_rad = std::asin(std::clamp(position.y() / view.distance, -1.0, 1.0));
  // Turn the camera by the smallest turn that makes it look at the centre; what is left against the upright view is roll.
  const Eigen::Vector3d to_centre = -(camera.camera_from_world.linear() * position).normalized();
  const Eigen::Matrix3d centred =
      Eigen::Quaterniond::FromTwoVectors(to_centre, Eigen::Vector3d::UnitZ()).toRotationMatrix() * camera.camera_from_world.linear();
  const Eigen::Matrix3d roll = centred * orbit_camera(view, 1).camera_from_world.linear().transpose();
  view.roll_rad = std::atan2(roll(1, 0), roll(0, 0));
  const Eigen::Vector3d centre = camera.project(Eigen::Vector3d::Zero());
  view.shift_x = centre.x() / camera.width - 0.5;
  view.shift_y = centre.y() / camera.height - 0.5;
  return view;
}

std::optional<PointPose> pose_from_points(const std::vector<PointMatch>& matches, double focal_per_width, const PointPoseOptions& options) {
  L3D_CHECK_GT(focal_per_width, 0);
  if (static_cast<int>(matches.size()) < std::max(options.least_inliers, 4)) return {};
  std::vector<cv::Point3d> world;
  std::vector<cv::Point2d> picture;
  for (const PointMatch& match : matches) {
    world.emplace_back(match.x_in_world.x(), match.x_in_world.y(), match.x_in_world.z());
    picture.emplace_back(match.at.x(), match.at.y());
  }
  // In units of the picture's width, so that no image size is needed.
  const cv::Matx33d lens(focal_per_width, 0, 0.5, 0, focal_per_width, 0.5, 0, 0, 1);
  cv::Mat turn, shift, inliers;
  // OpenCV's RANSAC draws from a generator of its own, the same each time.
  const bool found = cv::solvePnPRansac(world, picture, lens, cv::noArray(), turn, shift, false, options.rounds,
                                        static_cast<float>(options.inlier_share), 0.999, inliers, cv::SOLVEPNP_EPNP);
  if (!found || static_cast<int>(inliers.total()) < options.least_inliers) return {};
  std::vector<cv::Point3d> good_world;
  std::vector<cv::Point2d> good_picture;
  PointPose pose;
  for (int i = 0; i < static_cast<int>(inliers.total()); ++i) {
    pose.inliers.push_back(inliers.at<int>(i));
    good_world.push_back(world[pose.inliers.back()]);
    good_picture.push_back(picture[pose.inliers.back()]);
  }
  cv::solvePnP(good_world, good_picture, lens, cv::noArray(), turn, shift, true, cv::SOLVEPNP_ITERATIVE);
  Camera camera{.width = 1, .height = 1, .focal_px = focal_per_width, .centre_px = {0.5, 0.5}};
  camera.camera_from_world = to_isometry(turn, shift);
  if (!camera.camera_from_world.matrix().allFinite() || camera.camera_from_world.translation().z() <= 1) return {};
  pose.view = orbit_of(camera);
  return pose;
}

}  // namespace looking3d
