#include "dataset/shortcut.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <set>

#include "base/check.h"
#include "base/random.h"

namespace looking3d {
namespace {

constexpr int kFolds = 5;
constexpr size_t kFewestShapes = 10;
constexpr int kNewtonSteps = 12;
constexpr Eigen::Index kMultiplied = 17;  ///< how many have products: more would drown what a small set can tell
constexpr double kRidge = 10;             ///< pull of the standardised coefficients towards 0; as strong as some tens of photos

/// Median absolute difference of horizontal neighbours that both lie in the mask.
double median_step(const cv::Mat& grey, const cv::Mat& mask) {
  std::array<int64_t, 256> count{};
  int64_t total = 0;
  for (int y = 0; y < grey.rows; ++y)
    for (int x = 1; x < grey.cols; ++x) {
      if (!mask.at<uchar>(y, x) || !mask.at<uchar>(y, x - 1)) continue;
      ++count[static_cast<size_t>(std::abs(grey.at<uchar>(y, x) - grey.at<uchar>(y, x - 1)))];
      ++total;
    }
  if (total == 0) return 0;
  // Interpolate within the step's bin: most medians are a few grey levels.
  int64_t below = 0;
  size_t step = 0;
  while (below + count[step] < (total + 1) / 2) below += count[step++];
  return static_cast<double>(step) + (static_cast<double>(total) / 2 - static_cast<double>(below)) / static_cast<double>(count[step]);
}

/// The statistics, their squares and the products of the first ones, standardised over the rows; the last column is 1.
Eigen::MatrixXd design_matrix(const std::vector<ShortcutCase>& cases) {
  constexpr auto kCount = static_cast<Eigen::Index>(kTrivialNames.size());
  const auto rows = static_cast<Eigen::Index>(cases.size());
  const auto standardise = [](Eigen::Ref<Eigen::MatrixXd> columns) {
    for (Eigen::Index c = 0; c < columns.cols(); ++c) {
      columns.col(c).array() -= columns.col(c).mean();
      const double deviation = std::sqrt(columns.col(c).squaredNorm() / static_cast<double>(columns.rows()));
      if (deviation > 1e-12) columns.col(c) /= deviation;
    }
  };
  Eigen::MatrixXd plain(rows, kCount);
  for (Eigen::Index r = 0; r < rows; ++r)
    for (Eigen::Index c = 0; c < kCount; ++c) plain(r, c) = cases[static_cast<size_t>(r)].statistics[static_cast<size_t>(c)];
  standardise(plain);
  Eigen::MatrixXd design(rows, 2 * kCount + kMultiplied * (kMultiplied - 1) / 2 + 1);
  design.leftCols(kCount) = plain;
  Eigen::Index column = kCount;
  for (Eigen::Index a = 0; a < kCount; ++a)
    for (Eigen::Index b = a; b < kCount; ++b)
      if (a == b || b < kMultiplied) design.col(column++) = plain.col(a).cwiseProduct(plain.col(b));
  standardise(design.middleCols(kCount, column - kCount));
  design.col(column).setOnes();
  return design;
}

/// Ridge logistic regression by Newton's method, on the rows where `used` is 1.
Eigen::VectorXd fit(const Eigen::MatrixXd& design, const Eigen::VectorXd& target, const Eigen::VectorXd& used) {
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(design.cols());
  for (int step = 0; step < kNewtonSteps; ++step) {
    const Eigen::VectorXd p = (1 + (-(design * weights).array()).exp()).inverse();
    const Eigen::VectorXd gradient = design.transpose() * (used.array() * (p - target).array()).matrix() + kRidge * weights;
    const Eigen::VectorXd curvature = used.array() * p.array() * (1 - p.array());
    Eigen::MatrixXd hessian = design.transpose() * curvature.asDiagonal() * design;
    hessian.diagonal().array() += kRidge;
    weights -= hessian.ldlt().solve(gradient);
  }
  return weights;
}

}  // namespace

TrivialStatistics trivial_statistics(const cv::Mat& bgr, const cv::Mat& object, const TakenHow& how) {
  L3D_CHECK_EQ(bgr.type(), CV_8UC3);
  L3D_CHECK(bgr.size() == object.size(), "photo and mask of one size");
  cv::Scalar mean, spread;
  cv::meanStdDev(bgr, mean, spread, object);
  cv::Mat grey;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  const cv::Mat background = object == 0;
  const cv::Rect box = cv::boundingRect(object);
  const double width = bgr.cols, height = bgr.rows;
  return {mean[0],
          mean[1],
          mean[2],
          spread[0],
          spread[1],
          spread[2],
          cv::mean(grey, background)[0],
          cv::countNonZero(object) / (width * height),
          (box.x + box.width / 2.0) / width,
          (box.y + box.height / 2.0) / height,
          box.width / width,
          box.height / height,
          median_step(grey, object),
          median_step(grey, background),
          static_cast<double>(how.bytes),
          degrees(how.view.elevation_rad),
          how.view.distance,
          std::sin(how.view.azimuth_rad),
          std::cos(how.view.azimuth_rad),
          static_cast<double>(how.light),
          static_cast<double>(how.materials)};
}

ShortcutResult shortcut_test(const std::vector<ShortcutCase>& cases) {
  ShortcutResult result;
  std::set<std::string> distinct;
  std::vector<std::string> shapes;
  Eigen::VectorXd target(static_cast<Eigen::Index>(cases.size()));
  for (size_t i = 0; i < cases.size(); ++i) {
    distinct.insert(cases[i].shape);
    shapes.push_back(cases[i].shape);
    target[static_cast<Eigen::Index>(i)] = cases[i].anomalous;
  }
  if (distinct.size() < kFewestShapes || target.sum() == 0 || target.sum() == static_cast<double>(cases.size())) return result;

  // Folds by the shape's name: each photo is scored by a classifier that saw no photo of its shape.
  const Eigen::MatrixXd design = design_matrix(cases);
  std::vector<LabelledScore> scores(cases.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    Eigen::VectorXd used(target.size());
    for (size_t i = 0; i < cases.size(); ++i)
      used[static_cast<Eigen::Index>(i)] = identity(1, "fold", shapes[i]) % kFolds != static_cast<uint64_t>(fold);
    const Eigen::VectorXd logits = design * fit(design, target, used);
    for (size_t i = 0; i < cases.size(); ++i)
      if (used[static_cast<Eigen::Index>(i)] == 0) scores[i] = {logits[static_cast<Eigen::Index>(i)], cases[i].anomalous};
  }
  result.auc = auc(scores);
  result.interval = bootstrap_interval(scores, shapes, [](const std::vector<LabelledScore>& some) { return auc(some); });

  for (size_t s = 0; s < kTrivialNames.size(); ++s) {
    for (size_t i = 0; i < cases.size(); ++i) scores[i] = {cases[i].statistics[s], cases[i].anomalous};
    result.alone.emplace_back(kTrivialNames[s], auc(scores));
  }
  std::stable_sort(result.alone.begin(), result.alone.end(),
                   [](const auto& a, const auto& b) { return std::abs(a.second - 0.5) > std::abs(b.second - 0.5); });
  return result;
}

}  // namespace looking3d
