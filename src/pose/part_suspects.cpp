#include "pose/part_suspects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr int kSide = 128;  ///< longer side of the picture in which distances are measured

double log_sum(double a, double b) {
  const double larger = std::max(a, b);
  return larger + std::log(std::exp(a - larger) + std::exp(b - larger));
}

constexpr double kLeastTold = 1e-3;  ///< of a part: less says no more
constexpr double kFew_px = 20;       ///< of a picture 128 wide
constexpr int kBins = 64;            ///< levels of heat that are told apart
using Histogram = std::array<int, kBins>;
using BinLogs = std::array<double, kBins>;

struct Picture {
  cv::Mat part_id;  ///< CV_16S
  cv::Mat heat;     ///< CV_8U: bin of each pixel
};

double sum_over(const Histogram& pixels, const BinLogs& logs) {
  double sum = 0;
  for (int bin = 0; bin < kBins; ++bin) sum += pixels[bin] * logs[bin];
  return sum;
}

/// Log-likelihoods of the heat, were a part the changed one, against those of stray changes alone.
class Likelihood {
 public:
  Likelihood(const Picture& picture, const SuspectOptions& options)
      : picture_(picture),
        options_(options),
        pixel_(picture.heat.cols * picture.heat.cols / (128.0 * 128.0)),
        stray_(logs_at(options.stray)),
        wholly_(logs_against_stray(kWholly)) {
    const double width = options.reach * picture.heat.cols;
    for (int d = 0; d <= static_cast<int>(5 * width); ++d) {
      background_.push_back(logs_against_stray(options.stray + options.near_background * std::exp(-d / width)));
      other_.push_back(logs_against_stray(options.stray + options.near_other * std::exp(-d / width)));
    }
  }

  /// For a part with these pixels (CV_8U, 255 on it).
  double of(const cv::Mat& pixels) const {
    cv::Mat distance;
    cv::distanceTransform(pixels == 0, distance, cv::DIST_L2, cv::DIST_MASK_3);
    Histogram own{};
    double appeared = 0;
    for (int y = 0; y < pixels.rows; ++y) {
      for (int x = 0; x < pixels.cols; ++x) {
        const uchar bin = picture_.heat.at<uchar>(y, x);
        const auto d = static_cast<size_t>(distance.at<float>(y, x));
        if (pixels.at<uchar>(y, x) != 0) {
          ++own[bin];
        } else if (d < background_.size()) {
          appeared += (picture_.part_id.at<short>(y, x) < 0 ? background_ : other_)[d][bin];
        }
      }
    }
    const double unit = options_.correlated_px * pixel_;
    return of_own(own, cv::countNonZero(pixels), unit) + log_sum(std::log(1 - options_.moved), std::log(options_.moved) + appeared / unit);
  }

 private:
  static constexpr double kWholly = 0.92;  ///< the rest is where a part looks the same before and after

  /// Of a pixel of each bin, when pixels change at this rate.
  BinLogs logs_at(double rate) const {
    BinLogs logs{};
    for (int bin = 0; bin < kBins; ++bin) {
      const double heat = std::clamp((bin + 0.5) / kBins, options_.least, options_.most);
      const double odds = heat / (1 - heat) * (1 - options_.expected) / options_.expected;
      logs[bin] = std::log(1 + rate * (odds - 1));
    }
    return logs;
  }
  BinLogs logs_against_stray(double rate) const {
    BinLogs logs = logs_at(rate);
    for (int bin = 0; bin < kBins; ++bin) logs[bin] -= stray_[bin];
    return logs;
  }

  /// Of the part's own pixels. Mostly nearly all of them change; else (broken, slid along itself) any share does, all orders of magnitude
  /// alike, down to the least change that is to be seen at all.
  double of_own(const Histogram& own, int count, double unit) const {
    constexpr int kSteps = 8;
    const double least = std::clamp(options_.least_px * pixel_ / count, 1e-4, kWholly);
    double partly = -1e300;
    for (int i = 0; i < kSteps; ++i)
      partly = log_sum(partly, sum_over(own, logs_against_stray(least * std::pow(kWholly / least, (i + 0.5) / kSteps))) / unit);
    return log_sum(std::log(1 - options_.partly) + sum_over(own, wholly_) / unit, std::log(options_.partly / kSteps) + partly);
  }

  const Picture& picture_;
  const SuspectOptions& options_;
  double pixel_;  ///< pixels of this picture that are one of a picture 128 wide
  BinLogs stray_, wholly_;
  std::vector<BinLogs> background_, other_;  ///< at each distance from the part
};

/// A map of probabilities of any size, CV_32F, at another one.
cv::Mat probabilities_at(const cv::Mat& map, cv::Size size) {
  cv::Mat result;
  cv::resize(map, result, size, 0, 0, map.cols > size.width ? cv::INTER_AREA : cv::INTER_LINEAR);
  return cv::max(cv::min(result, 1.0), 0.0);
}

cv::Size working_size(const cv::Mat& part_id) {
  const double scale = std::min(1.0, static_cast<double>(kSide) / std::max(part_id.cols, part_id.rows));
  return {cvRound(scale * part_id.cols), cvRound(scale * part_id.rows)};
}

}  // namespace

std::vector<PartSuspect> part_suspects(const cv::Mat& part_id, const cv::Mat& heat, int part_count, const cv::Mat& told,
                                       const SuspectOptions& options) {
  L3D_CHECK_EQ(part_id.type(), CV_16S);
  L3D_CHECK_EQ(heat.type(), CV_32F);
  const cv::Size size = working_size(part_id);
  const cv::Mat change = probabilities_at(heat, size);
  const cv::Mat of_part = told.empty() ? cv::Mat() : probabilities_at(told, size);
  Picture picture;
  cv::resize(part_id, picture.part_id, size, 0, 0, cv::INTER_NEAREST);
  change.convertTo(picture.heat, CV_8U, kBins, -0.5);  // rounds to the bin's number
  picture.heat = cv::min(picture.heat, kBins - 1);
  const Likelihood likelihood(picture, options);
  const int object = cv::countNonZero(picture.part_id >= 0);
  std::vector<PartSuspect> suspects;
  std::vector<double> logs;
  double best = -1e300;
  for (int part = 0; part < part_count; ++part) {
    const cv::Mat pixels = picture.part_id == part;
    const int count = cv::countNonZero(pixels);
    suspects.push_back({part, 0, 0, 0});
    logs.push_back(-1e300);
    if (count == 0) continue;
    suspects.back().change = cv::mean(change, pixels)[0];
    suspects.back().visible = static_cast<double>(count) / object;
    // A few pixels have no mean to speak of.
    const double few = kFew_px * size.width * size.width / (128.0 * 128.0);
    logs.back() = likelihood.of(pixels) + options.density * std::log(suspects.back().change * count / (count + few) + 1e-4);
    if (!of_part.empty()) logs.back() += options.told * std::log(std::max(cv::mean(of_part, pixels)[0], kLeastTold));
    best = std::max(best, logs.back());
  }
  double total = 0;
  for (size_t i = 0; i < suspects.size(); ++i)
    if (suspects[i].visible > 0) total += suspects[i].share = std::exp(logs[i] - best);
  for (PartSuspect& suspect : suspects) suspect.share = total > 0 ? suspect.share / total : 0;
  std::stable_sort(suspects.begin(), suspects.end(), [](const PartSuspect& a, const PartSuspect& b) { return a.share > b.share; });
  return suspects;
}

}  // namespace looking3d
