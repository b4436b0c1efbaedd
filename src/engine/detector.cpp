#include "engine/detector.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "engine/detectors.h"
#include "model/preprocess.h"

namespace looking3d {

double Calibration::probability(double logit) const {
  return 1 / (1 + std::exp(-(scale * logit + bias)));
}

double Calibration::threshold_at(double false_alarms) const {
  const std::string flag = "--false-alarms";
  if (!(false_alarms > 0 && false_alarms < 1)) throw InputError(flag, "must lie between 0 and 1", "0.01 is one whole piece in a hundred");
  if (normal_logits.empty()) {
    throw InputError(flag, "these weights do not tell what whole pieces score",
                     "looking3d train --resume on their run stores it; or give --threshold");
  }
  const size_t count = normal_logits.size();
  const auto reaching = static_cast<size_t>(false_alarms * static_cast<double>(count) + 1e-9);  // 0.29 * 100 is 28.999...
  if (reaching == 0) {
    char smallest[32];
    std::snprintf(smallest, sizeof smallest, "%g", std::ceil(1e4 / static_cast<double>(count)) / 1e4);
    throw InputError(flag, "is less than one of the " + std::to_string(count) + " whole pieces that the weights know",
                     "at least " + std::string(smallest) + "; or give --threshold");
  }
  const double below = normal_logits[count - 1 - std::min(reaching, count - 1)];
  const auto above = std::upper_bound(normal_logits.begin(), normal_logits.end(), below);
  return above == normal_logits.end() ? std::nextafter(probability(below), 2.0) : probability((below + *above) / 2);
}

Json calibration_json(const Calibration& calibration) {
  Json json = {{"scale", calibration.scale}, {"bias", calibration.bias}, {"normal_logits", Json::array()}};
  for (const double logit : calibration.normal_logits) json["normal_logits"].push_back(std::round(logit * 1e4) / 1e4);
  return json;
}

namespace {

/// Throws whatever when it is malformed.
Calibration calibration_from(const Json& json) {
  Calibration calibration{json.at("scale"), json.at("bias")};
  if (!json.contains("normal_logits")) return calibration;  // written before weights told them
  calibration.normal_logits = json["normal_logits"].get<std::vector<double>>();
  if (!std::is_sorted(calibration.normal_logits.begin(), calibration.normal_logits.end())) throw std::runtime_error("not ascending");
  return calibration;
}

}  // namespace

WeightsInfo read_weights_info(const Json& metadata, const Path& path) {
  const std::string format = metadata.value("format", "");
  if (format.rfind("looking3d-weights-", 0) != 0) throw InputError(path, "holds no weights of looking3d", "looking3d train makes them");
  if (format != "looking3d-weights-1") throw InputError(path, "is of another version: " + format, "train again with this program");
  WeightsInfo info;
  try {
    info.method = metadata.at("method");
    info.size = std::stoi(metadata.at("size").get<std::string>());
    info.network = metadata.at("network");
    info.trained = metadata.value("trained", Json::object());
    if (metadata.contains("calibration")) info.calibration = calibration_from(metadata["calibration"]);
  } catch (const std::exception&) {
    throw InputError(path, "has malformed metadata", "copy the file again");
  }
  if (info.size < 32 || info.size > 1024 || info.size % 32 != 0) throw InputError(path, "says an impossible image size");
  return info;
}

std::unique_ptr<Detector> Detector::open(const Path& weights, const Path& matcher) {
  if (!matcher.empty()) return make_matched_detector(open(weights), open(matcher), weights, matcher);
  // Half the threads: OpenMP's wait by spinning, and where another program has one core of two, a photo takes ten times as long.
  at::set_num_threads(std::max(1, thread_count() / 2));
  const TensorFile file = read_tensors(weights);
  WeightsInfo info = read_weights_info(file.metadata, weights);
  try {
    if (info.method == "align") return make_align_detector(std::move(info), file.tensors, weights);
    if (info.method == "cmt") return make_cmt_detector(std::move(info), file.tensors, weights);
    if (info.method == "query-only") return make_query_detector(std::move(info), file.tensors, weights);
    if (info.method == "lfd") return make_lfd_detector(std::move(info), file.tensors, weights);
    if (info.method == "lin") return make_lin_detector(std::move(info), file.tensors, weights);
    if (info.method == "viewpoint") return make_viewpoint_detector(std::move(info), file.tensors, weights);
  } catch (const Json::exception&) {
    throw InputError(weights, "has malformed network options", "copy the file again");
  }
  throw InputError(weights, "is of the unknown method '" + info.method + "'", "align, cmt, query-only, lfd, lin or viewpoint");
}

torch::Tensor photo_tensor(const cv::Mat& bgr) {
  torch::Tensor photo = torch::empty({1, 3, bgr.rows, bgr.cols});
  write_photo_planes(bgr, false, photo.data_ptr<float>());
  return photo;
}

cv::Mat heat_of(const torch::Tensor& patch_logits) {
  const torch::Tensor heat = torch::sigmoid(patch_logits.to(torch::kFloat)).contiguous();
  return cv::Mat(static_cast<int>(heat.size(0)), static_cast<int>(heat.size(1)), CV_32F, heat.data_ptr<float>()).clone();
}

namespace {

/// Heat enlarged by whole numbers to about 128 cells, and its peak.
struct FineHeat {
  cv::Mat fine;
  int cell = 1;  ///< fine cells of one
  double peak = 0;
};

FineHeat fine_heat(const cv::Mat& heat) {
  constexpr int kFineSide = 128;
  FineHeat result;
  result.cell = std::max(1, kFineSide / std::max(1, heat.rows));
  cv::resize(heat, result.fine, heat.size() * result.cell, 0, 0, cv::INTER_CUBIC);
  cv::minMaxLoc(result.fine, nullptr, &result.peak);
  return result;
}

/// Around what is hotter than a share of the peak.
Box box_above(const FineHeat& heat, double share) {
  constexpr double kPieceShare = 0.05;  // with kHot chosen for box AP on 360 photos of the val split
  const cv::Mat& fine = heat.fine;
  cv::Mat labels, stats, centroids;
  const int pieces = cv::connectedComponentsWithStats(fine >= share * heat.peak, labels, stats, centroids, 8);
  std::vector<double> sum(static_cast<size_t>(pieces));  // heat of each piece; 0 is what is not hot
  for (int y = 0; y < fine.rows; ++y)
    for (int x = 0; x < fine.cols; ++x) sum[static_cast<size_t>(labels.at<int>(y, x))] += fine.at<float>(y, x);
  const double most = *std::max_element(sum.begin() + 1, sum.end());
  cv::Rect box;
  for (int i = 1; i < pieces; ++i) {
    const int* s = stats.ptr<int>(i);
    if (sum[static_cast<size_t>(i)] >= kPieceShare * most)
      box |= cv::Rect(s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]);
  }
  // A large cell is hot from a few changed pixels on, so the heat reaches beyond them.
  const double margin = heat.cell > 2 ? heat.cell / 4.0 : 0;
  const auto shrunk = [&](int length) { return length > 3 * margin ? length - 2 * margin : length; };
  return {(box.x + box.width / 2.0) / fine.cols, (box.y + box.height / 2.0) / fine.rows, shrunk(box.width) / fine.cols,
          shrunk(box.height) / fine.rows};
}

}  // namespace

Box box_of_heat(const cv::Mat& heat, const std::optional<Box>& expected) {
  constexpr double kHot = 0.6, kLeastHot = 0.2, kMostHot = 0.95, kStep = 0.05;
  constexpr double kPull = 0.5;  // overlap that a share of the peak must gain for each 1 that it is off kHot
  const FineHeat hot = fine_heat(heat);
  if (!(hot.peak > 0)) return {};
  Box best = box_above(hot, kHot);
  if (!expected) return best;
  double most = box_iou(best, *expected);
  for (double share = kLeastHot; share < kMostHot; share += kStep) {
    const Box box = box_above(hot, share);
    const double agreement = box_iou(box, *expected) - kPull * std::abs(share - kHot);
    if (agreement > most) most = agreement, best = box;
  }
  return best;
}

void side_by_side(size_t count, const std::function<void(size_t)>& pass) {
  const int threads = at::get_num_threads();
  parallel_for(static_cast<int64_t>(count), [&](int64_t i) {
    const torch::NoGradGuard no_grad;  // these two are of each thread
    at::set_num_threads(1);
    pass(static_cast<size_t>(i));
  });
  at::set_num_threads(threads);
}

std::array<double, kKinds> kinds_of(const torch::Tensor& kind_logits) {
  const torch::Tensor kinds = torch::softmax(kind_logits.to(torch::kFloat), 0);
  std::array<double, kKinds> result{};
  for (int i = 0; i < kKinds; ++i) result[i] = kinds[i].item<double>();
  return result;
}

Box box_of(const torch::Tensor& box) {
  return {box[0].item<double>(), box[1].item<double>(), box[2].item<double>(), box[3].item<double>()};
}

}  // namespace looking3d
