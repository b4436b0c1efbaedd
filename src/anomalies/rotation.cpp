// A part turned out of its place.
#include <array>
#include <cmath>
#include <numbers>

#include "anomalies/injection.h"
#include "anomalies/surface_distance.h"

namespace looking3d {

InjectionOutcome turn_part(Injection& injection) {
  constexpr double kMinTurn_rad = 8 * std::numbers::pi / 180, kMaxTurn_rad = 90 * std::numbers::pi / 180;
  Rng& rng = injection.rng;
  const TriangleMesh& before = injection.target().mesh;
  const double angle_rad = rng.log_uniform(kMinTurn_rad, kMaxTurn_rad) * (rng.bernoulli(0.5) ? 1 : -1);
  static constexpr const char* kAxes[] = {"free", "part", "object"};
  const size_t axis_of = rng.pick(std::array{0.5, 0.25, 0.25});
  const int k = rng.uniform_int(0, 2);
  const Eigen::Vector3d axis = axis_of == 0   ? random_direction(rng)
                               : axis_of == 1 ? Eigen::Vector3d(frame_of(before).axes.col(k))
                                              : Eigen::Vector3d(Eigen::Vector3d::Unit(k));
  const bool about_joint = rng.bernoulli(0.5);
  const Eigen::Vector3d centre = about_joint ? joint_of(injection.normal, injection.part).point : area_centroid(before);
  TriangleMesh mesh =
      transformed(before, Eigen::Translation3d(centre) * Eigen::AngleAxisd(angle_rad, axis) * Eigen::Translation3d(-centre));
  if (injection.out_of_place(mesh)) return AnomalyRefusal::kTooLarge;
  if (surface_distance(before, mesh) < kMinSurfaceChange) return AnomalyRefusal::kOwnSymmetry;
  return injection.replace(AnomalyKind::kRotation, std::move(mesh), std::abs(angle_rad) / std::numbers::pi,
                           {{"axis", vector_json(axis)},
                            {"axis_of", kAxes[axis_of]},
                            {"angle_rad", angle_rad},
                            {"centre", vector_json(centre)},
                            {"about_joint", about_joint}});
}

}  // namespace looking3d
