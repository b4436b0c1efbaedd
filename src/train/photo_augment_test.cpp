#include "train/photo_augment.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace looking3d {
namespace {

/// A grey square with a dark spot, on white.
TrainingPhoto drawn() {
  TrainingPhoto photo;
  photo.photo = cv::Mat(128, 128, CV_8UC3, cv::Scalar::all(255));
  photo.object = cv::Mat::zeros(128, 128, CV_8U);
  photo.change = photo.object.clone();
  const cv::Rect object(30, 40, 60, 50), spot(50, 60, 8, 8);
  photo.photo(object).setTo(cv::Scalar(90, 120, 150));
  photo.photo(spot).setTo(cv::Scalar(10, 10, 10));
  photo.object(object).setTo(255);
  photo.change(spot).setTo(255);
  photo.box = Box{54 / 128.0, 64 / 128.0, 8 / 128.0, 8 / 128.0};
  photo.view = OrbitView{.azimuth_rad = 0.3, .elevation_rad = 0.4};
  return photo;
}

TEST(RandomCrop, MovesPhotoBoxMaskAndCameraAlike) {
  const TrainingPhoto photo = drawn();
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const TrainingPhoto crop = random_crop(photo, 0.875, Rng(seed));
    ASSERT_EQ(crop.photo.size(), photo.photo.size());
    const cv::Rect changed = cv::boundingRect(crop.change);
    EXPECT_NEAR(crop.box->cx * 128, changed.x + changed.width / 2.0, 1.5);
    EXPECT_NEAR(crop.box->cy * 128, changed.y + changed.height / 2.0, 1.5);
    EXPECT_NEAR(crop.box->w * 128, changed.width, 2);
    // A point of the object must be seen where the crop moved its pixel.
    const Eigen::Vector3d point(0.2, 0.1, -0.3);
    const Eigen::Vector3d before = orbit_camera(*photo.view, 128).project(point), after = orbit_camera(*crop.view, 128).project(point);
    const Eigen::Vector3d centre_before = orbit_camera(*photo.view, 128).project(Eigen::Vector3d::Zero());
    const Eigen::Vector3d centre_after = orbit_camera(*crop.view, 128).project(Eigen::Vector3d::Zero());
    EXPECT_NEAR(after.x() - centre_after.x(), (before.x() - centre_before.x()) / 0.875, 1e-6);
    const double left = 54 - crop.box->cx * 128 * 0.875;  // of the crop, in the photo's pixels
    EXPECT_NEAR(centre_after.x(), (centre_before.x() - left) / 0.875, 1e-6);
  }
}

TEST(RandomBackground, KeepsTheObjectAndChangesTheRest) {
  const TrainingPhoto photo = drawn();
  int changed_backgrounds = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const cv::Mat moved = random_background(photo.photo, photo.object, Rng(seed));
    EXPECT_EQ(moved.at<cv::Vec3b>(65, 75), photo.photo.at<cv::Vec3b>(65, 75));
    changed_backgrounds += moved.at<cv::Vec3b>(10, 10) != photo.photo.at<cv::Vec3b>(10, 10);
    EXPECT_EQ(cv::norm(moved, random_background(photo.photo, photo.object, Rng(seed)), cv::NORM_INF), 0);
  }
  EXPECT_GE(changed_backgrounds, 8);
}

TEST(PhotoAugment, ClutterStandsBehindTheObject) {
  const cv::Mat photo(64, 64, CV_8UC3, cv::Scalar(10, 200, 30)), other(64, 64, CV_8UC3, cv::Scalar(250, 0, 0));
  cv::Mat object(32, 32, CV_8U, cv::Scalar(0)), other_object(32, 32, CV_8U, cv::Scalar(0));  // masks of half the size
  object(cv::Rect(10, 10, 12, 12)).setTo(255);
  other_object(cv::Rect(8, 8, 16, 16)).setTo(255);
  int covered = 0;
  for (int draw = 0; draw < 20; ++draw) {
    const cv::Mat seen = with_clutter(photo, object, other, other_object, Rng(draw));
    EXPECT_EQ(cv::norm(seen, with_clutter(photo, object, other, other_object, Rng(draw)), cv::NORM_INF), 0);
    // Within the object nothing changes; what does outside, turns towards the other's colour.
    EXPECT_EQ(cv::norm(seen(cv::Rect(22, 22, 20, 20)), photo(cv::Rect(22, 22, 20, 20)), cv::NORM_INF), 0);
    cv::Mat blue;
    cv::inRange(seen, cv::Scalar(240, 0, 0), cv::Scalar(255, 20, 20), blue);
    covered += cv::countNonZero(blue) > 100;
  }
  EXPECT_GT(covered, 12);  // now and then all of it is hidden or outside
}

}  // namespace
}  // namespace looking3d
