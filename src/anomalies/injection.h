#pragma once
// What the five kinds of anomaly share: the part to change, its surroundings, and the limits. Internal to this layer.
#include <vector>

#include "anomalies/anomaly.h"
#include "base/random.h"

namespace looking3d {

using InjectionOutcome = Result<Anomaly, AnomalyRefusal>;

inline constexpr double kShapeDiameter = 2;                          ///< in canonical units
inline constexpr double kMinSurfaceChange = 0.010 * kShapeDiameter;  ///< mean surface distance that a turn must make
inline constexpr double kFloorSlack = 0.02;                          ///< how far a changed part may reach below the lowest point
inline constexpr double kReach = 1.3;                                ///< how far from the shape's centre a changed part may reach

/// Everything that one injection into one part sees. `rng` is the draw's own stream.
struct Injection {
  const Shape& normal;
  int part;
  std::span<const Shape> donors;
  Rng rng;

  const Part& target() const { return normal.parts[part]; }
  /// The changed part goes through the floor, or so far out that photos would clip it.
  bool out_of_place(const TriangleMesh& changed) const;
  /// The anomaly that puts `mesh` in the part's place.
  Anomaly replace(AnomalyKind kind, TriangleMesh mesh, double magnitude, Json parameters) const;
};

// One function for each kind; each draws its parameters from injection.rng.
InjectionOutcome move_part(Injection& injection);
InjectionOutcome turn_part(Injection& injection);
InjectionOutcome break_part(Injection& injection);
InjectionOutcome swap_part(Injection& injection);
InjectionOutcome remove_part(Injection& injection);

Json vector_json(const Eigen::Vector3d& v);
Eigen::Vector3d random_direction(Rng& rng);

/// The smaller of the axis-aligned box and that along the directions of greatest spread.
struct PartFrame {
  Eigen::Vector3d centre;
  Eigen::Matrix3d axes;  ///< columns: the box's axes in the object, longest first, right-handed
  Eigen::Vector3d half;  ///< half lengths along them, falling

  Eigen::Vector3d at(const Eigen::Vector3d& local) const { return centre + axes * local; }
};
PartFrame frame_of(const TriangleMesh& mesh);

/// Where a part meets its nearest neighbour.
struct Joint {
  int neighbour = -1;  ///< part index; -1 when the shape has no other part
  double gap = 0;      ///< between the two, 0 where they touch or overlap
  Eigen::Vector3d point = Eigen::Vector3d::Zero();
  Eigen::Vector3d normal = Eigen::Vector3d::UnitY();  ///< of the neighbour's surface there
};
Joint joint_of(const Shape& shape, int part);

/// Shortest distance between surface samples of either mesh and the other surface, by `samples` points each.
double gap_between(const TriangleMesh& a, const TriangleMesh& b, int samples = 80);

}  // namespace looking3d
