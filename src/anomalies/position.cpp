// A part put in the wrong place.
#include "anomalies/injection.h"
#include "anomalies/surface_distance.h"

namespace looking3d {
namespace {

using Eigen::Vector3d;

constexpr double kMinShift = 0.03 * kShapeDiameter, kMaxShift = 0.25 * kShapeDiameter;

/// Along the contact face with the neighbour, mostly along one of the product's axes: as an assembler could have slid it.
Vector3d slide_direction(Injection& injection) {
  Rng& rng = injection.rng;
  const Vector3d normal = joint_of(injection.normal, injection.part).normal;
  Vector3d wish = Vector3d::Unit(rng.uniform_int(0, 2)) * (rng.bernoulli(0.5) ? 1 : -1);
  wish -= normal * normal.dot(wish);
  if (wish.norm() < 0.3) wish = normal.cross(random_direction(rng));
  return wish.norm() > 1e-6 ? Vector3d(wish.normalized()) : Vector3d(normal.unitOrthogonal());
}

}  // namespace

InjectionOutcome move_part(Injection& injection) {
  Rng& rng = injection.rng;
  const double length = rng.log_uniform(kMinShift, kMaxShift);
  const bool slid = rng.bernoulli(0.5);
  const Vector3d direction = slid ? slide_direction(injection) : random_direction(rng);
  // Where the floor or the picture's border is in the way, the opposite direction often is free.
  const auto moved = [&](double sign) {
    return transformed(injection.target().mesh, Eigen::Affine3d(Eigen::Translation3d(sign * length * direction)));
  };
  double sign = 1;
  TriangleMesh mesh = moved(sign);
  if (injection.out_of_place(mesh)) mesh = moved(sign = -1);
  if (injection.out_of_place(mesh)) return AnomalyRefusal::kTooLarge;
  // A long part slid along itself may look the same.
  if (surface_distance(injection.target().mesh, mesh) < kMinSurfaceChange / 2) return AnomalyRefusal::kTooSmall;
  return injection.replace(AnomalyKind::kPosition, std::move(mesh), length / kShapeDiameter,
                           {{"translation", vector_json(sign * length * direction)}, {"slid_along_contact", slid}});
}

}  // namespace looking3d
