#pragma once
// The shortcut test: can trivial statistics of a photo, which say nothing of its reference, tell damaged from whole? In a sound data set
// they cannot, so a detector has nothing to learn but the damage.
#include <array>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "base/ranking.h"
#include "geometry/camera.h"

namespace looking3d {

inline constexpr std::array kTrivialNames = {
    "mean blue",     "mean green",      "mean red",        "spread of blue",  "spread of green",   "spread of red",   "mean of background",
    "object area",   "object centre x", "object centre y", "object width",    "object height",     "noise on object", "noise on background",
    "bytes of file", "elevation",       "distance",        "sine of azimuth", "cosine of azimuth", "light",           "materials"};
using TrivialStatistics = std::array<double, kTrivialNames.size()>;

/// What is known of a photo besides its pixels.
struct TakenHow {
  uint64_t bytes = 0;  ///< of the photo's file
  OrbitView view;
  int light = 0;      ///< number of the light set-up
  int materials = 0;  ///< different ones on the piece; 0 when unknown
};

/// `object`: mask of the photographed piece. Colours over the object, noise as the median step between neighbouring pixels, areas and
/// lengths as shares of the picture.
TrivialStatistics trivial_statistics(const cv::Mat& bgr, const cv::Mat& object, const TakenHow& how);

struct ShortcutCase {
  std::string shape;  ///< photos of a shape stay in one fold
  bool anomalous = false;
  TrivialStatistics statistics{};
};

struct ShortcutResult {
  double auc = kUndefined;                            ///< of scores that each photo got from a classifier fitted without its fold
  Interval interval;                                  ///< 95 %, over shapes
  std::vector<std::pair<std::string, double>> alone;  ///< AUC of each statistic by itself, furthest from 0.5 first
};
/// Logistic regression on the statistics, their squares and products, five folds of shapes. NaN without both classes or with fewer than ten
/// shapes.
ShortcutResult shortcut_test(const std::vector<ShortcutCase>& cases);

}  // namespace looking3d
