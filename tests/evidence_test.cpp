// What the shipped weights say of one place when the piece is damaged elsewhere too: photos of one damage, of another far from it, and of
// both.
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "anomalies/anomaly.h"
#include "base/random.h"
#include "dataset/photographer.h"
#include "engine/detector.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

constexpr int kPhotoPx = 256;

/// One design with a damage, another damage far from it in the picture, and both.
struct Twice {
  Anomaly here, there, both;
  FramedView framed_here, framed_there, framed_both;
};

/// The damages of a design that both show and lie apart; nothing where there are no such two.
std::optional<Twice> damaged_twice(int design, const Photographer& photographer, const Shape& normal, const PhotoRequest& request) {
  constexpr double kLeastVisible = 0.03;
  const auto framed = [&](const Anomaly& anomaly) { return photographer.frame(Subject(anomaly), request, kLeastVisible); };
  for (uint64_t first = 0; first < 6; ++first) {
    const auto here = inject(normal, {AnomalyKind::kMissing, identity(31, design, first), ""});
    if (!here) continue;
    const auto framed_here = framed(*here);
    if (!framed_here) continue;
    for (uint64_t second = 0; second < 6; ++second) {
      const auto there = inject(normal, {AnomalyKind::kBroken, identity(32, design, second), ""});
      if (!there || there->part == here->part) continue;
      const auto framed_there = framed(*there);
      const auto both = inject(here->shape, {AnomalyKind::kBroken, identity(32, design, second), there->part});
      if (!framed_there || !both) continue;
      cv::Mat near;
      cv::dilate(framed_there->change->changed, near, cv::Mat::ones(65, 65, CV_8U));
      if (cv::countNonZero(near & framed_here->change->changed) > 0) continue;
      const auto framed_both = framed(*both);
      if (framed_both) return Twice{*here, *there, *both, *framed_here, *framed_there, *framed_both};
    }
  }
  return {};
}

/// Mean of the map where `place` (any size) is set.
double mean_heat(const cv::Mat& heat, const cv::Mat& place) {
  cv::Mat fine;
  cv::resize(heat, fine, place.size(), 0, 0, cv::INTER_LINEAR);
  return cv::mean(fine, place)[0];
}

TEST(Evidence, StaysWhereTheDamageIs) {
  const std::unique_ptr<Detector> detector = Detector::open(Path(LOOKING3D_SOURCE_DIR) / "weights" / "align.safetensors");
  const PhotoStock stock;
  int cases = 0;
  double alone = 0, beside = 0, before = 0;  // heat where the first damage is: with it, with both, with the second alone
  for (int design = 0; design < 12 && cases < 4; ++design) {
    const Shape normal = make_shape({30, design, ""});
    const ReferenceData reference = prepare_reference("reference", normal, {});
    const Photographer photographer(normal, kPhotoPx, 4, stock);
    const PhotoRequest request{{.azimuth_rad = 0.5 + design, .elevation_rad = 0.45}, identity(33, design), identity(34, design)};
    const std::optional<Twice> found = damaged_twice(design, photographer, normal, request);
    if (!found) continue;
    const auto heat_of = [&](const Anomaly& anomaly, const FramedView& framed) {
      const auto photo = photographer.shoot(Subject(anomaly), framed);
      return photo ? detector->detect(reference, prepare_photo({photo->photo, {}}, detector->photo_px())).heat : cv::Mat();
    };
    const cv::Mat here = heat_of(found->here, found->framed_here), there = heat_of(found->there, found->framed_there),
                  both = heat_of(found->both, found->framed_both);
    if (here.empty() || there.empty() || both.empty()) continue;
    const cv::Mat& place = found->framed_here.change->changed;
    ++cases;
    std::printf("design %d: %s missing, %s broken: %.2f alone, %.2f beside, %.2f without\n", design, found->here.part.c_str(),
                found->there.part.c_str(), mean_heat(here, place), mean_heat(both, place), mean_heat(there, place));
    alone += mean_heat(here, place), beside += mean_heat(both, place), before += mean_heat(there, place);
  }
  ASSERT_GE(cases, 3);
  alone /= cases, beside /= cases, before /= cases;
  std::printf("heat at a damage: %.2f alone, %.2f beside another, %.2f where only the other is (%d designs)\n", alone, beside, before,
              cases);
  EXPECT_GT(alone, 0.5);
  EXPECT_LT(before, 0.05);         // damage elsewhere makes no evidence here
  EXPECT_GT(beside, 0.8 * alone);  // nor takes any away
}

}  // namespace
}  // namespace looking3d
