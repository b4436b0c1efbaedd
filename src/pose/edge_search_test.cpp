#include "pose/edge_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "base/parallel.h"
#include "base/random.h"
#include "pose/coarse_search.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

constexpr int kSide = 256;

/// The chair of all these photos.
struct Chair {
  Shape shape = make_shape({5, 3, "chair"});
  Scene scene{shape};
  PoseIndex index{scene, shape.all_vertices()};
  EdgeTemplates templates{scene, index};
};

const Chair& chair() {
  static const Chair it;
  return it;
}

/// Boxes, bars and a floor of boards in any colours.
cv::Mat clutter(Rng rng) {
  cv::Mat picture(kSide, kSide, CV_8UC3, cv::Scalar(150, 170, 180));
  const auto colour = [&] { return cv::Scalar(rng.uniform(30, 230), rng.uniform(30, 230), rng.uniform(30, 230)); };
  for (int y = 150; y < kSide; y += 18) cv::line(picture, {0, y}, {kSide, y - 10}, cv::Scalar(110, 120, 130), 2);
  for (int i = 0; i < 8; ++i) {
    const cv::Point at(rng.uniform_int(0, kSide - 1), rng.uniform_int(0, kSide - 1));
    cv::rectangle(picture, at, at + cv::Point(rng.uniform_int(10, 60), rng.uniform_int(10, 60)), colour(), cv::FILLED);
    cv::line(picture, at, {rng.uniform_int(0, kSide - 1), rng.uniform_int(0, kSide - 1)}, colour(), 4);
  }
  return picture;
}

/// The chair in brown before other things, under a light from the left.
cv::Mat photo_of_chair(const OrbitView& view, Rng rng) {
  cv::Mat photo = clutter(rng);
  const Layers layers = render_layers(chair().scene, orbit_camera(view, kSide));
  const Eigen::Vector3f light = Eigen::Vector3f(-0.6f, -0.7f, -0.4f).normalized();
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      if (layers.part_id.at<short>(y, x) < 0) continue;
      const cv::Vec3f& n = layers.normal.at<cv::Vec3f>(y, x);
      const float lit = 0.35f + 0.6f * std::max(0.0f, light.dot(Eigen::Vector3f(n[0], n[1], n[2])));
      photo.at<cv::Vec3b>(y, x) =
          cv::Vec3b(cv::saturate_cast<uchar>(70 * lit), cv::saturate_cast<uchar>(120 * lit), cv::saturate_cast<uchar>(180 * lit));
    }
  cv::GaussianBlur(photo, photo, {3, 3}, 0.8);
  return photo;
}

/// Half as large as the picture, anywhere in it.
OrbitView drawn_view(Rng& rng) {
  OrbitView view{.azimuth_rad = radians(rng.uniform(0, 360)), .elevation_rad = radians(rng.uniform(8, 35))};
  view.distance = fitting_distance(view, chair().shape.all_vertices()) * rng.uniform(1.3, 1.9);
  view.shift_x = rng.uniform(-0.15, 0.15), view.shift_y = rng.uniform(-0.12, 0.12);
  return view;
}

TEST(EdgeSearch, FindsTheReferenceAmongOtherThings) {
  int right = 0, among = 0;
  constexpr int kPhotos = 12;
  for (int i = 0; i < kPhotos; ++i) {
    Rng rng(identity(3, "edge photo", i));
    const OrbitView truth = drawn_view(rng);
    const auto found = find_pose_by_edges(chair().scene, chair().templates, EdgeField(photo_of_chair(truth, rng.fork("clutter"))));
    ASSERT_FALSE(found.empty());
    const auto near = [&](const EdgePose& pose) {
      return turn_between(pose.view, truth) < radians(5) && std::abs(pose.view.shift_x - truth.shift_x) < 0.02 &&
             std::abs(pose.view.shift_y - truth.shift_y) < 0.02;
    };
    right += near(found[0]);
    among += std::any_of(found.begin(), found.end(), near);
    for (size_t k = 1; k < found.size(); ++k) EXPECT_LE(found[k].support, found[k - 1].support);
  }
  EXPECT_GE(right, 10);
  EXPECT_GE(among, 10);
}

TEST(EdgeSearch, SupportFallsOffTheTrueCamera) {
  Rng rng(7);
  const OrbitView truth = drawn_view(rng);
  const EdgeField field(photo_of_chair(truth, rng.fork("clutter")), {0, 0, 1, 1}, 160);
  const auto support = [&](const OrbitView& view) {
    const Camera camera = orbit_camera(view, 160);
    return field.support(render_layers(chair().scene, camera), camera);
  };
  OrbitView aside = truth, turned = truth, farther = truth;
  aside.shift_x += 0.1, turned.azimuth_rad += radians(40), farther.distance *= 1.3;
  const double at_truth = support(truth);
  for (const OrbitView& other : {aside, turned, farther}) EXPECT_GT(at_truth, 2 * support(other));
}

TEST(EdgeSearch, NothingIsKnownOutsideThePhoto) {
  Rng rng(8);
  const OrbitView truth = drawn_view(rng);
  const cv::Mat photo = photo_of_chair(truth, rng.fork("clutter"));
  const EdgeField all(photo, {0, 0, 1, 1}, 128), right_half(photo, {0.5, 0, 0.5, 1}, 128);
  double left = 0, right = 0;
  for (int direction = 0; direction < EdgeTemplates::kDirections; ++direction) {
    left += cv::norm(right_half.response(direction)(cv::Rect(0, 0, 64, 128)));
    right += cv::norm(all.response(direction)(cv::Rect(66, 2, 60, 124)), right_half.response(direction)(cv::Rect(66, 2, 60, 124)));
  }
  EXPECT_EQ(left, 0);
  EXPECT_EQ(right, 0);
}

TEST(EdgeSearch, ABlankPhotoSupportsNothing) {
  const EdgeField blank(cv::Mat(kSide, kSide, CV_8UC3, cv::Scalar::all(128)));
  for (const EdgePose& pose : find_pose_by_edges(chair().scene, chair().templates, blank)) EXPECT_NEAR(pose.support, 0, 1e-6);
  // And a reference without cameras is found nowhere.
  EXPECT_TRUE(find_pose_by_edges(chair().scene, EdgeTemplates(chair().scene, PoseIndex({}, 32)), blank).empty());
}

TEST(EdgeSearch, SameForAnyThreads) {
  Rng rng(9);
  const OrbitView truth = drawn_view(rng);
  const cv::Mat photo = photo_of_chair(truth, rng.fork("clutter"));
  const auto search = [&](int threads) {
    set_thread_count(threads);
    return find_pose_by_edges(chair().scene, EdgeTemplates(chair().scene, chair().index), EdgeField(photo));
  };
  const auto one = search(1), three = search(3);
  set_thread_count(0);
  ASSERT_EQ(one.size(), three.size());
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].support, three[i].support);
    EXPECT_EQ(one[i].view.azimuth_rad, three[i].view.azimuth_rad);
    EXPECT_EQ(one[i].view.distance, three[i].view.distance);
  }
}

}  // namespace
}  // namespace looking3d
