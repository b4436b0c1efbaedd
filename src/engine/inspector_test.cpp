#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "base/parallel.h"
#include "engine/untrained.h"
#include "model/lfd_net.h"
#include "model/lin_net.h"

namespace looking3d {
namespace {

TEST(Inspector, SaysHowProbableItsCameraIsWhereTheWeightsCan) {
  const Photographed scene;
  InspectOptions options;
  options.mask = scene.mask;
  AlignNetOptions network;
  network.compare.width = 8, network.compare.channels = 16, network.mask.width = 4;
  for (const bool can_tell : {true, false}) {
    network.compare.camera_head = can_tell;
    const Inspector inspector = Inspector::open(untrained<AlignNet>("align", network));
    const Inspection found = inspector.inspect(scene.reference, scene.photo, options);
    ASSERT_TRUE(found.camera);
    ASSERT_EQ(found.camera->probability.has_value(), can_tell);
    const bool warned =
        std::ranges::any_of(found.notes, [](const std::string& note) { return note.starts_with("doubtful: from the camera"); });
    EXPECT_EQ(warned, can_tell && *found.camera->probability < 0.2);
    if (can_tell) {
      EXPECT_LT(*found.camera->probability, 0.1) << "of these weights, so that the warning is tested";
    }
  }
}

TEST(Inspector, AnswersInThePhotosFrame) {
  const Photographed scene;
  const Inspector inspector = Inspector::open(untrained_align());
  InspectOptions options;
  options.mask = scene.mask;
  options.threshold = 0.0;  // whatever the untrained network says, it deviates
  const Inspection found = inspector.inspect(scene.reference, scene.photo, options);
  EXPECT_EQ(found.verdict, Verdict::kDeviates);
  EXPECT_EQ(found.heat_map.size(), scene.photo.size());
  EXPECT_EQ(found.reference_view.size(), scene.photo.size());
  EXPECT_EQ(found.object_mask.size(), scene.photo.size());
  ASSERT_TRUE(found.camera);
  EXPECT_NEAR(found.camera->azimuth_deg, 0.7 * 180 / M_PI, 3);
  EXPECT_NEAR(found.camera->intrinsics(0, 2), 100, 10);
  EXPECT_GT(found.camera->score, 0.9);
  EXPECT_EQ(found.parts.size(), scene.shape.parts.size());
  double share = 0;
  for (const PartEvidence& part : found.parts) share += part.share;
  EXPECT_NEAR(share, 1, 1e-6);
  EXPECT_GT(found.times.explain_ms, 0);
  // A part is judged, or listed as not judged; those listed can be seen from the camera that is proposed.
  for (const std::string& name : found.not_judged) EXPECT_GE(scene.shape.part_index(name), 0);
  if (found.next_camera) {
    EXPECT_GT(found.next_camera->shows, 0);
    EXPECT_LE(found.next_camera->shows, static_cast<int>(found.not_judged.size()));
  }
}

TEST(Inspector, TellsNoMotionOfAPieceThatMatches) {
  const Photographed scene;
  InspectOptions options;
  options.threshold = 1.1;  // whatever the untrained network says, it matches
  const Inspection found = Inspector::open(untrained_align()).inspect(scene.reference, scene.photo, options);
  EXPECT_NE(found.verdict, Verdict::kDeviates);
  EXPECT_FALSE(found.motion);
  EXPECT_FALSE(found.lost_share);
}

TEST(Inspector, SameVerdictForAnyThreads) {
  const Photographed scene;
  const Inspector inspector = Inspector::open(untrained_align(2));
  const Inspection many = inspector.inspect(scene.reference, scene.photo);
  set_thread_count(1);
  const Inspection one = inspector.inspect(scene.reference, scene.photo);
  set_thread_count(0);
  EXPECT_EQ(many.probability, one.probability);
  ASSERT_EQ(many.camera.has_value(), one.camera.has_value());
  if (many.camera) {
    EXPECT_EQ(many.camera->azimuth_deg, one.camera->azimuth_deg);
  }
}

TEST(Inspector, UnusablePhotosAreRefused) {
  const Photographed scene;
  const Inspector inspector = Inspector::open(untrained_align());
  EXPECT_THROW(inspector.inspect(scene.reference, cv::Mat()), InputError);
  EXPECT_THROW(inspector.inspect(scene.reference, cv::Mat(64, 64, CV_32FC3, cv::Scalar(1))), InputError);
  InspectOptions wrong;
  wrong.mask = cv::Mat(10, 10, CV_8U, cv::Scalar(255));
  EXPECT_THROW(inspector.inspect(scene.reference, scene.photo, wrong), InputError);
}

TEST(Inspector, CmtAnswersTheSameFromItsCacheAndNeedsNoCamera) {
  const CmtOptions options = small_cmt();
  const Inspector inspector = Inspector::open(untrained<Cmt>("cmt", options));
  const Photographed scene, other(4);
  const double first = inspector.inspect(scene.reference, scene.photo).probability;
  const double against_other = inspector.inspect(other.reference, scene.photo).probability;
  EXPECT_EQ(inspector.inspect(scene.reference, scene.photo).probability, first);
  EXPECT_NE(against_other, first);
  EXPECT_FALSE(inspector.inspect(scene.reference, scene.photo).camera);
}

TEST(Inspector, CmtTellsTheClosestViewAndWhatPatchesResembleThere) {
  const CmtOptions options = small_cmt();
  const Photographed scene;
  InspectOptions with_mask;
  with_mask.mask = scene.mask;
  const Inspection found = Inspector::open(untrained<Cmt>("cmt", options)).inspect(scene.reference, scene.photo, with_mask);
  ASSERT_TRUE(found.closest_view);
  EXPECT_EQ(found.closest_view->azimuth_deg, 18 * found.closest_view->index);
  ASSERT_EQ(found.correspondences.size(), 10u);
  double before = 1 + 1e-5;
  for (const Correspondence& pair : found.correspondences) {
    EXPECT_LE(pair.similarity, before);
    before = pair.similarity;
    EXPECT_GE(pair.view.index, 0);
    EXPECT_LT(pair.view.index, 20);
    EXPECT_NEAR(pair.view_patch.width, 1 / 16.0, 1e-12);
    EXPECT_GE(pair.view_patch.x, -1e-12);
    EXPECT_LE(pair.view_patch.y + pair.view_patch.height, 1 + 1e-12);
    // The patch shows the object.
    const cv::Rect patch(static_cast<int>(pair.patch.x), static_cast<int>(pair.patch.y), static_cast<int>(std::ceil(pair.patch.width)) + 1,
                         static_cast<int>(std::ceil(pair.patch.height)) + 1);
    EXPECT_GT(cv::countNonZero(scene.mask(patch & cv::Rect(0, 0, scene.mask.cols, scene.mask.rows))), 0);
  }
  EXPECT_TRUE(Inspector::open(untrained_align()).inspect(scene.reference, scene.photo, with_mask).correspondences.empty());
}

TEST(Inspector, TellsTheMatchesOfEachPatchOnlyWhenAsked) {
  const CmtOptions options = small_cmt();
  const Photographed scene;
  const Inspector cmt = Inspector::open(untrained<Cmt>("cmt", options));
  InspectOptions asked;
  asked.mask = scene.mask;
  EXPECT_TRUE(cmt.inspect(scene.reference, scene.photo, asked).matches.empty());
  asked.matches = 4;
  const Inspection found = cmt.inspect(scene.reference, scene.photo, asked);
  ASSERT_FALSE(found.matches.empty());
  ASSERT_EQ(found.matches.size() % 4, 0u);
  for (size_t i = 0; i < found.matches.size(); i += 4)
    for (size_t k = 1; k < 4; ++k) {
      EXPECT_EQ(found.matches[i + k].patch.x, found.matches[i].patch.x);
      EXPECT_EQ(found.matches[i + k].patch.y, found.matches[i].patch.y);
      EXPECT_LE(found.matches[i + k].similarity, found.matches[i + k - 1].similarity);
    }
  // The strongest correspondences are among them.
  for (const Correspondence& pair : found.correspondences) {
    const auto same = [&](const Correspondence& match) {
      return match.patch.x == pair.patch.x && match.patch.y == pair.patch.y && match.view.index == pair.view.index &&
             match.similarity == pair.similarity;
    };
    EXPECT_TRUE(std::any_of(found.matches.begin(), found.matches.end(), same));
  }
  EXPECT_TRUE(Inspector::open(untrained_align()).inspect(scene.reference, scene.photo, asked).matches.empty());
}

TEST(Inspector, RetrievalAnswersTheSameFromItsCache) {
  const Photographed scene, other(4);
  for (const Path& weights : {untrained<LfdNet>("lfd", LfdOptions{4, 8, 4, 8}), untrained<LinNet>("lin", LinOptions{4, 8})}) {
    const Inspector inspector = Inspector::open(weights);
    const double first = inspector.inspect(scene.reference, scene.photo).probability;
    const double against_other = inspector.inspect(other.reference, scene.photo).probability;
    EXPECT_EQ(inspector.inspect(scene.reference, scene.photo).probability, first);
    EXPECT_NE(against_other, first);
  }
}

}  // namespace
}  // namespace looking3d
