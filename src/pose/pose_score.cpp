#include "pose/pose_score.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "pose/pose_index.h"

namespace looking3d {
namespace {

// Conditional logit over the hypotheses of a photo, fitted by `pose_report --fit` (bench) on designs that no report uses.
constexpr std::array<double, kPoseFeatures> kWeights[] = {{6.7, 12.7, 10.7, 0, 0}, {7.0, 11.0, 10.0, 4.0, 0}, {6.8, 6.7, 0.2, 2.3, 1.2}};

constexpr double kNear = 2.5;         ///< pixels at which an outline counts as not near any more
constexpr int kSmallestPatch = 12;    ///< pixels of a part below which its shading is not fitted
constexpr double kFlattening = 0.02;  ///< ridge of the shading's slopes against the normals, per pixel

/// Mean over the marked pixels of 1 - distance / kNear, at least 0.
double near_share(const cv::Mat& marks, const cv::Mat& distance) {
  double sum = 0;
  int count = 0;
  for (int y = 0; y < marks.rows; ++y) {
    const uchar* mark = marks.ptr(y);
    const float* away = distance.ptr<float>(y);
    for (int x = 0; x < marks.cols; ++x)
      if (mark[x] != 0) sum += std::max(0.0, 1 - away[x] / kNear), ++count;
  }
  return count == 0 ? 0 : sum / count;
}

/// Sums for fitting a part's brightness as c + s . normal, all three colours at once.
struct PartFit {
  Eigen::Matrix4d a = Eigen::Matrix4d::Zero();
  Eigen::Matrix<double, 4, 3> b = Eigen::Matrix<double, 4, 3>::Zero();
  double squares = 0;
  int count = 0;
};

/// The photo's colours inside against a fit for each part that is linear in its normals: any material, any smooth light.
double explained_by_shading(const Layers& layers, const PoseTarget& target, const cv::Mat& inside) {
  std::vector<PartFit> fits;
  Eigen::Vector3d sum = Eigen::Vector3d::Zero();
  double squares = 0;
  int count = 0;
  for (int y = 0; y < inside.rows; ++y)
    for (int x = 0; x < inside.cols; ++x) {
      if (inside.at<uchar>(y, x) == 0) continue;
      const auto part = static_cast<size_t>(layers.part_id.at<short>(y, x));
      if (part >= fits.size()) fits.resize(part + 1);
      const cv::Vec3f& n = layers.normal.at<cv::Vec3f>(y, x);
      const cv::Vec3b& seen = target.photo().at<cv::Vec3b>(y, x);
      const Eigen::Vector4d row(1, n[0], n[1], n[2]);
      const Eigen::Vector3d colour(seen[0], seen[1], seen[2]);
      PartFit& fit = fits[part];
      fit.a += row * row.transpose();
      fit.b += row * colour.transpose();
      fit.squares += colour.squaredNorm();
      ++fit.count;
      sum += colour, squares += colour.squaredNorm(), ++count;
    }
  if (count < 4 * kSmallestPatch) return 0;
  double left = 0;
  for (PartFit& fit : fits) {
    if (fit.count == 0) continue;
    if (fit.count < kSmallestPatch) {
      left += fit.squares - fit.b.row(0).squaredNorm() / fit.count;
      continue;
    }
    fit.a.diagonal().tail<3>().array() += kFlattening * fit.count;
    left += fit.squares - (fit.b.transpose() * fit.a.ldlt().solve(fit.b)).trace();
  }
  const double floor = 3.0 * 9 * count;  // noise of 3 grey levels in each colour: less is not told apart
  return std::log((squares - sum.squaredNorm() / count + floor) / (std::max(left, 0.0) + floor));
}

}  // namespace

PoseEvidence weigh_pose(const Layers& layers, const PoseTarget& target) {
  const cv::Mat seen = layers.mask();
  L3D_CHECK_EQ(seen.cols, target.size());
  PoseEvidence evidence;
  evidence.silhouette = mask_iou(seen, target.mask());
  const cv::Mat outline = outline_pixels(seen);
  evidence.outline_seen = near_share(target.outline(), distance_to(outline));
  evidence.outline_found = near_share(outline, target.outline_distance());
  if (!target.has_edges()) return evidence;
  cv::Mat inside;
  cv::erode(seen & target.mask(), inside, cv::Mat(), {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(0));
  evidence.shading = explained_by_shading(layers, target, inside);
  return evidence;
}

std::array<double, kPoseFeatures> features_of(const PoseEvidence& e) {
  return {e.silhouette, e.outline_seen, e.outline_found, e.shading, e.edges};
}

double log_odds(const PoseEvidence& evidence, PoseSource source) {
  const auto features = features_of(evidence);
  const auto& weights = kWeights[static_cast<size_t>(source)];
  double sum = 0;
  for (int k = 0; k < kPoseFeatures; ++k) sum += weights[k] * features[k];
  return sum;
}

std::vector<double> probabilities(const std::vector<double>& log_odds) {
  if (log_odds.empty()) return {};
  const double most = *std::max_element(log_odds.begin(), log_odds.end());
  std::vector<double> shares;
  double sum = 0;
  for (const double value : log_odds) shares.push_back(std::exp(value - most)), sum += shares.back();
  for (double& share : shares) share /= sum;
  return shares;
}

}  // namespace looking3d
