// A part put in the wrong place.
#include <algorithm>
#include <array>

#include "anomalies/injection.h"
#include "anomalies/surface_distance.h"

namespace looking3d {
namespace {

using Eigen::Vector3d;

constexpr double kMinShift = 0.02 * kShapeDiameter, kMaxShift = 0.25 * kShapeDiameter;
constexpr std::array kWays{"free", "slid", "height", "neighbour"};
constexpr std::array kWayWeights{0.5, 0.2, 0.12, 0.18};  ///< half lie where no assembler would put them
enum Way { kFree, kSlid, kHeight, kNeighbour };

/// Along the contact face with the neighbour, mostly along one of the product's axes: as an assembler could have slid it.
Vector3d slide_direction(Injection& injection) {
  Rng& rng = injection.rng;
  const Vector3d normal = joint_of(injection.normal, injection.part).normal;
  const int axis = rng.uniform_int(0, 2);
  Vector3d wish = Vector3d::Unit(axis) * (rng.bernoulli(0.5) ? 1 : -1);
  wish -= normal * normal.dot(wish);
  if (wish.norm() < 0.3) wish = normal.cross(random_direction(rng));
  return wish.norm() > 1e-6 ? Vector3d(wish.normalized()) : Vector3d(normal.unitOrthogonal());
}

/// Towards the nearest part of the same group, a share of the way there: put into the neighbour's hole, or one drilled between the two.
/// Zero where the part has no like.
Vector3d towards_neighbour(Injection& injection) {
  const Vector3d own = area_centroid(injection.target().mesh);
  Vector3d nearest = Vector3d::Zero();
  for (const Part& other : injection.normal.parts) {
    if (&other == &injection.target() || other.group != injection.target().group) continue;
    const Vector3d way = area_centroid(other.mesh) - own;
    if (nearest.norm() == 0 || way.norm() < nearest.norm()) nearest = way;
  }
  return nearest * injection.rng.uniform(0.3, 0.8);
}

Vector3d draw_translation(Injection& injection, Way way) {
  Rng& rng = injection.rng;
  const double length = rng.log_uniform(kMinShift, kMaxShift);
  switch (way) {
    case kSlid:
      return length * slide_direction(injection);
    case kHeight:
      return length * (rng.bernoulli(0.5) ? 1 : -1) * Vector3d::UnitY();
    case kNeighbour: {
      const Vector3d there = towards_neighbour(injection);
      return there * std::min(1.0, kMaxShift / std::max(there.norm(), 1e-9));
    }
    case kFree:
      break;
  }
  return length * random_direction(rng);
}

}  // namespace

InjectionOutcome move_part(Injection& injection) {
  const auto way = static_cast<Way>(injection.rng.pick(kWayWeights));
  Vector3d translation = draw_translation(injection, way);
  if (translation.norm() < kMinShift) return AnomalyRefusal::kTooSmall;  // no neighbour, or too near
  const auto moved = [&] { return transformed(injection.target().mesh, Eigen::Affine3d(Eigen::Translation3d(translation))); };
  // Where the floor or the picture's border is in the way, the opposite direction often is free.
  TriangleMesh mesh = moved();
  if (injection.out_of_place(mesh)) translation = -translation, mesh = moved();
  if (injection.out_of_place(mesh)) return AnomalyRefusal::kTooLarge;
  // A long part slid along itself may look the same.
  if (surface_distance(injection.target().mesh, mesh) < kMinSurfaceChange / 2) return AnomalyRefusal::kTooSmall;
  return injection.replace(AnomalyKind::kPosition, std::move(mesh), translation.norm() / kShapeDiameter,
                           {{"translation", vector_json(translation)}, {"way", kWays[way]}});
}

}  // namespace looking3d
