#include "dataset/annotate.h"

#include <gtest/gtest.h>

#include "geometry/camera.h"

namespace looking3d {
namespace {

/// An axis-aligned box as a part.
Part box_part(const std::string& name, const Eigen::Vector3f& low, const Eigen::Vector3f& high) {
  Part part{name, "part", name, {}};
  for (int i = 0; i < 8; ++i)
    part.mesh.vertices.emplace_back(i & 1 ? high.x() : low.x(), i & 2 ? high.y() : low.y(), i & 4 ? high.z() : low.z());
  part.mesh.triangles = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                         {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
  return part;
}

/// Two boxes side by side, seen from the front.
Shape two_boxes() {
  Shape shape;
  shape.id = "boxes";
  shape.parts = {box_part("left", {-0.5f, -0.2f, -0.2f}, {-0.1f, 0.2f, 0.2f}), box_part("right", {0.1f, -0.2f, -0.2f}, {0.5f, 0.2f, 0.2f})};
  return shape;
}

Layers look(const Shape& shape) {
  return render_layers(Scene(shape), orbit_camera({}, 128));
}

TEST(MeasureChange, MissingPart) {
  const Shape normal = two_boxes();
  Shape anomalous = normal;
  anomalous.parts.erase(anomalous.parts.begin());  // the indices of the others shift
  const Change change = measure_change(normal, look(normal), anomalous, look(anomalous), "left");
  EXPECT_EQ(cv::countNonZero(change.mask_after), 0);
  EXPECT_EQ(cv::countNonZero(change.mask_before != change.changed), 0);
  EXPECT_NEAR(change.visible_size, 0.5, 0.02) << "one of two equal boxes";
  EXPECT_EQ(change.mask_iou, 0);
  // Front face of the left box: x -0.5..-0.1 at depth 2.3 of a lens of 177.5 px; other faces are behind it.
  const double scale = 177.5 / 2.3;
  EXPECT_NEAR(change.box_px.x, 64 - 0.5 * scale, 1.1);
  EXPECT_NEAR(change.box_px.height, 0.4 * scale, 1.1);
}

TEST(MeasureChange, NothingOutsideTheDeclaredPart) {
  const Shape normal = two_boxes();
  const Change change = measure_change(normal, look(normal), normal, look(normal), "left");
  EXPECT_EQ(cv::countNonZero(change.changed), 0);
  EXPECT_GT(cv::countNonZero(change.mask_before), 0);
  EXPECT_EQ(change.mask_iou, 1);
  EXPECT_TRUE(change.box_px.empty());
  EXPECT_EQ(change.visible_size, 0);
}

TEST(MeasureChange, MovedPart) {
  const Shape normal = two_boxes();
  Shape up = normal, back = normal;
  up.parts[0].mesh = transformed(normal.parts[0].mesh, Eigen::Affine3d(Eigen::Translation3d(0, 0.2, 0)));
  back.parts[0].mesh = transformed(normal.parts[0].mesh, Eigen::Affine3d(Eigen::Translation3d(0, 0, -0.1)));
  // Moved up by half its height in its own plane: the middle half looks as before and is no change.
  const Change moved_up = measure_change(normal, look(normal), up, look(up), "left");
  EXPECT_NEAR(cv::countNonZero(moved_up.changed), cv::countNonZero(moved_up.mask_before), 0.1 * cv::countNonZero(moved_up.mask_before));
  EXPECT_NEAR(moved_up.mask_iou, 1.0 / 3, 0.03);
  // Moved back: nearly the same silhouette, but every pixel's depth differs.
  const Change moved_back = measure_change(normal, look(normal), back, look(back), "left");
  EXPECT_EQ(cv::countNonZero(moved_back.changed), cv::countNonZero(moved_back.mask_before | moved_back.mask_after));
}

TEST(Exposure, BlackAndBurntPhotosAreRefused) {
  const cv::Mat object(32, 32, CV_8U, cv::Scalar(255));
  const auto judge = [&](int level) { return judge_exposure(cv::Mat(32, 32, CV_8UC3, cv::Scalar::all(level)), object); };
  EXPECT_EQ(judge(3), ViewRefusal::kTooDark);
  EXPECT_EQ(judge(254), ViewRefusal::kBlownOut);
  EXPECT_FALSE(judge(128).has_value());
  EXPECT_EQ(judge_exposure(cv::Mat(32, 32, CV_8UC3, cv::Scalar::all(128)), cv::Mat::zeros(32, 32, CV_8U)), ViewRefusal::kNotVisible);
}

TEST(Exposure, ClippedObjectsTouchTheBorder) {
  cv::Mat object = cv::Mat::zeros(32, 32, CV_8U);
  object(cv::Rect(1, 1, 30, 30)).setTo(255);
  EXPECT_FALSE(touches_border(object));
  object.at<uint8_t>(31, 5) = 255;
  EXPECT_TRUE(touches_border(object));
}

}  // namespace
}  // namespace looking3d
