#include <gtest/gtest.h>

#include <algorithm>

#include "base/parallel.h"
#include "base/random.h"
#include "pose/pose_search.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

struct Trial {
  double azimuth_error_deg, elevation_error_deg, best_of_all_deg, score;
};

/// Searches the camera of one design photographed from a drawn view; `without` removes that part from the photographed piece.
Trial search(int index, const std::string& family, bool damaged) {
  const Shape normal = make_shape({21, index, family});
  Shape piece = normal;
  if (damaged) piece.parts.erase(piece.parts.begin() + static_cast<std::ptrdiff_t>(Rng(identity(1, index)).index(piece.parts.size())));
  Rng rng(identity(2, index));
  OrbitView truth{.azimuth_rad = radians(rng.uniform(0, 360)), .elevation_rad = radians(rng.uniform(20, 40))};
  truth.distance = fitting_distance(truth, normal.all_vertices());
  const cv::Mat mask = render_silhouette(Scene(piece), orbit_camera(truth, 128));
  const Scene scene(normal);
  const auto found = find_pose(scene, PoseIndex(scene, normal.all_vertices()), mask);
  Trial trial{180, 180, 180, 0};
  if (found.empty()) return trial;
  trial.score = found[0].score;
  trial.azimuth_error_deg = degrees(std::abs(angle_difference(found[0].view.azimuth_rad, truth.azimuth_rad)));
  trial.elevation_error_deg = degrees(std::abs(found[0].view.elevation_rad - truth.elevation_rad));
  for (const auto& h : found)
    trial.best_of_all_deg = std::min(trial.best_of_all_deg, degrees(std::abs(angle_difference(h.view.azimuth_rad, truth.azimuth_rad))));
  return trial;
}

double median_of(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

TEST(Pose, IsFoundFromTheSilhouette) {
  for (const bool damaged : {false, true}) {
    std::vector<double> azimuth, elevation;
    int near = 0;
    const int trials = 24;
    for (int i = 0; i < trials; ++i) {
      const Trial trial = search(i, i % 2 == 0 ? "armchair" : "chair", damaged);
      azimuth.push_back(trial.azimuth_error_deg), elevation.push_back(trial.elevation_error_deg);
      near += trial.best_of_all_deg < 5;
    }
    EXPECT_LT(median_of(azimuth), 2) << "damaged " << damaged;
    EXPECT_LT(median_of(elevation), 2) << "damaged " << damaged;
    EXPECT_GE(near, trials * 9 / 10) << "damaged " << damaged;
    RecordProperty(damaged ? "damaged_median_azimuth_deg" : "median_azimuth_deg", std::to_string(median_of(azimuth)));
    std::printf("damaged %d: median azimuth error %.2f deg, elevation %.2f deg, within 5 deg among hypotheses %d/%d\n", damaged,
                median_of(azimuth), median_of(elevation), near, trials);
  }
}

TEST(Pose, IsTheSameForAnyThreadsAndEmptyForNoObject) {
  const Shape shape = make_shape({1, 4, ""});
  const Scene scene(shape);
  const PoseIndex index(scene, shape.all_vertices());
  const cv::Mat mask = render_silhouette(scene, orbit_camera({.azimuth_rad = 1, .elevation_rad = 0.5, .distance = 3.2}, 128));
  const auto many = find_pose(scene, index, mask);
  set_thread_count(1);
  const auto one = find_pose(scene, index, mask);
  set_thread_count(0);
  ASSERT_EQ(many.size(), one.size());
  for (size_t i = 0; i < many.size(); ++i) {
    EXPECT_EQ(many[i].score, one[i].score);
    EXPECT_EQ(many[i].view.azimuth_rad, one[i].view.azimuth_rad);
  }
  EXPECT_TRUE(find_pose(scene, index, cv::Mat(128, 128, CV_8U, cv::Scalar(0))).empty());
}

TEST(MaskIou, ByHand) {
  cv::Mat a(2, 3, CV_8U, cv::Scalar(0)), b = a.clone();
  a.at<uchar>(0, 0) = a.at<uchar>(0, 1) = 255;
  b.at<uchar>(0, 1) = b.at<uchar>(1, 1) = 1;
  EXPECT_DOUBLE_EQ(mask_iou(a, b), 1.0 / 3);
  EXPECT_EQ(mask_iou(a * 0, b * 0), 0);
}

}  // namespace
}  // namespace looking3d
