#include "engine/explain.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "photo/photo.h"

namespace looking3d {
namespace {

constexpr double kFewest_px = 8;      ///< pixels of a picture 128 wide below which a part cannot be judged
constexpr double kRivalShare = 0.08;  ///< a second suspect at least this likely is looked at as well
constexpr double kBetter = 0.85;      ///< it takes the first one's place when it explains the photo at this share of the cost

/// Of kind_terms, for each kind: fitted to 586 anomalies of data128's train split with their true change maps, masks and cameras.
constexpr std::array<std::array<double, kKindTerms>, kKinds> kKindWeights{{
    {-1.58, 0.35, 0.68, 0.08, 0.23, 1.68, -2.54, 2.46},       // position
    {-1.42, 0.37, 0.58, 0.12, 0.09, 1.09, 2.02, -0.85},       // rotation
    {0.97, -0.94, -0.01, -0.21, 1.30, 0.88, 0.57, -2.34},     // broken
    {2.43, 0.50, 0.10, 0.48, -0.59, -3.28, 0.62, 0.13},       // swapped
    {-0.40, -0.27, -1.34, -0.46, -1.03, -0.38, -0.67, 0.60},  // missing
}};
constexpr double kCostNoise = 5;         ///< pixels; costs below 0 are outlines that follow edges very well
constexpr double kGeometryTrust = 0.35;  ///< exponent of what geometry says beside a network: found change maps are not the true ones

PartMotionFit motion_of(const Shape& shape, int part, const ChangeEvidence& evidence) {
  std::vector<const TriangleMesh*> rest;
  for (size_t i = 0; i < shape.parts.size(); ++i)
    if (static_cast<int>(i) != part) rest.push_back(&shape.parts[i].mesh);
  return fit_motion(shape.parts[static_cast<size_t>(part)].mesh, rest, orbit_camera(evidence.view, evidence.object.cols),
                    {evidence.object, evidence.heat, evidence.bgr});
}

/// The motion of the first suspect. A likely second one is given its chance: where parts meet, a change map may lie on both, but only one
/// of them explains it by having gone or moved.
PartMotionFit motion_of_suspect(const Shape& shape, ChangeEvidence evidence, std::vector<PartSuspect>& parts) {
  if (!evidence.bgr.empty()) evidence.bgr = square_photo(evidence.bgr, evidence.object.cols);
  PartMotionFit first = motion_of(shape, parts[0].part, evidence);
  if (parts.size() < 2 || parts[1].share < kRivalShare || shape.parts[static_cast<size_t>(parts[1].part)].mesh.empty()) return first;
  PartMotionFit second = motion_of(shape, parts[1].part, evidence);
  const auto least = [](const PartMotionFit& fit) { return std::max(0.0, std::min({fit.cost, fit.removed, fit.unmoved})) + kCostNoise; };
  if (least(second) > kBetter * least(first)) return first;
  std::swap(parts[0], parts[1]);
  std::swap(parts[0].share, parts[1].share);
  return second;
}

/// How hot a change map is above half of its peak, as large as asked for.
cv::Mat clear_heat(const cv::Mat& heat, cv::Size size) {
  cv::Mat fine;
  cv::resize(heat, fine, size, 0, 0, cv::INTER_LINEAR);
  double peak = 0;
  cv::minMaxLoc(fine, nullptr, &peak);
  return cv::max(fine - peak / 2, 0.0);
}

/// The parts by how much of the cover lies on them, most covered first; theirs is the evidence then.
void rank_by_cover(const cv::Mat& part_id, const cv::Mat& heat, const cv::Mat& cover, std::vector<PartSuspect>& parts) {
  cv::Mat fine;
  cv::resize(cover, fine, part_id.size(), 0, 0, cv::INTER_LINEAR);
  fine = fine.mul(clear_heat(heat, part_id.size()));
  std::vector<double> covered(parts.size(), 0);
  double total = 0;
  for (int y = 0; y < part_id.rows; ++y)
    for (int x = 0; x < part_id.cols; ++x) {
      const int part = part_id.at<short>(y, x);
      if (part < 0) continue;
      covered[static_cast<size_t>(part)] += fine.at<float>(y, x), total += fine.at<float>(y, x);
    }
  if (total == 0) return;
  for (PartSuspect& suspect : parts) suspect.share = covered[static_cast<size_t>(suspect.part)] / total;
  std::stable_sort(parts.begin(), parts.end(), [](const PartSuspect& a, const PartSuspect& b) { return a.share > b.share; });
}

}  // namespace

bool Explanation::is_cover() const {
  if (!covered) return false;
  const double most = *std::max_element(kinds.begin(), kinds.end());  // 0 where nobody tells kinds
  return *covered > (1 - *covered) * (most > 0 ? most : 1);
}

std::optional<double> covered_share(const cv::Mat& heat, const cv::Mat& cover) {
  if (heat.empty() || cover.empty()) return std::nullopt;
  cv::Mat fine;
  cv::resize(cover, fine, heat.size(), 0, 0, cv::INTER_LINEAR);
  const cv::Mat weight = clear_heat(heat, heat.size());
  const double total = cv::sum(weight)[0];
  return total > 0 ? fine.dot(weight) / total : 0;
}

std::array<double, kKindTerms> kind_terms(const PartMotionFit& fit) {
  // Costs near 0 are noise; those below 0 are outlines that follow edges very well.
  const auto log_of = [](double cost) { return std::log(std::max(cost, 0.0) + kCostNoise); };
  const double cost = log_of(fit.cost), unmoved = log_of(fit.unmoved), removed = log_of(fit.removed);
  return {1,
          unmoved - cost,
          removed - cost,
          cost - std::log(fit.visible_px + 30),
          removed - unmoved,
          fit.lost_share,
          std::min(fit.motion.turn_rad(), 1.5),
          std::min(2 * fit.motion.shift.norm(), 1.0)};
}

std::array<double, kKinds> combined_kinds(const std::optional<std::array<double, kKinds>>& network, const PartMotionFit& fit) {
  const std::array<double, kKindTerms> terms = kind_terms(fit);
  std::array<double, kKinds> kinds{};
  double most = -1e300;
  for (size_t k = 0; k < kKinds; ++k) {
    const double geometry = std::inner_product(terms.begin(), terms.end(), kKindWeights[k].begin(), 0.0);
    kinds[k] = network ? std::log(std::max((*network)[k], 1e-4)) + kGeometryTrust * geometry : geometry;
    most = std::max(most, kinds[k]);
  }
  double total = 0;
  for (double& kind : kinds) total += kind = std::exp(kind - most);
  for (double& kind : kinds) kind /= total;
  return kinds;
}

Explanation explain_change(const ReferenceData& reference, const ChangeEvidence& evidence, bool deviates) {
  Explanation found;
  const int size = evidence.object.cols;
  const Layers layers = render_layers(reference.scene, orbit_camera(evidence.view, size));
  found.parts = part_suspects(layers.part_id, evidence.heat, reference.scene.part_count(), evidence.part);
  if (evidence.kinds) found.kinds = *evidence.kinds;
  found.covered = covered_share(evidence.heat, evidence.cover);
  if (!found.is_cover() && deviates && !found.parts.empty() && found.parts[0].visible > 0) {
    found.motion = motion_of_suspect(reference.shape, evidence, found.parts);
    found.kinds = combined_kinds(evidence.kinds, *found.motion);
  }
  if (deviates && found.is_cover()) {
    found.motion.reset();
    rank_by_cover(layers.part_id, evidence.heat, evidence.cover, found.parts);
  }

  const std::vector<int> pixels = part_pixels(layers.part_id, reference.scene.part_count());
  for (size_t part = 0; part < pixels.size(); ++part)
    if (pixels[part] * 128.0 * 128.0 / (size * size) < kFewest_px) found.not_judged.push_back(static_cast<int>(part));
  found.next = next_view(reference.scene, found.not_judged);
  return found;
}

}  // namespace looking3d
