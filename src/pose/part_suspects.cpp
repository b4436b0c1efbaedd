#include "pose/part_suspects.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr int kSide = 128;  ///< longer side of the picture in which distances are measured

double log_at_rate(double heat, double rate) {
  return heat * std::log(rate) + (1 - heat) * std::log(1 - rate);
}

double log_sum(double a, double b) {
  const double larger = std::max(a, b);
  return larger + std::log(std::exp(a - larger) + std::exp(b - larger));
}

/// So many hot and cold pixels of a part that changed: mostly nearly all are hot; else (broken, slid along itself) any share of them is,
/// all orders of magnitude alike, down to the least change that is to be seen at all.
double log_changed(double hot, double cold, double least_share, double partly) {
  constexpr double kWholly = 0.92;  // the rest is where the part looks the same before and after
  constexpr int kSteps = 8;
  const auto at = [&](double rate) { return hot * std::log(rate) + cold * std::log(1 - rate); };
  const double least = std::clamp(least_share, 1e-4, kWholly);
  double sum = -1e300;
  for (int i = 0; i < kSteps; ++i) sum = log_sum(sum, at(least * std::pow(kWholly / least, (i + 0.5) / kSteps)));
  return log_sum(std::log(1 - partly) + at(kWholly), std::log(partly / kSteps) + sum);
}

struct Picture {
  cv::Mat part_id;  ///< CV_16S
  cv::Mat heat;     ///< CV_32F
};

/// Log-likelihoods of the heat around a part, against those of stray heat.
class Likelihood {
 public:
  Likelihood(const Picture& picture, const SuspectOptions& options)
      : picture_(picture), options_(options), far_(static_cast<int>(5 * options.reach * picture.heat.cols)) {
    const auto rates = [&](double near) {
      std::vector<double> table;
      for (int d = 0; d <= far_; ++d) table.push_back(options.stray + near * std::exp(-d / (options.reach * picture.heat.cols)));
      return table;
    };
    background_ = rates(options.near_background), other_ = rates(options.near_other);
  }

  /// For a part with these pixels (CV_8U, 255 on it).
  double of(const cv::Mat& pixels) const {
    cv::Mat distance;
    cv::distanceTransform(pixels == 0, distance, cv::DIST_L2, cv::DIST_MASK_3);
    double hot = 0, cold = 0, stray_here = 0, appeared = 0;
    for (int y = 0; y < pixels.rows; ++y) {
      for (int x = 0; x < pixels.cols; ++x) {
        const double heat = picture_.heat.at<float>(y, x), d = distance.at<float>(y, x);
        if (d == 0) {
          hot += heat, cold += 1 - heat;
          stray_here += log_at_rate(heat, options_.stray);
        } else if (d <= far_) {
          const std::vector<double>& rates = picture_.part_id.at<short>(y, x) < 0 ? background_ : other_;
          appeared += log_at_rate(heat, rates[static_cast<size_t>(d)]) - log_at_rate(heat, options_.stray);
        }
      }
    }
    const double scale = picture_.heat.cols * picture_.heat.cols / (128.0 * 128.0), unit = options_.correlated_px * scale;
    const double itself =
        log_changed(hot / unit, cold / unit, options_.least_px * scale / (hot + cold), options_.partly) - stray_here / unit;
    return itself + log_sum(std::log(1 - options_.moved), std::log(options_.moved) + appeared / unit);
  }

 private:
  const Picture& picture_;
  const SuspectOptions& options_;
  int far_;
  std::vector<double> background_, other_;
};

Picture at_working_size(const cv::Mat& part_id, const cv::Mat& heat) {
  const double scale = std::min(1.0, static_cast<double>(kSide) / std::max(part_id.cols, part_id.rows));
  const cv::Size size(cvRound(scale * part_id.cols), cvRound(scale * part_id.rows));
  Picture picture;
  cv::resize(part_id, picture.part_id, size, 0, 0, cv::INTER_NEAREST);
  cv::resize(heat, picture.heat, size, 0, 0, heat.cols > size.width ? cv::INTER_AREA : cv::INTER_LINEAR);
  picture.heat = cv::max(cv::min(picture.heat, 1.0), 0.0);
  return picture;
}

}  // namespace

std::vector<PartSuspect> part_suspects(const cv::Mat& part_id, const cv::Mat& heat, int part_count, const SuspectOptions& options) {
  L3D_CHECK_EQ(part_id.type(), CV_16S);
  L3D_CHECK_EQ(heat.type(), CV_32F);
  const Picture picture = at_working_size(part_id, heat);
  const Likelihood likelihood(picture, options);
  const int object = cv::countNonZero(picture.part_id >= 0);
  std::vector<PartSuspect> suspects;
  std::vector<double> logs;
  double best = -1e300;
  for (int part = 0; part < part_count; ++part) {
    const cv::Mat pixels = picture.part_id == part;
    const int count = cv::countNonZero(pixels);
    suspects.push_back({part, 0, 0, 0});
    logs.push_back(count > 0 ? likelihood.of(pixels) : -1e300);
    best = std::max(best, logs.back());
    if (count == 0) continue;
    suspects.back().change = cv::mean(picture.heat, pixels)[0];
    suspects.back().visible = static_cast<double>(count) / object;
  }
  double total = 0;
  for (size_t i = 0; i < suspects.size(); ++i)
    if (suspects[i].visible > 0) total += suspects[i].share = std::exp(logs[i] - best);
  for (PartSuspect& suspect : suspects) suspect.share = total > 0 ? suspect.share / total : 0;
  std::stable_sort(suspects.begin(), suspects.end(), [](const PartSuspect& a, const PartSuspect& b) { return a.share > b.share; });
  return suspects;
}

}  // namespace looking3d
