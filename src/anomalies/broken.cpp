// A part with a piece broken or cut off.
#include <algorithm>
#include <array>
#include <cmath>

#include "anomalies/injection.h"
#include "anomalies/surface_distance.h"
#include "anomalies/surface_tree.h"
#include "geometry/mesh_cut.h"

namespace looking3d {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr double kMinRemoved = 0.03, kMaxRemoved = 0.70;  ///< share of the part that a break takes (volume; area where open)
constexpr double kMinDepth = 0.02 * kShapeDiameter;       ///< how deep a break must reach somewhere
constexpr double kTouching = 0.02;                        ///< surfaces this near hold on to each other
constexpr double kCrumb = 0.08;                           ///< share of the largest piece's surface below which a piece is a crumb
constexpr size_t kMostPieces = 64;                        ///< of a part, beyond which they are not looked at one by one
constexpr std::array kPlaces{"end", "through", "corner", "edge", "hole"};
constexpr std::array kForms{"box", "ball", "jagged"};
enum Place { kEnd, kThrough, kCorner, kEdge, kHole };
enum Form { kBox, kBall, kJagged };

/// A break before it is made: cutters to be taken away one after the other, and how the annotation writes them.
struct Break {
  int place, form;
  std::vector<ConvexCutter> cutters;
  Json description = Json::array();

  void add_planes(ConvexCutter cutter) {
    Json planes = Json::array();
    for (const HalfSpace& plane : cutter.planes) planes.push_back({plane.normal.x(), plane.normal.y(), plane.normal.z(), plane.offset});
    description.push_back({{"planes", planes}});
    cutters.push_back(std::move(cutter));
  }
  void add_ball(const Vector3d& centre, double radius) {
    constexpr int kFacets = 80;
    description.push_back({{"ball", {{"centre", vector_json(centre)}, {"radius", radius}, {"facets", kFacets}}}});
    cutters.push_back(ball_cutter(centre, radius, kFacets));
  }
};

/// Splinters: notches that reach from a broken face into what is left. `along` is the face's long direction, `into` points into the part.
void add_splinters(Break& change, const Vector3d& face_centre, const Vector3d& into, const Vector3d& along, double half_length,
                   double half_width, double max_depth, Rng& rng) {
  const Vector3d across = into.cross(along);
  const int count = std::clamp(static_cast<int>(std::lround(1.5 * half_length / half_width)) + 2, 3, 8);
  for (int i = 0; i < count; ++i) {
    const double u = ((i + rng.uniform(0.1, 0.9)) * 2 / count - 1) * half_length, v = rng.uniform(-1, 1) * half_width;
    const double radius = std::max(half_length / count, 0.35 * half_width) * rng.uniform(0.8, 1.5);
    const double depth = std::min(max_depth, rng.uniform(1.0, 4.0) * radius);
    const Vector3d axis = (into + 0.3 * random_direction(rng)).normalized();
    // The base lies a little inside the piece that goes anyway, so that no skin is left between.
    const double overlap = 0.3 * depth;
    change.add_planes(spike_cutter(face_centre + u * along + v * across - overlap * axis, axis, depth + overlap, radius * 1.3, rng));
  }
}

/// Takes a slab out of the part: everything between two faces across `normal` (unit, in the part's axes), `thickness` apart.
void add_slab(Break& change, const PartFrame& frame, const Vector3d& near_face, const Vector3d& normal, double thickness, bool both_sides,
              Rng& rng) {
  const Vector3d n = frame.axes * normal;
  const Vector3d along = (frame.axes.col(1) - n * n.dot(frame.axes.col(1))).normalized(), across = n.cross(along);
  const Vector3d face = frame.at(near_face);
  const double half_length = std::max(frame.half[1] * (1 + std::abs(normal[0] * normal[1])), 1e-3),
               half_width = std::max(frame.half[2], 1e-3);
  if (change.form == kBall) {
    const double radius = std::max({thickness / 2, 1.15 * std::hypot(half_length, half_width)});
    change.add_ball(face + n * radius, radius);
    return;
  }
  // A break is not square to the part.
  const double tilt = change.form == kJagged ? 0.25 : 0.35;
  const double about_along = rng.uniform(-tilt, tilt), about_across = rng.uniform(-tilt, tilt);
  const Matrix3d lean = (Eigen::AngleAxisd(about_along, along) * Eigen::AngleAxisd(about_across, across)).toRotationMatrix();
  Matrix3d axes;
  axes << lean * n, lean * along, lean * across;
  const double reach = 2.5 * std::hypot(half_length, half_width) + (both_sides ? 0 : 0.5 * thickness);
  change.add_planes(box_cutter(face + axes.col(0) * thickness / 2, {thickness / 2, reach, reach}, axes));
  if (change.form != kJagged) return;
  const double depth = std::min(0.9 * half_length + 0.5 * half_width, 0.5 * frame.half[0]);
  add_splinters(change, face, -axes.col(0), axes.col(1), half_length, half_width, depth, rng);
  if (both_sides) add_splinters(change, face + axes.col(0) * thickness, axes.col(0), axes.col(1), half_length, half_width, depth, rng);
}

/// A bite around a point of the part.
void add_bite(Break& change, const PartFrame& frame, const Vector3d& centre, double radius, Rng& rng) {
  const Vector3d x = frame.at(centre);
  if (change.form == kBall) {
    change.add_ball(x, radius);
  } else if (change.form == kBox) {
    const Vector3d axis = random_direction(rng);
    const Matrix3d turn = Eigen::AngleAxisd(rng.uniform(-0.5, 0.5), axis).toRotationMatrix();
    const double width = radius * rng.uniform(0.7, 1.2), length = radius * rng.uniform(0.7, 1.2);
    const Vector3d half(length, width, std::max(radius, 1.5 * frame.half[2]));
    change.add_planes(box_cutter(x, half, turn * frame.axes));
  } else {
    for (int i = 0; i < 3; ++i) change.add_planes(jagged_cutter(x + 0.35 * radius * random_direction(rng), radius, rng));
  }
}

/// Where the part is joined to the rest, as a sign along its long axis: its free end breaks off more often than its root.
double free_end(const Injection& injection, const PartFrame& frame, Rng& rng) {
  const Joint joint = joint_of(injection.normal, injection.part);
  const double along = frame.axes.col(0).dot(joint.point - frame.centre) / frame.half[0];
  const double side = rng.bernoulli(0.5) ? 1 : -1;
  return std::abs(along) < 0.3 || rng.bernoulli(0.15) ? side : along > 0 ? -1 : 1;
}

Break draw_break(const Injection& injection, const PartFrame& frame, Rng& rng) {
  const Vector3d h = frame.half;
  const bool bar = h[1] < 0.45 * h[0], plate = h[2] < 0.4 * h[1];
  const std::array<double, 5> weights{bar ? 0.55 : 0.25, bar ? 0.2 : 0.08, plate ? 0.35 : 0.15, 0.25, plate && !bar ? 0.12 : 0.02};
  Break change{static_cast<int>(rng.pick(weights)), rng.uniform_int(0, 2), {}, Json::array()};
  const auto sign = [&] { return rng.bernoulli(0.5) ? 1.0 : -1.0; };
  switch (change.place) {
    case kEnd: {
      const double side = free_end(injection, frame, rng), length = 2 * h[0] * rng.log_uniform(0.06, 0.6);
      // Reach beyond the end: what is curved or tilted goes as well.
      add_slab(change, frame, {side * (h[0] - length), 0, 0}, {side, 0, 0}, length + 0.4 * h[0] + h[1], false, rng);
      break;
    }
    case kThrough:
      add_slab(change, frame, {rng.uniform(-0.6, 0.4) * h[0], 0, 0}, {1, 0, 0}, 2 * h[0] * rng.log_uniform(0.05, 0.35), true, rng);
      break;
    case kCorner: {
      const double s = sign(), t = sign(), legs = rng.log_uniform(0.5, 1.6), angle = rng.uniform(0.4, 1.2);
      const Vector3d normal(s * std::sin(angle), t * std::cos(angle), 0);
      const double depth = legs * std::min(h[1], 0.7 * h[0]);
      add_slab(change, frame, Vector3d(s * h[0], t * h[1], 0) - depth * normal, normal, depth + h[1], false, rng);
      break;
    }
    case kEdge: {
      const double t = sign(), radius = rng.log_uniform(0.35, 0.9) * std::max(h[1], 0.3 * h[0]);
      add_bite(change, frame, {rng.uniform(-0.8, 0.8) * h[0], t * h[1] * rng.uniform(0.8, 1.1), 0.3 * sign() * h[2]}, radius, rng);
      break;
    }
    case kHole: {
      const double radius = std::max(rng.log_uniform(0.25, 0.7) * h[1], 0.5 * h[2]);
      add_bite(change, frame, {rng.uniform(-0.4, 0.4) * h[0], rng.uniform(-0.4, 0.4) * h[1], h[2] * sign() * 0.8}, radius, rng);
      break;
    }
  }
  return change;
}

/// Pieces that the break has cut loose from the rest of the product fall away, and so do its crumbs. Returns how many.
int drop_loose_pieces(const Injection& injection, TriangleMesh& mesh) {
  const std::vector<TriangleMesh> pieces = split_components(mesh), originals = split_components(injection.target().mesh);
  if (pieces.size() < 2 || pieces.size() > kMostPieces) return 0;
  const auto untouched = [&](const TriangleMesh& piece) {
    return std::any_of(originals.begin(), originals.end(), [&](const TriangleMesh& o) { return o.vertices == piece.vertices; });
  };
  std::vector<bool> held(pieces.size()), crumb(pieces.size());
  for (size_t i = 0; i < pieces.size(); ++i) {
    crumb[i] = surface_area(pieces[i]) < kCrumb * surface_area(pieces[0]) && !untouched(pieces[i]);
    for (size_t other = 0; other < injection.normal.parts.size() && !held[i] && !crumb[i]; ++other)
      held[i] = static_cast<int>(other) != injection.part && gap_between(pieces[i], injection.normal.parts[other].mesh) < kTouching;
  }
  if (std::none_of(held.begin(), held.end(), [](bool h) { return h; })) held[0] = true;
  for (bool grown = true; grown;) {
    grown = false;
    for (size_t i = 0; i < pieces.size(); ++i)
      for (size_t j = 0; j < pieces.size() && !held[i] && !crumb[i]; ++j)
        if (held[j] && gap_between(pieces[i], pieces[j]) < kTouching) held[i] = grown = true;
  }
  const auto fallen = static_cast<int>(std::count(held.begin(), held.end(), false));
  if (fallen == 0) return 0;
  TriangleMesh kept;
  for (size_t i = 0; i < pieces.size(); ++i)
    if (held[i]) append(kept, pieces[i]);
  mesh = std::move(kept);
  return fallen;
}

}  // namespace

InjectionOutcome break_part(Injection& injection) {
  const TriangleMesh& whole = injection.target().mesh;
  const Break change = draw_break(injection, frame_of(whole), injection.rng);
  TriangleMesh rest = whole;
  bool closed = true;
  int touched = 0;
  for (const ConvexCutter& cutter : change.cutters) {
    auto cut = subtract(rest, cutter);
    if (!cut) return AnomalyRefusal::kCutFailed;
    touched += cut->touched_triangles;
    closed = closed && cut->closed;
    rest = std::move(cut->mesh);
  }
  if (touched == 0) return AnomalyRefusal::kCutRemovesNothing;
  if (rest.triangles.size() < 4) return AnomalyRefusal::kCutRemovesAll;
  const int fallen = drop_loose_pieces(injection, rest);

  const bool solid = closed && signed_volume(whole) > 0;
  const double removed = solid ? 1 - signed_volume(rest) / signed_volume(whole) : 1 - surface_area(rest) / surface_area(whole);
  if (removed < kMinRemoved) return AnomalyRefusal::kCutRemovesNothing;
  if (removed > kMaxRemoved) return AnomalyRefusal::kCutRemovesAll;
  const SurfaceTree left(rest);
  double depth = 0;
  for (const Vector3d& x : sample_surface(whole, 120, Rng(identity(0, "depth")))) depth = std::max(depth, left.distance(x));
  if (depth < kMinDepth) return AnomalyRefusal::kTooSmall;
  return injection.replace(AnomalyKind::kBroken, std::move(rest), removed,
                           {{"place", kPlaces[change.place]},
                            {"cutter", kForms[change.form]},
                            {"cutters", change.description},
                            {"removed_share", removed},
                            {"share_of", solid ? "volume" : "area"},
                            {"depth", depth},
                            {"pieces_fallen", fallen},
                            {"closed", closed}});
}

}  // namespace looking3d
