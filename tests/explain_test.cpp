// Explanations against injected anomalies: layers of the damaged shape stand in for its photo.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "anomalies/anomaly.h"
#include "base/random.h"
#include "dataset/annotate.h"
#include "pose/next_view.h"
#include "pose/part_motion.h"
#include "pose/part_suspects.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

/// A design, one anomaly of it, and what a perfect detector would see.
struct Case {
  Shape normal;
  Anomaly anomaly;
  Camera camera;
  Change change;
  cv::Mat heat, part_id;  ///< the true change at half the image's size; the reference's parts

  int part() const { return normal.part_index(anomaly.part); }
  const TriangleMesh& before() const { return normal.parts[static_cast<size_t>(part())].mesh; }
  PartMotionFit fit() const {
    std::vector<const TriangleMesh*> rest;
    for (const Part& other : normal.parts)
      if (other.name != anomaly.part) rest.push_back(&other.mesh);
    return fit_motion(before(), rest, camera, {change.object_after, heat, cv::Mat()});
  }
};

/// Anomalies of whole parts that change at least 3 % of the object's pixels.
std::vector<Case> cases_of(AnomalyKind kind, int designs) {
  std::vector<Case> cases;
  for (int i = 0; i < designs; ++i) {
    const Shape normal = make_shape({19, i, ""});
    const auto anomaly = inject(normal, {kind, identity(19, i), ""});
    if (!anomaly || anomaly->parameters.contains("piece")) continue;
    Rng rng(identity(20, i));
    OrbitView view{.azimuth_rad = radians(rng.uniform(0, 360)), .elevation_rad = radians(rng.uniform(20, 40))};
    view.distance = fitting_distance(view, normal.all_vertices());
    const Camera camera = orbit_camera(view, 128);
    const Layers before = render_layers(Scene(normal), camera), after = render_layers(Scene(anomaly->shape), camera);
    const Change change = measure_change(normal, before, anomaly->shape, after, anomaly->part);
    if (change.visible_size < 0.03) continue;
    cv::Mat heat;
    change.changed.convertTo(heat, CV_32F, 1 / 255.0);
    cv::resize(heat, heat, {64, 64}, 0, 0, cv::INTER_AREA);
    cases.push_back({normal, *anomaly, camera, change, heat, before.part_id});
  }
  return cases;
}

/// Mean distance of the part's vertices from where they truly are, and from where they were.
std::pair<double, double> distances(const Case& c, const PartMotionFit& fit) {
  const Eigen::Isometry3d motion = fit.motion.about(centre_of(c.before()));
  const TriangleMesh& truth = c.anomaly.shape.parts[static_cast<size_t>(c.anomaly.shape.part_index(c.anomaly.part))].mesh;
  double error = 0, moved = 0;
  for (size_t i = 0; i < truth.vertices.size(); ++i) {
    error += (motion * c.before().vertices[i].cast<double>() - truth.vertices[i].cast<double>()).norm();
    moved += (c.before().vertices[i] - truth.vertices[i]).norm();
  }
  return {error / static_cast<double>(truth.vertices.size()), moved / static_cast<double>(truth.vertices.size())};
}

TEST(PartMotion, RecoversInjectedShiftsAndTurns) {
  int told = 0, near = 0, all = 0, nearer = 0, turn_right = 0, turns = 0;
  for (const AnomalyKind kind : {AnomalyKind::kPosition, AnomalyKind::kRotation}) {
    for (const Case& c : cases_of(kind, 24)) {
      const PartMotionFit fit = c.fit();
      ++all;
      if (!fit.explains) continue;
      const auto [error, moved] = distances(c, fit);
      ++told;
      near += error < std::max(0.03, 0.4 * moved);
      nearer += error < moved;
      if (kind != AnomalyKind::kRotation) continue;
      ++turns;
      turn_right += std::abs(degrees(fit.motion.turn_rad()) - degrees(std::abs(c.anomaly.parameters.at("angle_rad").get<double>()))) < 10;
    }
  }
  std::printf(
      "motion told for %d of %d; within max(0.03, 40 %% of the motion): %d, nearer than no motion: %d; turn within 10 deg: %d of %d\n",
      told, all, near, nearer, turn_right, turns);
  ASSERT_GE(all, 15);
  EXPECT_GE(told, 0.8 * all);
  EXPECT_GE(near, 0.6 * told);
  EXPECT_GE(nearer, 0.85 * told);
  EXPECT_GE(turn_right, 0.65 * turns);
}

TEST(PartMotion, AMissingPartHasNotMovedAndIsLost) {
  int all = 0, silent = 0, lost = 0;
  for (const Case& c : cases_of(AnomalyKind::kMissing, 16)) {
    const PartMotionFit fit = c.fit();
    ++all;
    silent += !fit.explains;
    lost += fit.lost_share > 0.7;
  }
  ASSERT_GE(all, 6);
  EXPECT_GE(silent, all - 1);
  EXPECT_GE(lost, 0.8 * all);
}

TEST(PartMotion, NothingMovedIsNotExplainedByAMotion) {
  for (const Case& c : cases_of(AnomalyKind::kPosition, 3)) {
    Case whole = c;
    whole.change.object_after = c.change.object_before;
    whole.heat = cv::Mat::zeros(64, 64, CV_32F);
    const PartMotionFit fit = whole.fit();
    EXPECT_FALSE(fit.explains);
    EXPECT_LT(degrees(fit.motion.turn_rad()), 1);
    EXPECT_LT(fit.motion.shift.norm(), 0.01);
    EXPECT_LT(fit.lost_share, 0.02);
  }
}

TEST(PartMotion, IsTheSameEachTimeAndNotFooledByTheOrderOfParts) {
  const std::vector<Case> cases = cases_of(AnomalyKind::kRotation, 6);
  ASSERT_FALSE(cases.empty());
  const PartMotionFit first = cases[0].fit();
  Case shuffled = cases[0];
  std::reverse(shuffled.normal.parts.begin(), shuffled.normal.parts.end());
  const PartMotionFit second = shuffled.fit();
  EXPECT_EQ(first.cost, second.cost);
  EXPECT_EQ(first.motion.turn, second.motion.turn);
  EXPECT_EQ(first.motion.shift, second.motion.shift);
}

TEST(PartSuspects, NameThePartOfInjectedAnomalies) {
  int all = 0, right = 0;
  for (const AnomalyKind kind : {AnomalyKind::kPosition, AnomalyKind::kRotation, AnomalyKind::kBroken, AnomalyKind::kMissing}) {
    for (const Case& c : cases_of(kind, 16)) {
      ++all;
      right += part_suspects(c.part_id, c.heat, static_cast<int>(c.normal.parts.size()))[0].part == c.part();
    }
  }
  std::printf("part named right: %d of %d\n", right, all);
  ASSERT_GE(all, 25);
  EXPECT_GE(right, 0.9 * all);
}

TEST(NextView, ShowsWhatIsAskedFor) {
  const Shape shape = make_shape({19, 1, "chair"});
  const Scene scene(shape);
  EXPECT_FALSE(next_view(scene, {}));
  for (int part = 0; part < static_cast<int>(shape.parts.size()); ++part) {
    const auto found = next_view(scene, {part});
    if (!found) continue;  // wholly enclosed by others
    EXPECT_EQ(found->shown, 1);
    OrbitView view{.azimuth_rad = found->azimuth_rad, .elevation_rad = found->elevation_rad};
    view.distance = 3.05;
    EXPECT_GT(cv::countNonZero(render_layers(scene, orbit_camera(view, 128)).part_id == part), 0);
  }
}

}  // namespace
}  // namespace looking3d
