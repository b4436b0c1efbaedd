#pragma once
// The rigid motion of one part that best explains a photo at a known camera (SPEC 6.4): "turned 14 degrees, moved 4 % of the height".
#include <optional>

#include "pose/motion_cost.h"

namespace looking3d {

/// A turn about the part's centre, then a shift; canonical units.
struct RigidMotion {
  Eigen::Matrix3d turn = Eigen::Matrix3d::Identity();
  Eigen::Vector3d shift = Eigen::Vector3d::Zero();

  double turn_rad() const;
  Eigen::Isometry3d about(const Eigen::Vector3d& centre) const;  ///< world_from_part
};

struct MotionOptions {
  MotionCostOptions cost;
  int coarse_size = 64, fine_size = 128;    ///< sides of the pictures compared
  double max_shift = 0.55;                  ///< farthest shift that is tried, canonical units
  int starts = 5;                           ///< coarse places that are refined
  double turn_price = 0.04;                 ///< of a turn by a radian, in shares of the part's visible pixels
  double shift_price = 0.1;                 ///< of a shift by a canonical unit, likewise
  double noise_share = 0.8, noise_px = 24;  ///< costs this much above the least are as good: share of the least cost, pixels
  double enough = 0.35;                     ///< a motion must take away this share of the cost of no motion that any explanation could
};

struct PartMotionFit {
  RigidMotion motion;                          ///< about the part's centre (centre_of)
  double turn_sigma_rad = 0, shift_sigma = 0;  ///< from the curvature of the cost
  double cost = 0, unmoved = 0, removed = 0;   ///< costs with the motion, without any, and without the part; pixels of a picture 128 wide
  double visible_px = 0;                       ///< the part's pixels in the reference, likewise
  double lost_share =
      0;  ///< of these pixels, those that the photo shows to be something else: background, or changed where another part is behind
  bool explains = false;  ///< the motion explains the photo clearly better than standing still and than absence do
};

/// The area centroid of a part: what turns about it, and whose shift is told.
Eigen::Vector3d centre_of(const TriangleMesh& part);

/// Searches turn and shift of `part`, coarse to fine. `rest`: the other parts. Deterministic; one thread.
PartMotionFit fit_motion(const TriangleMesh& part, std::span<const TriangleMesh* const> rest, const Camera& camera,
                         const PhotoEvidence& evidence, const MotionOptions& options = {});

}  // namespace looking3d
