#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/evenly.h"
#include "base/parallel.h"
#include "engine/correspondences.h"
#include "engine/detectors.h"
#include "engine/view_tensors.h"
#include "looking3d/looking3d.h"
#include "model/align_net.h"
#include "model/cmt.h"
#include "model/lfd_net.h"
#include "model/lin_net.h"
#include "model/viewpoint_net.h"
#include "model/weights.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

Path scratch(const std::string& name) {
  return Path(testing::TempDir()) / ("l3d_detector_test_" + name);
}

/// A weights file of an untrained network.
template <class Network, class Options>
Path untrained(const std::string& method, const Options& options) {
  torch::manual_seed(3);
  Network network(options);
  const Path path = scratch(method + ".safetensors");
  write_tensors(path, state_of(*network),
                {{"format", "looking3d-weights-1"}, {"method", method}, {"size", "128"}, {"network", to_json(options)}});
  return path;
}

Path untrained_align(int detail = 1) {
  AlignNetOptions options;
  options.compare.detail = detail;
  options.compare.width = 8;
  options.compare.channels = 16;
  options.mask.width = 4;
  return untrained<AlignNet>("align", options);
}

/// A photo of a grey chair on white, its mask, and its reference.
struct Photographed {
  explicit Photographed(int index = 3) : shape(make_shape({5, index, "armchair"})), reference(Reference::prepare(shape)) {
    const Scene scene(shape);
    OrbitView view{.azimuth_rad = 0.7, .elevation_rad = 0.5};
    view.distance = fitting_distance(view, shape.all_vertices());
    const Camera camera = orbit_camera(view, 200);
    cv::Mat grey = render_grey(scene, camera);
    cv::merge(std::vector<cv::Mat>{grey, grey, grey}, photo);
    mask = render_silhouette(scene, camera);
  }
  Shape shape;
  Reference reference;
  cv::Mat photo, mask;
};

std::string open_error(const Path& path) {
  try {
    Detector::open(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Detector, WeightsThatCannotBeUsedSayWhy) {
  const std::string whole = read_file(untrained_align());
  const auto written = [](const std::string& bytes) {
    write_file_atomic(scratch("bad.safetensors"), bytes);
    return scratch("bad.safetensors");
  };
  EXPECT_NE(open_error(written(whole.substr(0, whole.size() / 2))).find("bad.safetensors"), std::string::npos);
  EXPECT_NE(open_error(written("hello")).find("no safetensors"), std::string::npos);
  std::string newer = whole;
  newer.replace(newer.find("looking3d-weights-1"), 19, "looking3d-weights-7");
  EXPECT_NE(open_error(written(newer)).find("another version"), std::string::npos);
  std::string other = whole;
  other.replace(other.find("\"align\""), 7, "\"alien\"");
  EXPECT_NE(open_error(written(other)).find("unknown method"), std::string::npos);
  EXPECT_NE(open_error(scratch("absent.safetensors")).find("no such file"), std::string::npos);
}

TEST(Detector, BoxFramesTheHotPatches) {
  // Two hot pieces and a warm one, which is left out.
  cv::Mat heat = cv::Mat::zeros(16, 16, CV_32F);
  heat(cv::Rect(2, 4, 3, 2)) = 0.9f;
  heat(cv::Rect(8, 4, 2, 2)) = 0.8f;
  heat.at<float>(14, 14) = 0.5f;
  const Box box = box_of_heat(heat);
  EXPECT_NEAR((box.cx - box.w / 2) * 16, 2.2, 0.4);
  EXPECT_NEAR((box.cx + box.w / 2) * 16, 9.8, 0.4);
  EXPECT_NEAR((box.cy - box.h / 2) * 16, 4.2, 0.4);
  EXPECT_NEAR((box.cy + box.h / 2) * 16, 5.8, 0.4);
  EXPECT_EQ(box_of_heat(cv::Mat::zeros(16, 16, CV_32F)).w, 0);
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

TEST(Detector, DetailLooksAtLargerPhotosAndSearchesCamerasInSmallOnes) {
  const Photographed scene;
  const std::unique_ptr<Detector> fine = Detector::open(untrained_align(2)), coarse = Detector::open(untrained_align(1));
  EXPECT_EQ(fine->photo_px(), 256);
  const PreparedPhoto photo = prepare_photo_with_mask({scene.photo, {}}, scene.mask, 256);
  const Detection found = fine->detect(scene.reference.data(), photo);
  ASSERT_TRUE(found.view);
  EXPECT_NEAR(degrees(found.view->azimuth_rad), degrees(0.7), 3);
  EXPECT_EQ(found.mask.cols, 128);
  // Maps are as fine as those of the network that looks at 128 pixels.
  const Detection before = coarse->detect(scene.reference.data(), prepare_photo_with_mask({scene.photo, {}}, scene.mask, 128));
  EXPECT_EQ(found.heat.size(), before.heat.size());
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
  CmtOptions options = CmtOptions::looking3d();
  options.width = 8;
  options.channels = 16;
  options.blocks = 1;
  const Inspector inspector = Inspector::open(untrained<Cmt>("cmt", options));
  const Photographed scene, other(4);
  const double first = inspector.inspect(scene.reference, scene.photo).probability;
  const double against_other = inspector.inspect(other.reference, scene.photo).probability;
  EXPECT_EQ(inspector.inspect(scene.reference, scene.photo).probability, first);
  EXPECT_NE(against_other, first);
  EXPECT_FALSE(inspector.inspect(scene.reference, scene.photo).camera);
}

class MatchingTest : public testing::Test {
 protected:
  explicit MatchingTest(bool residual_evidence = true) {
    CmtOptions options = CmtOptions::looking3d();
    options.residual_evidence = residual_evidence;
    options.width = 8;
    options.channels = 16;
    options.blocks = 1;
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
  CmtOptions options = CmtOptions::looking3d();
  options.width = 8;
  options.channels = 16;
  options.blocks = 1;
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

TEST(Detector, ViewpointsAreToldButNoAnomalies) {
  const Path weights = untrained<ViewpointNet>("viewpoint", ViewpointOptions{4, 20});
  const Photographed scene;
  const std::unique_ptr<Detector> detector = Detector::open(weights);
  EXPECT_FALSE(detector->finds_anomalies());
  const Detection found = detector->detect(scene.reference.data(), prepare_photo({scene.photo, {}}, 128));
  ASSERT_TRUE(found.closest_view);
  EXPECT_GE(*found.closest_view, 0);
  EXPECT_LT(*found.closest_view, 20);
  EXPECT_THROW(Inspector::open(weights), InputError);
}

}  // namespace
}  // namespace looking3d
