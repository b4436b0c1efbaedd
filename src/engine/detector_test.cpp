#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

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

double logit_of(double probability) {
  return std::log(probability / (1 - probability));
}

/// The message with which a share of false alarms is refused; empty when it is not.
std::string refused_share(const Calibration& calibration, double share) {
  try {
    calibration.threshold_at(share);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Calibration, ThresholdsLieBetweenTheWholePiecesThatReachThemAndThoseThatDoNot) {
  const Calibration ten{1, 0, {-4, -3, -2, -1, 0, 1, 2, 3, 5, 9}};
  EXPECT_NEAR(logit_of(ten.threshold_at(0.1)), 7, 1e-9);   // between the highest, 9, and the next, 5
  EXPECT_NEAR(logit_of(ten.threshold_at(0.19)), 7, 1e-9);  // two of ten would be too many
  EXPECT_NEAR(logit_of(ten.threshold_at(0.2)), 4, 1e-9);
  EXPECT_NEAR(logit_of(ten.threshold_at(0.3)), 2.5, 1e-9);  // 0.3 * 10 is not quite 3 in floating point
  EXPECT_NEAR(logit_of(ten.threshold_at(0.9)), -3.5, 1e-9);
  EXPECT_NEAR(logit_of(ten.threshold_at(0.99)), -3.5, 1e-9);
  // Scale and bias move the threshold as they move probabilities.
  const Calibration scaled{2, -1, ten.normal_logits};
  EXPECT_NEAR(logit_of(scaled.threshold_at(0.2)), 2 * 4 - 1, 1e-9);
  // Equal scores stay together, below the threshold.
  const Calibration ties{1, 0, {0, 1, 2, 2, 2, 4}};
  EXPECT_NEAR(logit_of(ties.threshold_at(1 / 6.0)), 3, 1e-9);
  EXPECT_NEAR(logit_of(ties.threshold_at(3 / 6.0)), 3, 1e-9);
  const Calibration equal{1, 0, {1, 1, 1, 1}};
  EXPECT_GT(equal.threshold_at(0.5), equal.probability(1));
}

TEST(Calibration, AtMostTheWantedShareOfWholePiecesReachesTheThreshold) {
  Calibration calibration{0.7, -0.3};
  for (int i = 0; i < 137; ++i) calibration.normal_logits.push_back(std::round(40 * std::sin(i * 12.9898)) / 10);  // some are equal
  std::sort(calibration.normal_logits.begin(), calibration.normal_logits.end());
  double before = 1;
  for (int percent = 1; percent < 100; ++percent) {
    const double threshold = calibration.threshold_at(percent / 100.0);
    int reach = 0;
    for (const double logit : calibration.normal_logits) reach += calibration.probability(logit) >= threshold;
    EXPECT_LE(reach, 137 * percent / 100.0) << percent;
    EXPECT_LE(threshold, before) << percent;
    before = threshold;
  }
}

TEST(Calibration, SharesThatCannotBeToldAreRefused) {
  const Calibration ten{1, 0, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}};
  for (const double share : {0.0, -0.1, 1.0, 7.0, std::nan(""), double(INFINITY)})
    EXPECT_NE(refused_share(ten, share).find("--false-alarms: must lie between 0 and 1"), std::string::npos) << share;
  const std::string too_small = refused_share(ten, 0.05);
  EXPECT_NE(too_small.find("--false-alarms"), std::string::npos) << too_small;
  EXPECT_NE(too_small.find("10 whole pieces that the weights know (at least 0.1;"), std::string::npos) << too_small;
  EXPECT_EQ(refused_share(ten, 0.1), "");
  EXPECT_NE(refused_share({}, 0.1).find("--resume"), std::string::npos);
}

TEST(Calibration, ComesBackFromAWeightsFile) {
  const Path path = untrained_align();
  TensorFile file = read_tensors(path);
  EXPECT_TRUE(read_weights_info(file.metadata, path).calibration.normal_logits.empty());
  EXPECT_THROW(Inspector::open(path).threshold_at(0.1), InputError);
  const auto written = [&](const Json& calibration) {
    file.metadata["calibration"] = calibration;
    write_tensors(scratch("calibrated.safetensors"), file.tensors, file.metadata);
    return scratch("calibrated.safetensors");
  };
  written(calibration_json({2, -0.25, {-1.23456, 0, 0.5, 1.00004}}));
  const Calibration back = read_weights_info(read_tensors(scratch("calibrated.safetensors")).metadata, path).calibration;
  EXPECT_EQ(back.scale, 2);
  EXPECT_EQ(back.bias, -0.25);
  EXPECT_EQ(back.normal_logits, (std::vector<double>{-1.2346, 0, 0.5, 1}));
  EXPECT_EQ(Inspector::open(scratch("calibrated.safetensors")).threshold_at(0.25), back.threshold_at(0.25));
  // Weights from before whole pieces were remembered, and files that somebody spoilt.
  EXPECT_EQ(open_error(written({{"scale", 2}, {"bias", 0}})), "");
  for (const Json& logits : {Json{3, 1}, Json{0, nullptr}, Json("many"), Json{"1", "2"}}) {
    const std::string said = open_error(written({{"scale", 2}, {"bias", 0}, {"normal_logits", logits}}));
    EXPECT_NE(said.find("malformed metadata"), std::string::npos) << logits.dump();
  }
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

TEST(Inspector, CmtTellsTheClosestViewAndWhatPatchesResembleThere) {
  CmtOptions options = CmtOptions::looking3d();
  options.width = 8;
  options.channels = 16;
  options.blocks = 1;
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
  CmtOptions options = CmtOptions::looking3d();
  options.width = 8;
  options.channels = 16;
  options.blocks = 1;
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
