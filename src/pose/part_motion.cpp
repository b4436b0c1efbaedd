#include "pose/part_motion.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/check.h"

namespace looking3d {
namespace {

using Eigen::Isometry3d;
using Eigen::Matrix3d;
using Eigen::Vector3d;
using Vector6d = Eigen::Matrix<double, 6, 1>;
using Matrix6d = Eigen::Matrix<double, 6, 6>;

constexpr std::array kTurns_deg{8.0, 16.0, 28.0, 45.0, 65.0, 90.0, 180.0};
constexpr size_t kManyTriangles = 500;  ///< from which a part is made coarser
constexpr double kCell = 0.008;         ///< canonical units: half a pixel at 128
constexpr double kLeastCost = 5;        ///< pixels: what standing still must cost at least for a motion to be told
constexpr double kMostSteps = 24;       ///< of the coarse search to either side
constexpr double kSmallest_px = 30;     ///< parts are not taken for smaller than that when motions are priced
const Vector6d kPriorSigma = (Vector6d() << 0.6, 0.6, 0.6, 0.25, 0.25, 0.25).finished();  ///< of motions, radians and canonical units

struct Candidate {
  RigidMotion motion;
  double cost = 0;
};

/// The part's axes, longest first, and its half lengths along them.
struct Spread {
  Matrix3d axes;
  Vector3d half;
};

Spread spread_of(const TriangleMesh& mesh, const Vector3d& centre) {
  Matrix3d covariance = Matrix3d::Zero();
  for (size_t t = 0; t < mesh.triangles.size(); ++t) {
    const int i = static_cast<int>(t);
    const Eigen::Vector3f a = mesh.corner(i, 0), b = mesh.corner(i, 1), c = mesh.corner(i, 2);
    const Vector3d middle = ((a + b + c) / 3).cast<double>() - centre;
    covariance += (b - a).cross(c - a).norm() * middle * middle.transpose();
  }
  Spread spread{Eigen::SelfAdjointEigenSolver<Matrix3d>(covariance).eigenvectors().rowwise().reverse(), Vector3d::Zero()};
  for (const Eigen::Vector3f& v : mesh.vertices)
    spread.half = spread.half.cwiseMax((spread.axes.transpose() * (v.cast<double>() - centre)).cwiseAbs());
  return spread;
}

/// Costs of motions at one size of the pictures, with their own price added.
class Search {
 public:
  Search(const TriangleMesh& part, std::span<const TriangleMesh* const> rest, const Camera& camera, const PhotoEvidence& evidence, int size,
         const MotionOptions& options)
      : cost_(part, rest, camera, evidence, size, options.cost),
        options_(options),
        centre_(centre_of(part)),
        world_from_camera_(camera.camera_from_world.linear().transpose()),
        pixel_((camera.camera_from_world * centre_).z() / (camera.focal_px * size / camera.width)) {}

  Candidate at(const RigidMotion& motion) {
    const double part_px = std::max(cost_.visible_px(), kSmallest_px);
    const double price = options_.turn_price * motion.turn_rad() + options_.shift_price * motion.shift.norm();
    return {motion, cost_.at(motion.about(centre_)) + part_px * price};
  }
  /// The motion changed by small turns about the camera's axes (radians) and shifts along them (canonical units).
  RigidMotion changed(const RigidMotion& motion, const Vector6d& step) const {
    const Vector3d turn = world_from_camera_ * step.head<3>();
    const Matrix3d extra = turn.norm() > 0 ? Eigen::AngleAxisd(turn.norm(), turn.normalized()).toRotationMatrix() : Matrix3d::Identity();
    return {extra * motion.turn, motion.shift + world_from_camera_ * step.tail<3>()};
  }

  std::vector<Candidate> coarse(const TriangleMesh& part);
  Candidate refined(Candidate best, double turn_step_rad, double shift_step_px, int halvings);
  /// Covariance of small turns and shifts along the camera's axes around a motion.
  Matrix6d covariance(const Candidate& best);

  const MotionCost& cost() const { return cost_; }
  const Matrix3d& world_from_camera() const { return world_from_camera_; }

 private:
  MotionCost cost_;
  const MotionOptions& options_;
  Vector3d centre_;
  Matrix3d world_from_camera_;
  double pixel_;  ///< canonical units that a pixel spans at the part's centre
};

/// Shifts across the image, and turns about the axes of the part, the object and the camera through the part's centre and its ends (a leg's
/// joint is one of them). Best first; those that are near a better one are left out.
std::vector<Candidate> Search::coarse(const TriangleMesh& part) {
  std::vector<Candidate> found{at({})};
  const int reach = static_cast<int>(std::min(options_.max_shift / (2 * pixel_), kMostSteps));
  for (int i = -reach; i <= reach; ++i)
    for (int j = -reach; j <= reach; ++j)
      if (i * i + j * j <= reach * reach)
        found.push_back(at(changed({}, (Vector6d() << 0, 0, 0, 2 * i * pixel_, 2 * j * pixel_, 0).finished())));

  const Spread spread = spread_of(part, centre_);
  std::vector<Vector3d> axes, pivots{Vector3d::Zero()};
  for (int k = 0; k < 3; ++k)
    for (const Vector3d& axis : {Vector3d(spread.axes.col(k)), Vector3d(Vector3d::Unit(k)), Vector3d(world_from_camera_.col(k))})
      if (std::none_of(axes.begin(), axes.end(), [&](const Vector3d& other) { return std::abs(other.dot(axis)) > 0.97; }))
        axes.push_back(axis);
  for (int k = 0; k < 2; ++k)
    for (const double end : {-1.0, 1.0}) pivots.emplace_back(end * spread.half[k] * spread.axes.col(k));
  for (const Vector3d& axis : axes)
    for (const double turn_deg : kTurns_deg)
      for (const double sign : {-1.0, 1.0}) {
        const Matrix3d turn = Eigen::AngleAxisd(sign * turn_deg * std::numbers::pi / 180, axis).toRotationMatrix();
        for (const Vector3d& pivot : pivots) {
          const Vector3d shift = pivot - turn * pivot;
          if (shift.norm() <= options_.max_shift) found.push_back(at({turn, shift}));
        }
      }
  std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
  std::vector<Candidate> distinct;
  for (const Candidate& candidate : found) {
    const bool fresh = std::none_of(distinct.begin(), distinct.end(), [&](const Candidate& other) {
      const RigidMotion between{candidate.motion.turn * other.motion.turn.transpose(), Vector3d::Zero()};
      return (candidate.motion.shift - other.motion.shift).norm() < 3.5 * pixel_ && between.turn_rad() < 0.3;
    });
    if (fresh) distinct.push_back(candidate);
    if (static_cast<int>(distinct.size()) == options_.starts) break;
  }
  return distinct;
}

/// Pattern search: steps along each axis while they help, then half of them. Depth is hard to see, so its steps are longer.
Candidate Search::refined(Candidate best, double turn_step_rad, double shift_step_px, int halvings) {
  constexpr int kMostSweeps = 4;
  for (int halving = 0; halving <= halvings; ++halving, turn_step_rad /= 2, shift_step_px /= 2) {
    const double shift = shift_step_px * pixel_;
    const Vector6d steps = (Vector6d() << turn_step_rad, turn_step_rad, turn_step_rad, shift, shift, 3 * shift).finished();
    bool better = true;
    for (int sweep = 0; better && sweep < kMostSweeps; ++sweep) {
      better = false;
      for (int k = 0; k < 6; ++k)
        for (const double sign : {-1.0, 1.0}) {
          const Candidate next = at(changed(best.motion, sign * steps[k] * Vector6d::Unit(k)));
          if (next.cost < best.cost - 1e-6 && next.motion.shift.norm() < 1.3 * options_.max_shift) {
            best = next, better = true;
            break;
          }
        }
    }
  }
  return best;
}

Matrix6d Search::covariance(const Candidate& best) {
  // Second differences over a few pixels: nearer the cost is rough, since pixels are counted.
  const Vector6d steps = (Vector6d() << 0.1, 0.1, 0.1, 2 * pixel_, 2 * pixel_, 6 * pixel_).finished();
  const auto cost = [&](const Vector6d& step) { return at(changed(best.motion, step)).cost; };
  Matrix6d curvature = Matrix6d::Zero();
  for (int i = 0; i < 6; ++i) {
    const Vector6d a = steps[i] * Vector6d::Unit(i);
    curvature(i, i) = (cost(a) + cost(-a) - 2 * best.cost) / (steps[i] * steps[i]);
    for (int j = 0; j < i; ++j) {
      const Vector6d b = steps[j] * Vector6d::Unit(j);
      curvature(i, j) = curvature(j, i) = (cost(a + b) + cost(-a - b) - cost(a - b) - cost(b - a)) / (4 * steps[i] * steps[j]);
    }
  }
  // The cost is that of a likelihood: exp(-cost / noise). A saddle says nothing in its falling directions.
  const double noise = options_.noise_px + options_.noise_share * std::max(0.0, best.cost);
  const Matrix6d scale = kPriorSigma.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Matrix6d> solved(Matrix6d(scale * curvature * scale / noise));
  const Vector6d variances = (solved.eigenvalues().cwiseMax(0) + Vector6d::Ones()).cwiseInverse();
  return scale * solved.eigenvectors() * variances.asDiagonal() * solved.eigenvectors().transpose() * scale;
}

/// Deviation along a direction; over all directions where there is none.
double sigma_along(const Matrix3d& covariance, const Vector3d& direction) {
  const double length = direction.norm();
  return std::sqrt(length > 1e-9 ? direction.dot(covariance * direction) / (length * length) : covariance.trace() / 3);
}

}  // namespace

double RigidMotion::turn_rad() const {
  return std::acos(std::clamp((turn.trace() - 1) / 2, -1.0, 1.0));
}

Isometry3d RigidMotion::about(const Vector3d& centre) const {
  Isometry3d result = Isometry3d::Identity();
  result.linear() = turn;
  result.translation() = centre + shift - turn * centre;
  return result;
}

Vector3d centre_of(const TriangleMesh& part) {
  return area_centroid(part);
}

PartMotionFit fit_motion(const TriangleMesh& part, std::span<const TriangleMesh* const> rest, const Camera& camera,
                         const PhotoEvidence& evidence, const MotionOptions& options) {
  L3D_CHECK(!part.empty(), "a part with a surface");
  const TriangleMesh drawn = part.triangles.size() > kManyTriangles ? coarser(part, kCell) : part;
  Search coarse(drawn, rest, camera, evidence, options.coarse_size, options);
  std::vector<Candidate> found = coarse.coarse(drawn);
  for (Candidate& candidate : found) candidate = coarse.refined(candidate, 0.12, 1, 1);
  std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });

  Search fine(drawn, rest, camera, evidence, options.fine_size, options);
  Candidate best = fine.at({});
  PartMotionFit fit;
  fit.unmoved = best.cost;
  fit.removed = fine.cost().removed();
  fit.visible_px = fine.cost().visible_px();
  fit.lost_share = fine.cost().lost_share();
  for (size_t i = 0; i < std::min<size_t>(2, found.size()); ++i) {
    const Candidate candidate = fine.refined(fine.at(found[i].motion), 0.06, 1, 2);
    if (candidate.cost < best.cost) best = candidate;
  }
  fit.motion = best.motion;
  fit.cost = best.cost;
  const Matrix6d covariance = fine.covariance(best);
  const Matrix3d camera_from_world = fine.world_from_camera().transpose();
  const Eigen::AngleAxisd turn(best.motion.turn);
  fit.turn_sigma_rad = sigma_along(covariance.topLeftCorner<3, 3>(), camera_from_world * (turn.angle() * turn.axis()));
  fit.shift_sigma = sigma_along(covariance.bottomRightCorner<3, 3>(), camera_from_world * best.motion.shift);
  // Costs near 0 are noise, those below 0 outlines that follow edges very well.
  fit.explains = fit.unmoved - fit.cost > options.enough * std::max(fit.unmoved, kLeastCost) && fit.cost < fit.removed;
  return fit;
}

}  // namespace looking3d
