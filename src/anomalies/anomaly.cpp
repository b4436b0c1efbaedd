#include "anomalies/anomaly.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "anomalies/surface_distance.h"
#include "base/error.h"
#include "geometry/mesh_cut.h"

namespace looking3d {
namespace {

using Eigen::Vector3d;
using Outcome = Result<Anomaly, AnomalyRefusal>;

constexpr double kDiameter = 2.0;  ///< of every shape, in canonical units
constexpr int kTries = 12;         ///< parts tried before a refusal stands
constexpr double kMinShift = 0.03 * kDiameter, kMaxShift = 0.22 * kDiameter;
constexpr double kMinTurn_rad = 0.14, kMaxTurn_rad = 1.57;
constexpr double kMinSurfaceChange = 0.010 * kDiameter;   ///< mean surface distance that a turn or a swap must make
constexpr double kMinRemoved = 0.06, kMaxRemoved = 0.75;  ///< share of the part's volume that a break takes
constexpr double kFloorSlack = 0.02;                      ///< how far a moved part may sink below the shape's lowest point

/// Everything that an injection of one kind into one part sees.
struct Task {
  const Shape& normal;
  int part;
  uint64_t seed;
  std::span<const Shape> donors;
  Rng rng;

  const Part& target() const { return normal.parts[part]; }
  double floor_y() const {
    double y = 1;
    for (const auto& v : normal.all_vertices()) y = std::min<double>(y, v.y());
    return y;
  }
};

Json vector_json(const Vector3d& v) {
  return {v.x(), v.y(), v.z()};
}

Vector3d random_direction(Rng& rng) {
  Vector3d v(rng.normal(), rng.normal(), rng.normal());
  return v.norm() > 1e-9 ? Vector3d(v.normalized()) : Vector3d(1, 0, 0);
}

bool sinks(const TriangleMesh& mesh, double floor_y) {
  return bounding_box(mesh).min().y() < floor_y - kFloorSlack;
}

Anomaly replaced(const Task& task, AnomalyKind kind, TriangleMesh mesh, double magnitude, Json parameters) {
  Anomaly anomaly{kind, task.normal, task.target().name, task.target().label, magnitude, std::move(parameters)};
  anomaly.shape.parts[task.part].mesh = std::move(mesh);
  anomaly.parameters["seed"] = task.seed;
  return anomaly;
}

Outcome move_part(Task& task) {
  Rng& rng = task.rng;
  const double length = rng.log_uniform(kMinShift, kMaxShift);
  // Half of the time along an axis of the product, as an assembler could have slid it; else freely.
  Vector3d direction = random_direction(rng);
  const bool slid = rng.bernoulli(0.5);
  if (slid) {
    const int axis = rng.uniform_int(0, 2);
    direction = Vector3d::Unit(axis) * (rng.bernoulli(0.5) ? 1 : -1);
  }
  TriangleMesh mesh = transformed(task.target().mesh, Eigen::Affine3d(Eigen::Translation3d(length * direction)));
  if (sinks(mesh, task.floor_y())) {
    direction.y() = -direction.y();
    mesh = transformed(task.target().mesh, Eigen::Affine3d(Eigen::Translation3d(length * direction)));
  }
  if (sinks(mesh, task.floor_y())) return AnomalyRefusal::kTooLarge;
  if (surface_distance(task.target().mesh, mesh) < kMinSurfaceChange / 2) return AnomalyRefusal::kOwnSymmetry;
  return replaced(task, AnomalyKind::kPosition, std::move(mesh), length / kDiameter,
                  {{"translation", vector_json(length * direction)}, {"slid_along_axis", slid}});
}

/// Where a part meets its nearest neighbour: the point of its surface that is closest to any other part.
Vector3d joint_of(const Shape& shape, int part) {
  Vector3d joint = area_centroid(shape.parts[part].mesh);
  double best = 1e300;
  const auto points = sample_surface(shape.parts[part].mesh, 60, Rng(identity(0, "joint")));
  for (size_t other = 0; other < shape.parts.size(); ++other) {
    if (static_cast<int>(other) == part) continue;
    const Eigen::AlignedBox3d box = bounding_box(shape.parts[other].mesh);
    for (const Vector3d& x : points)
      if (box.squaredExteriorDistance(x) < best * best && distance_to_surface(x, shape.parts[other].mesh) < best)
        best = distance_to_surface(x, shape.parts[other].mesh), joint = x;
  }
  return joint;
}

Outcome turn_part(Task& task) {
  Rng& rng = task.rng;
  const double angle = rng.log_uniform(kMinTurn_rad, kMaxTurn_rad) * (rng.bernoulli(0.5) ? 1 : -1);
  const Vector3d axis = rng.bernoulli(0.5) ? random_direction(rng) : Vector3d(Vector3d::Unit(rng.uniform_int(0, 2)));
  const bool about_joint = rng.bernoulli(0.5);
  const Vector3d centre = about_joint ? joint_of(task.normal, task.part) : area_centroid(task.target().mesh);
  TriangleMesh mesh =
      transformed(task.target().mesh, Eigen::Translation3d(centre) * Eigen::AngleAxisd(angle, axis) * Eigen::Translation3d(-centre));
  if (sinks(mesh, task.floor_y())) return AnomalyRefusal::kTooLarge;
  if (surface_distance(task.target().mesh, mesh) < kMinSurfaceChange) return AnomalyRefusal::kOwnSymmetry;
  return replaced(task, AnomalyKind::kRotation, std::move(mesh), std::abs(angle) / 3.14159265358979,
                  {{"axis", vector_json(axis)}, {"angle_rad", angle}, {"centre", vector_json(centre)}, {"about_joint", about_joint}});
}

Outcome break_part(Task& task) {
  Rng& rng = task.rng;
  const TriangleMesh& mesh = task.target().mesh;
  // The part's own axes: a break sits at an end, a corner, or across the middle of the longest one.
  const Vector3d mean = area_centroid(mesh);
  Eigen::Matrix3d covariance = Eigen::Matrix3d::Zero();
  const auto points = sample_surface(mesh, 200, Rng(identity(0, "axes")));
  for (const Vector3d& x : points) covariance += (x - mean) * (x - mean).transpose();
  const Eigen::Matrix3d axes = Eigen::JacobiSVD<Eigen::Matrix3d>(covariance, Eigen::ComputeFullU).matrixU();
  Vector3d low = Vector3d::Constant(1e300), high = -low;
  for (const auto& v : mesh.vertices) {
    const Vector3d local = axes.transpose() * (v.cast<double>() - mean);
    low = low.cwiseMin(local), high = high.cwiseMax(local);
  }
  const Vector3d half = (high - low) / 2, middle = (high + low) / 2;
  static constexpr const char* kPlaces[] = {"end", "middle", "corner", "edge"};
  const int place = rng.uniform_int(0, 3);
  Vector3d at(0, 0, 0);
  for (int a = 0; a < 3; ++a) {
    const double side = rng.bernoulli(0.5) ? 1 : -1, jitter = rng.uniform(-0.25, 0.25);
    const bool outer = place == 2 || (place == 0 && a == 0) || (place == 3 && a == 1);
    at[a] = middle[a] + half[a] * (outer ? side * rng.uniform(0.8, 1.05) : jitter);
  }
  const Vector3d centre = mean + axes * at;
  const double size =
      place == 2 || place == 3 ? rng.log_uniform(0.25, 0.8) * std::max(half[1], half[0] * 0.5) : rng.log_uniform(0.2, 0.7) * half[0];
  static constexpr const char* kShapes[] = {"ball", "box", "jagged"};
  const int form = rng.uniform_int(0, 2);
  const double radius = std::max(size, place == 1 || place == 0 ? 1.2 * half[1] : 0.0);
  ConvexCutter cutter;
  if (form == 0) cutter = ball_cutter(centre, radius);
  if (form == 1) {
    const Eigen::Matrix3d turn = Eigen::AngleAxisd(rng.uniform(-0.6, 0.6), random_direction(rng)).toRotationMatrix() * axes;
    cutter = box_cutter(centre, Vector3d(size, radius * 1.3, radius * 1.3), turn);
  }
  if (form == 2) cutter = jagged_cutter(centre, radius * 1.15, rng);

  const CutResult cut = subtract(mesh, cutter);
  if (cut.touched_triangles == 0) return AnomalyRefusal::kCutRemovesNothing;
  if (cut.mesh.triangles.size() < 4) return AnomalyRefusal::kCutRemovesAll;
  const bool solid = topology(mesh).watertight();
  if (solid && !cut.closed) return AnomalyRefusal::kCutFailed;
  const double removed = solid ? 1 - signed_volume(cut.mesh) / signed_volume(mesh) : 1 - surface_area(cut.mesh) / surface_area(mesh);
  if (removed < kMinRemoved) return AnomalyRefusal::kCutRemovesNothing;
  if (removed > kMaxRemoved) return AnomalyRefusal::kCutRemovesAll;
  return replaced(task, AnomalyKind::kBroken, cut.mesh, removed,
                  {{"cutter", kShapes[form]},
                   {"place", kPlaces[place]},
                   {"centre", vector_json(centre)},
                   {"size", size},
                   {"removed_share", removed},
                   {"closed", cut.closed}});
}

Outcome swap_part(Task& task) {
  Rng& rng = task.rng;
  struct Candidate {
    const Shape* shape;
    const Part* part;
  };
  std::vector<Candidate> candidates;
  for (const Shape& donor : task.donors)
    for (const Part& part : donor.parts)
      if (part.label == task.target().label) candidates.push_back({&donor, &part});
  if (candidates.empty()) return AnomalyRefusal::kNoDonor;
  const Candidate chosen = rng.pick_from(candidates);

  // Fit the donor part into the old one's box; axes that would be squeezed or drawn out more than 2.5 times keep their proportion.
  const Eigen::AlignedBox3d box = bounding_box(task.target().mesh), donor_box = bounding_box(chosen.part->mesh);
  Vector3d scale = box.sizes().cwiseQuotient(donor_box.sizes().cwiseMax(1e-6));
  const double common = std::cbrt(scale.prod());
  for (int a = 0; a < 3; ++a) scale[a] = std::clamp(scale[a], common / 2.5, common * 2.5);
  const Eigen::Affine3d fit = Eigen::Translation3d(box.center()) * Eigen::Scaling(scale) * Eigen::Translation3d(-donor_box.center());
  TriangleMesh mesh = transformed(chosen.part->mesh, fit);
  if (sinks(mesh, task.floor_y())) return AnomalyRefusal::kTooLarge;
  const double change = surface_distance(task.target().mesh, mesh);
  if (change < kMinSurfaceChange) return AnomalyRefusal::kNearlyEqualSwap;
  return replaced(task, AnomalyKind::kSwapped, std::move(mesh), change / kDiameter,
                  {{"donor_shape", chosen.shape->id}, {"donor_part", chosen.part->name}, {"scale", vector_json(scale)}});
}

Outcome remove_part(Task& task) {
  if (task.normal.parts.size() < 2) return AnomalyRefusal::kOnlyPart;
  Anomaly anomaly{AnomalyKind::kMissing, task.normal, task.target().name, task.target().label, 1.0, {{"seed", task.seed}}};
  anomaly.shape.parts.erase(anomaly.shape.parts.begin() + task.part);
  return anomaly;
}

Outcome inject_into(Task& task, AnomalyKind kind) {
  switch (kind) {
    case AnomalyKind::kPosition:
      return move_part(task);
    case AnomalyKind::kRotation:
      return turn_part(task);
    case AnomalyKind::kBroken:
      return break_part(task);
    case AnomalyKind::kSwapped:
      return swap_part(task);
    case AnomalyKind::kMissing:
      return remove_part(task);
  }
  throw CheckFailure("unknown anomaly kind");
}

/// Larger parts are drawn more often, small ones often enough; the root of the area balances them.
int draw_part(const Shape& shape, Rng& rng) {
  std::vector<double> weights;
  for (const Part& part : shape.parts) weights.push_back(std::sqrt(surface_area(part.mesh)) + 0.05);
  return static_cast<int>(rng.pick(weights));
}

constexpr std::array<const char*, 5> kKindNames{"position", "rotation", "broken", "swapped", "missing"};
constexpr std::array<const char*, 10> kRefusalNames{
    "no_such_part",        "no_donor",        "too_small",  "too_large",         "own_symmetry",
    "cut_removes_nothing", "cut_removes_all", "cut_failed", "nearly_equal_swap", "only_part"};

}  // namespace

std::string name_of(AnomalyKind kind) {
  return kKindNames[static_cast<size_t>(kind)];
}

AnomalyKind anomaly_kind_from_name(const std::string& name) {
  for (const AnomalyKind kind : kAllAnomalyKinds)
    if (name_of(kind) == name) return kind;
  throw InputError("anomaly", "'" + name + "' is not a kind of anomaly", "position, rotation, broken, swapped or missing");
}

std::string name_of(AnomalyRefusal refusal) {
  return kRefusalNames[static_cast<size_t>(refusal)];
}

Outcome inject(const Shape& normal, const AnomalySpec& spec, std::span<const Shape> donors) {
  const int named = spec.part.empty() ? -1 : normal.part_index(spec.part);
  if (!spec.part.empty() && named < 0) return AnomalyRefusal::kNoSuchPart;
  AnomalyRefusal last = AnomalyRefusal::kOnlyPart;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    Rng rng(identity(spec.seed, "inject", name_of(spec.kind), attempt));
    Task task{normal, named >= 0 ? named : draw_part(normal, rng), spec.seed, donors, rng.fork("parameters")};
    Outcome outcome = inject_into(task, spec.kind);
    if (outcome) return outcome;
    last = outcome.reason();
  }
  return last;
}

}  // namespace looking3d
