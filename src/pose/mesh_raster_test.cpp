#include "pose/mesh_raster.h"

#include <gtest/gtest.h>

#include "render/scene.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

Camera camera_of(const Shape& shape, double azimuth_deg, int size) {
  OrbitView view{.azimuth_rad = radians(azimuth_deg), .elevation_rad = radians(25)};
  view.distance = fitting_distance(view, shape.all_vertices());
  return orbit_camera(view, size);
}

/// Pixels where the raster and the rays disagree: one sees nothing, or depths differ by more than a thousandth.
int disagreements(const cv::Mat& inverse_depth, const cv::Mat& depth) {
  int count = 0;
  for (int y = 0; y < depth.rows; ++y)
    for (int x = 0; x < depth.cols; ++x) {
      const float inverse = inverse_depth.at<float>(y, x), z = depth.at<float>(y, x);
      const bool both = inverse > 0 && z > 0;
      count += both ? std::abs(1 / inverse - z) > 1e-3f : (inverse > 0) != (z > 0);
    }
  return count;
}

TEST(MeshRaster, SeesWhatRaysSee) {
  for (int index = 0; index < 6; ++index) {
    const Shape shape = make_shape({31, index, ""});
    const Camera camera = camera_of(shape, 50.0 * index, 96);
    const Layers layers = render_layers(Scene(shape), camera);
    cv::Mat inverse_depth = cv::Mat::zeros(96, 96, CV_32F);
    for (const Part& part : shape.parts) draw_over(inverse_depth, part.mesh, camera);
    // Rays and fill rules part at the outline, where a pixel's centre lies on it to rounding.
    EXPECT_LE(disagreements(inverse_depth, layers.depth), 6) << shape.family;
  }
}

TEST(MeshRaster, DrawsAnewAtEachPlaceAndTellsWhere) {
  const Shape shape = make_shape({31, 2, "chair"});
  const Camera camera = camera_of(shape, 30, 64);
  const TriangleMesh& mesh = shape.parts[0].mesh;
  MeshRaster raster(mesh, camera);
  Eigen::Isometry3d motion = Eigen::Isometry3d::Identity();
  raster.draw();
  for (const double shift : {0.3, -0.2, 5.0}) {
    motion.translation() = Eigen::Vector3d(shift, 0.5 * shift, 0);
    const cv::Rect drawn = raster.draw(motion);
    cv::Mat expected = cv::Mat::zeros(64, 64, CV_32F);
    draw_over(expected, transformed(mesh, Eigen::Affine3d(motion.matrix())), camera);
    EXPECT_LT(cv::norm(raster.inverse_depth(), expected, cv::NORM_INF), 1e-4);
    cv::Mat outside = raster.inverse_depth().clone();
    outside(drawn).setTo(0);
    EXPECT_EQ(cv::countNonZero(outside), 0);
  }
  EXPECT_EQ(cv::countNonZero(raster.inverse_depth()), 0) << "moved out of the picture";
}

TEST(MeshRaster, WhatIsBehindTheCameraIsNotDrawn) {
  TriangleMesh mesh;
  mesh.vertices = {{-1, -1, 5}, {1, -1, 5}, {0, 1, 5}};  // the camera below stands at z = 2.5 and looks towards -z
  mesh.triangles = {{0, 1, 2}};
  EXPECT_TRUE(MeshRaster(mesh, orbit_camera({}, 32)).draw().empty());
}

TEST(Coarser, KeepsThePictureAndDropsTriangles) {
  const Shape shape = make_shape({31, 1, "wing"});
  const Camera camera = camera_of(shape, 200, 64);
  size_t before = 0, after = 0;
  cv::Mat fine = cv::Mat::zeros(64, 64, CV_32F), coarse = fine.clone();
  for (const Part& part : shape.parts) {
    const TriangleMesh small = coarser(part.mesh, 0.012);
    before += part.mesh.triangles.size(), after += small.triangles.size();
    draw_over(fine, part.mesh, camera);
    draw_over(coarse, small, camera);
  }
  EXPECT_LT(after, before);
  EXPECT_LT(cv::countNonZero((fine > 0) != (coarse > 0)), 0.03 * cv::countNonZero(fine));
}

}  // namespace
}  // namespace looking3d
