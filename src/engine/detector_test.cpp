#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "engine/detectors.h"
#include "engine/untrained.h"
#include "model/viewpoint_net.h"

namespace looking3d {
namespace {

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

TEST(Detector, AnExpectedBoxSaysHowHotIsHot) {
  // A hot core in a warm field: at 60 % of the peak the core alone is framed.
  cv::Mat heat = cv::Mat::zeros(32, 32, CV_32F);
  heat(cv::Rect(4, 4, 16, 20)) = 0.4f;
  heat(cv::Rect(10, 10, 4, 4)) = 0.9f;
  const Box core{12.0 / 32, 12.0 / 32, 4.0 / 32, 4.0 / 32}, field{12.0 / 32, 14.0 / 32, 16.0 / 32, 20.0 / 32};
  EXPECT_GT(box_iou(box_of_heat(heat), core), 0.6);
  EXPECT_GT(box_iou(box_of_heat(heat, field), field), 0.8);
  EXPECT_GT(box_iou(box_of_heat(heat, core), core), 0.6);
  // One that agrees with nothing hot changes nothing.
  EXPECT_EQ(box_iou(box_of_heat(heat, Box{0.9, 0.9, 0.1, 0.1}), box_of_heat(heat)), 1);
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
