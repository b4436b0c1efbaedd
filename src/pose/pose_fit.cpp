#include "pose/pose_fit.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace looking3d {
namespace {

constexpr double kIndependentPoints = 60;  ///< neighbouring points of an edge err together: a whole outline is worth so many
constexpr double kPixelNoise = 0.7;        ///< pixels: what a well matched point is off by
constexpr double kLongestStep[kPoseParameters] = {0.2, 0.2, 0.15, 0.2, 0.15, 0.15, 0.2};
constexpr double kFullStrength = 2;  ///< of its neighbourhood's usual gradient: such an edge counts in full
constexpr double kStiffness = 1e-3;  ///< keeps directions that nothing pulls where they are

/// Tukey's weight: 1 at 0, 0 from `limit` on. What is far off is damage or another edge.
double tukey(double residual, double limit) {
  const double share = residual / limit;
  return std::abs(share) >= 1 ? 0 : (1 - share * share) * (1 - share * share);
}

/// Sums of one round of matching.
struct NormalEquations {
  PoseMatrix a = PoseMatrix::Zero();
  PoseVector b = PoseVector::Zero();
  double weight = 0;

  void add(const Eigen::Matrix<double, 1, kPoseParameters>& row, double residual, double w) {
    a.selfadjointView<Eigen::Lower>().rankUpdate(row.transpose(), w);
    b += w * residual * row.transpose();
    weight += w;
  }
};

struct Matching {
  int points = 0, matched = 0;
  double weight = 0, absolute = 0;
};

/// Where the object ends near a point of the outline, by the photo's own edges or by the mask (NaN: nowhere), and how much that counts.
PoseTarget::Edge end_of_object(const PoseTarget& target, const Eigen::Vector2d& at, const Eigen::Vector2d& normal, int reach,
                               bool by_photo) {
  if (!by_photo) return {target.outline_offset(at, normal, reach), 1};
  const PoseTarget::Edge edge = target.edge_offset(at, normal, reach);
  return edge.strength == 0 ? PoseTarget::Edge{std::nan(""), 0}
                            : PoseTarget::Edge{edge.offset, std::min(1.0, edge.strength / kFullStrength)};
}

void add_outline(const std::vector<EdgePoint>& outline, const PoseDerivatives& camera, const PoseTarget& target, int reach, bool by_photo,
                 NormalEquations& equations, Matching& matching) {
  Eigen::Vector2d at;
  PointJacobian jacobian;
  for (const EdgePoint& point : outline) {
    if (!camera.project(point.x_in_world, at, jacobian)) continue;
    ++matching.points;
    const auto [offset, strength] = end_of_object(target, at, point.normal, reach, by_photo);
    if (std::isnan(offset)) continue;
    ++matching.matched;
    const double weight = strength * tukey(offset, reach + 0.5);
    equations.add(point.normal.transpose() * jacobian, offset, weight);
    matching.weight += weight;
    matching.absolute += weight * std::abs(offset);
  }
}

void add_inner(const std::vector<EdgePoint>& inner, const PoseDerivatives& camera, const PoseTarget& target, int reach, double share,
               NormalEquations& equations) {
  Eigen::Vector2d at;
  PointJacobian jacobian;
  for (const EdgePoint& point : inner) {
    if (!camera.project(point.x_in_world, at, jacobian)) continue;
    const PoseTarget::Edge edge = target.edge_offset(at, point.normal, reach);
    if (edge.strength == 0) continue;
    const double weight = share * std::min(1.0, edge.strength / kFullStrength) * tukey(edge.offset, reach + 0.5);
    equations.add(point.normal.transpose() * jacobian, edge.offset, weight);
  }
}

/// Adds what the prior wants; a parameter held fast gets no freedom at all.
void add_prior(const PosePrior& prior, const PoseVector& parameters, PoseMatrix& a, PoseVector& b) {
  for (int k = 0; k < kPoseParameters; ++k) {
    if (prior.deviation[k] == 0) {
      a.row(k).setZero(), a.col(k).setZero();
      a(k, k) = 1e12, b[k] = 0;
      continue;
    }
    const double precision = 1 / (prior.deviation[k] * prior.deviation[k]);
    a(k, k) += precision;
    b[k] += precision * (prior.mean[k] - parameters[k]);
  }
}

}  // namespace

PoseVector parameters_of(const OrbitView& view) {
  PoseVector p;
  p << view.azimuth_rad, view.elevation_rad, view.roll_rad, std::log(view.distance), view.shift_x, view.shift_y,
      std::log(view.focal_per_width);
  return p;
}

OrbitView view_of(const PoseVector& p) {
  return {.azimuth_rad = p[0],
          .elevation_rad = p[1],
          .roll_rad = p[2],
          .distance = std::exp(p[3]),
          .shift_x = p[4],
          .shift_y = p[5],
          .focal_per_width = std::exp(p[6])};
}

PoseDerivatives::PoseDerivatives(const OrbitView& view, int size) : camera(orbit_camera(view, size)) {
  constexpr double kStep = 1e-5;
  for (int k = 0; k < 3; ++k) {
    PoseVector plus = parameters_of(view), minus = plus;
    plus[k] += kStep, minus[k] -= kStep;
    turns[k] =
        (orbit_camera(view_of(plus), size).camera_from_world.linear() - orbit_camera(view_of(minus), size).camera_from_world.linear()) /
        (2 * kStep);
  }
}

bool PoseDerivatives::project(const Eigen::Vector3d& x_in_world, Eigen::Vector2d& at, PointJacobian& jacobian) const {
  const Eigen::Vector3d x = camera.camera_from_world.linear() * x_in_world + camera.camera_from_world.translation();
  if (x.z() < 0.05) return false;
  const double scale = camera.focal_px / x.z();
  const Eigen::Vector2d from_centre(scale * x.x(), scale * x.y());
  at = from_centre + camera.centre_px;
  for (int k = 0; k < 3; ++k) {
    const Eigen::Vector3d moved = turns[k] * x_in_world;
    jacobian.col(k) = scale * moved.head<2>() - from_centre * (moved.z() / x.z());
  }
  // The camera looks at the world's origin, so its distance moves every point along the optical axis alone.
  jacobian.col(3) = -from_centre * (camera.camera_from_world.translation().z() / x.z());
  jacobian.col(4) = Eigen::Vector2d(camera.width, 0);
  jacobian.col(5) = Eigen::Vector2d(0, camera.width);
  jacobian.col(6) = from_centre;
  return true;
}

PoseFit fit_pose(const OrbitView& start, const std::vector<EdgePoint>& outline, const std::vector<EdgePoint>& inner,
                 const PoseTarget& target, const PosePrior& prior, const PoseFitOptions& options) {
  PoseFit fit{.view = start};
  PoseVector parameters = parameters_of(start);
  for (int round = 0; round < options.iterations; ++round) {
    const PoseDerivatives camera(fit.view, target.size());
    const int reach = std::max(2, options.reach - round);  // what was far at first is near by now, or wrong
    NormalEquations equations;
    Matching matching;
    add_outline(outline, camera, target, reach, options.outline_by_photo, equations, matching);
    if (options.inner_weight > 0 && target.has_edges())
      add_inner(inner, camera, target, std::min(reach, 3), options.inner_weight, equations);
    if (matching.matched < 8) break;
    fit.matched = static_cast<double>(matching.matched) / matching.points;
    fit.residual_px = matching.absolute / std::max(matching.weight, 1e-9);

    // Points of one edge err together, so all of them count as kIndependentPoints.
    const double noise = std::max(kPixelNoise, fit.residual_px);
    const double scale = kIndependentPoints / std::max(equations.weight, 1e-9) / (noise * noise);
    PoseMatrix a = PoseMatrix(equations.a.selfadjointView<Eigen::Lower>()) * scale;
    PoseVector b = equations.b * scale;
    a.diagonal().array() += kStiffness * (a.diagonal().array().abs() + 1);
    add_prior(prior, parameters, a, b);
    const Eigen::LDLT<PoseMatrix> solver(a);
    const PoseVector step = solver.solve(b);
    fit.covariance = solver.solve(PoseMatrix::Identity());
    if (!step.allFinite()) break;
    for (int k = 0; k < kPoseParameters; ++k) parameters[k] += std::clamp(step[k], -kLongestStep[k], kLongestStep[k]);
    parameters[1] = std::clamp(parameters[1], -1.4, 1.4);
    parameters[3] = std::clamp(parameters[3], std::log(1.2), std::log(20.0));
    fit.view = view_of(parameters);
    if (step.cwiseAbs().maxCoeff() < 2e-4) break;
  }
  return fit;
}

}  // namespace looking3d
