#include "train/judge.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/stopwatch.h"
#include "engine/frame_photo.h"
#include "model/weights.h"

namespace looking3d {
namespace {

/// Patches of the prepared picture as patches of the photo.
cv::Mat heat_in_photo(const cv::Mat& heat, const PreparedPhoto& prepared, cv::Size photo) {
  if (heat.empty()) return {};
  cv::Mat fine, patches;
  cv::resize(heat, fine, prepared.bgr.size(), 0, 0, cv::INTER_NEAREST);
  cv::resize(to_photo_frame(fine, prepared.window, photo), patches, heat.size(), 0, 0, cv::INTER_AREA);
  return patches;
}

Box box_in_photo(const Box& box, const PhotoWindow& window, cv::Size photo) {
  return {(window.x + box.cx * window.side) / photo.width, (window.y + box.cy * window.side) / photo.height,
          box.w * window.side / photo.width, box.h * window.side / photo.height};
}

JudgedPhoto judge_one(const Detector& detector, const ReferenceData& reference, const DataSet& data, size_t index) {
  const Stopwatch watch;
  JudgedPhoto judged;
  judged.sample = index;
  const Sample& sample = data.samples()[index];
  const PhotoImage picture{data.load_image(sample), {}};
  Look look;
  try {
    look = look_at(detector, reference, picture, {.where = sample.image});
  } catch (const InputError&) {  // the photo counts, undecided
    judged.refused = true;
    return judged;
  }
  const auto& [photo, detection, prepare_ms] = look;
  const cv::Size size = png_size(sample.image);
  judged.logit = detection.logit;
  judged.refused = !detection.refusal.empty();
  if (detection.box) judged.box = box_in_photo(*detection.box, photo.window, size);
  judged.heat = heat_in_photo(detection.heat, photo, size);
  judged.view = detection.view;
  judged.view_probability = detection.view_probability;
  judged.closest_view = detection.closest_view;
  judged.milliseconds = watch.ms();
  return judged;
}

/// Negative log likelihood of the labels, with the prior's pull towards scale 1 and bias 0.
double calibration_cost(const Calibration& c, const std::vector<double>& logits, const std::vector<bool>& anomalous, double prior) {
  double cost = prior / 2 * ((c.scale - 1) * (c.scale - 1) + c.bias * c.bias);
  for (size_t i = 0; i < logits.size(); ++i) {
    const double x = (anomalous[i] ? -1 : 1) * (c.scale * logits[i] + c.bias);
    cost += x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
  }
  return cost;
}

/// What the normal photos scored, ascending and no more than kMostNormalLogits: the middle of each of so many equal shares.
std::vector<double> normal_logits(const std::vector<double>& logits, const std::vector<bool>& anomalous) {
  std::vector<double> all, some;
  for (size_t i = 0; i < logits.size(); ++i)
    if (!anomalous[i]) all.push_back(logits[i]);
  std::sort(all.begin(), all.end());
  if (all.size() <= kMostNormalLogits) return all;
  for (size_t i = 0; i < kMostNormalLogits; ++i) some.push_back(all[(2 * i + 1) * all.size() / (2 * kMostNormalLogits)]);
  return some;
}

}  // namespace

std::optional<PreparedPhoto> prepared_photo(const Detector& detector, const DataSet& data, size_t sample) {
  const PhotoImage picture{data.load_image(data.samples()[sample]), {}};
  try {
    return frame_photo(detector, picture, {.where = data.samples()[sample].image});
  } catch (const InputError&) {
    return std::nullopt;
  }
}

std::vector<JudgedPhoto> judge(const Detector& detector, const DataSet& data, const std::vector<size_t>& samples, const std::string& title,
                               const ReferenceChoice& references) {
  std::map<std::string, std::vector<size_t>> positions;  // by shape, so that each reference is prepared once
  for (size_t i = 0; i < samples.size(); ++i) positions[data.samples()[samples[i]].shape_id].push_back(i);
  Progress progress(title, static_cast<int64_t>(samples.size()), "photos");
  std::vector<JudgedPhoto> judged(samples.size());
  for (const auto& [shape, members] : positions) {
    const ReferenceData reference = reference_of(detector, data, shape, references);
    for (const size_t i : members) {
      if (interrupted()) throw Interrupted("evaluation starts again from the first photo");
      judged[i] = judge_one(detector, reference, data, samples[i]);
      progress.advance();
    }
  }
  return judged;
}

Calibration fit_calibration(const std::vector<double>& logits, const std::vector<bool>& anomalous) {
  L3D_CHECK_EQ(logits.size(), anomalous.size());
  constexpr double kPrior = 1;  // pull towards scale 1, bias 0; as strong as a few photos
  double scale = 1, bias = 0;
  for (int iteration = 0; iteration < 50; ++iteration) {  // Newton's method with step halving
    double gs = kPrior * (scale - 1), gb = kPrior * bias, hss = kPrior, hsb = 0, hbb = kPrior;
    for (size_t i = 0; i < logits.size(); ++i) {
      const double p = Calibration{scale, bias}.probability(logits[i]), error = p - (anomalous[i] ? 1 : 0), curvature = p * (1 - p);
      gs += error * logits[i], gb += error;
      hss += curvature * logits[i] * logits[i], hsb += curvature * logits[i], hbb += curvature;
    }
    const double determinant = hss * hbb - hsb * hsb;
    double ds = (hbb * gs - hsb * gb) / determinant, db = (hss * gb - hsb * gs) / determinant;
    const double current = calibration_cost({scale, bias}, logits, anomalous, kPrior);
    while (calibration_cost({scale - ds, bias - db}, logits, anomalous, kPrior) > current && std::abs(ds) + std::abs(db) > 1e-10) {
      ds /= 2, db /= 2;
    }
    scale -= ds, bias -= db;
    if (std::abs(ds) + std::abs(db) < 1e-10) break;
  }
  return {std::max(scale, 0.01), bias, normal_logits(logits, anomalous)};
}

std::vector<size_t> val_samples(const DataSet& data, int count) {
  const auto split = data.splits().find("val");
  if (split == data.splits().end() || split->second.empty()) return {};
  return evenly(data.samples_of("val"), count);
}

void calibrate_weights(const Path& weights, const DataSet& data, int photos) {
  const std::vector<size_t> samples = val_samples(data, photos);
  if (samples.empty()) return;
  const std::unique_ptr<Detector> detector = Detector::open(weights);
  if (!detector->finds_anomalies()) return;
  std::vector<double> logits;
  std::vector<bool> anomalous;
  for (const JudgedPhoto& photo : judge(*detector, data, samples, "calibrate")) {
    if (photo.refused) continue;
    logits.push_back(photo.logit);
    anomalous.push_back(data.samples()[photo.sample].anomalous);
  }
  const Calibration fitted = fit_calibration(logits, anomalous);
  TensorFile file = read_tensors(weights);
  file.metadata["calibration"] = calibration_json(fitted);
  file.metadata["calibration"]["val_photos"] = logits.size();
  write_tensors(weights, file.tensors, file.metadata);
}

}  // namespace looking3d
