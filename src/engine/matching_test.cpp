// Detectors that match patches, and what they look at.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "base/evenly.h"
#include "engine/correspondences.h"
#include "engine/detectors.h"
#include "engine/untrained.h"
#include "engine/view_tensors.h"

namespace looking3d {
namespace {

class MatchingTest : public testing::Test {
 protected:
  explicit MatchingTest(bool residual_evidence = true) {
    CmtOptions options = small_cmt();
    options.residual_evidence = residual_evidence;
    options.top_k = 6;
    detector = Detector::open(untrained<Cmt>("cmt", options));
    photo = prepare_photo({scene.photo, {}}, 128);
  }
  const MatchingDetector& matching() const { return dynamic_cast<const MatchingDetector&>(*detector); }
  const Photographed scene;
  const ReferenceData reference = prepare_reference("chair", scene.shape, {});
  std::unique_ptr<Detector> detector;
  PreparedPhoto photo;
};

TEST_F(MatchingTest, TopMatchesAreTheMostSimilarPatchesThatShowTheObject) {
  const int h = matching().grid();
  ASSERT_EQ(h, 16);
  const std::vector<PatchMatch> found = matching().matches(reference, photo, {h * 8 + 8, 0});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].patch, h * 8 + 8);
  for (const PatchMatch& match : found) {
    ASSERT_EQ(match.similarity.rows, 20);
    ASSERT_EQ(match.similarity.cols, h * h);
    std::vector<float> shown;  // similarities where there is surface
    for (int i = 0; i < 20 * h * h; ++i) {
      const float value = match.similarity.ptr<float>()[i];
      if (std::isnan(value)) continue;
      EXPECT_LE(std::abs(value), 1 + 1e-5);
      shown.push_back(value);
    }
    EXPECT_LT(shown.size(), static_cast<size_t>(20 * h * h));  // the corners of views show nothing
    std::sort(shown.rbegin(), shown.rend());
    ASSERT_EQ(match.top.size(), 6u);
    for (size_t k = 0; k < 6; ++k) EXPECT_NEAR(match.similarity.ptr<float>()[match.top[k]], shown[k], 1e-5) << k;
  }
}

TEST_F(MatchingTest, LinksAreTheStrongestOfAllMatches) {
  const Detection found = detector->detect(reference, photo);
  ASSERT_EQ(found.links.size(), 10u);
  const int h = matching().grid();
  std::vector<int> patches(static_cast<size_t>(h) * h);
  std::iota(patches.begin(), patches.end(), 0);
  cv::Mat share;  // of each patch's pixels that show the object
  cv::resize(photo.mask, share, {h, h}, 0, 0, cv::INTER_AREA);
  std::vector<double> best;
  const std::vector<PatchMatch> every = matching().matches(reference, photo, patches);
  for (const PatchMatch& match : every)
    if (share.at<uchar>(match.patch / h, match.patch % h) >= 64) best.push_back(match.similarity.ptr<float>()[match.top.front()]);
  std::sort(best.rbegin(), best.rend());
  for (size_t i = 0; i < found.links.size(); ++i) {
    const PatchLink& link = found.links[i];
    EXPECT_NEAR(link.similarity, best[i], 1e-5) << i;
    const auto cell = [h](const Box& box) { return static_cast<int>(box.cy * h) * h + static_cast<int>(box.cx * h); };
    EXPECT_NEAR(every[static_cast<size_t>(cell(link.patch))].similarity.at<float>(link.view, cell(link.view_patch)), link.similarity, 1e-5);
  }
}

TEST_F(MatchingTest, TellsTheBestOfEachPatchOfTheObjectWhenAsked) {
  EXPECT_TRUE(detector->detect(reference, photo).matches.empty());
  const Detection found = matching().detect_as(reference, photo, {.matches = 3});
  const int h = matching().grid();
  cv::Mat share;
  cv::resize(photo.mask, share, {h, h}, 0, 0, cv::INTER_AREA);
  std::vector<int> patches;
  for (int i = 0; i < h * h; ++i)
    if (share.at<uchar>(i / h, i % h) >= 64) patches.push_back(i);
  ASSERT_GT(patches.size(), 10u);
  ASSERT_EQ(found.matches.size(), 3 * patches.size());
  const auto cell = [h](const Box& box) { return static_cast<int>(box.cy * h) * h + static_cast<int>(box.cx * h); };
  const std::vector<PatchMatch> every = matching().matches(reference, photo, patches);
  for (size_t i = 0; i < found.matches.size(); ++i) {
    const PatchLink& link = found.matches[i];
    const PatchMatch& match = every[i / 3];
    EXPECT_EQ(cell(link.patch), match.patch);
    EXPECT_NEAR(link.similarity, match.similarity.at<float>(link.view, cell(link.view_patch)), 1e-5) << i;
    EXPECT_NEAR(link.similarity, match.similarity.ptr<float>()[match.top[i % 3]], 1e-5) << i;
  }
  // What is told changes nothing of the verdict.
  EXPECT_EQ(found.logit, detector->detect(reference, photo).logit);
}

TEST_F(MatchingTest, SettingsChangeWhatTheySay) {
  const double plain = detector->detect(reference, photo).logit;
  EXPECT_EQ(matching().detect_as(reference, photo, {6, 20}).logit, plain);  // its own k, all views
  EXPECT_NE(matching().detect_as(reference, photo, {2, 20}).logit, plain);
  // Four of the views are as good as a reference that has these alone.
  const ReferenceData four = reference_of_views("four", evenly(grey_views(reference), 4));
  EXPECT_NEAR(matching().detect_as(reference, photo, {6, 4}).logit, detector->detect(four, photo).logit, 1e-4);
}

class PlainMatchingTest : public MatchingTest {
 protected:
  PlainMatchingTest() : MatchingTest(false) {}
};

TEST_F(PlainMatchingTest, AllKeysAreThoseOfALargeK) {
  EXPECT_NEAR(matching().detect_as(reference, photo, {0, 0}).logit, matching().detect_as(reference, photo, {100000, 0}).logit, 1e-4);
  EXPECT_NE(matching().detect_as(reference, photo, {0, 0}).logit, detector->detect(reference, photo).logit);
}

TEST(StoredViews, AreWhatTheMeshGives) {
  const Photographed scene;
  const ReferenceData from_mesh = prepare_reference("chair", scene.shape, {});
  const ReferenceData stored = reference_of_views("chair", grey_views(from_mesh));
  EXPECT_FALSE(stored.has_mesh());
  const ViewTensors a = view_tensors(from_mesh, 128), b = view_tensors(stored, 128);
  EXPECT_TRUE(torch::equal(a.grey, b.grey));
  EXPECT_TRUE(torch::equal(a.position, b.position));
  EXPECT_TRUE(torch::equal(a.surface, b.surface));
  EXPECT_EQ(b.cameras.size(), 20u);
  EXPECT_THROW(view_tensors(stored, 96), InputError);  // 32 patches a side do not pool to 12
  EXPECT_THROW(shape_views({}, 128, "nothing"), InputError);
}

TEST(Detector, AMatcherProposesCamerasToAlign) {
  const CmtOptions options = small_cmt();
  const Path cmt = untrained<Cmt>("cmt", options), align = untrained_align(2);
  const Photographed scene;
  const std::unique_ptr<Detector> helped = Detector::open(align, cmt), alone = Detector::open(align);
  EXPECT_EQ(helped->photo_px(), 256);
  EXPECT_EQ(helped->info().method, "align");
  const PreparedPhoto photo = prepare_photo_with_mask({scene.photo, {}}, scene.mask, 256);
  // Whatever an untrained network matches, the search is not led astray.
  const Detection found = helped->detect(scene.reference.data(), photo);
  ASSERT_TRUE(found.view);
  EXPECT_NEAR(degrees(found.view->azimuth_rad), degrees(0.7), 3);
  EXPECT_EQ(helped->detect(scene.reference.data(), photo).logit, found.logit);
  // Cameras that others propose are looked at: a right one is found again.
  EXPECT_NEAR(degrees(alone->detect_near(scene.reference.data(), photo, {*found.view}).view->azimuth_rad), degrees(0.7), 3);
  EXPECT_THROW(Detector::open(cmt, cmt), InputError);
  EXPECT_THROW(Detector::open(align, align), InputError);
}

TEST(MatchedAlign, FramesPhotosAsAlignAloneDoes) {
  AlignNetOptions options;
  options.compare.width = 8;
  options.compare.channels = 16;
  options.mask.width = 4;
  for (const bool in_place : {false, true}) {
    options.in_place = in_place;
    const Path align = untrained<AlignNet>("align", options);
    const auto alone = Detector::open(align), helped = Detector::open(align, untrained<Cmt>("cmt", small_cmt()));
    EXPECT_EQ(alone->compares_in_place(), in_place);
    EXPECT_EQ(helped->compares_in_place(), in_place);
    const Photographed piece;
    EXPECT_EQ(cv::norm(alone->find_object(piece.photo), helped->find_object(piece.photo), cv::NORM_INF), 0);
    const PreparedPhoto photo{.bgr = square_photo(piece.photo, 128)};
    const cv::Mat found = alone->find_reference(piece.reference.data(), photo);
    EXPECT_FALSE(found.empty());
    EXPECT_EQ(cv::norm(found, helped->find_reference(piece.reference.data(), photo), cv::NORM_INF), 0);
  }
}

}  // namespace
}  // namespace looking3d
