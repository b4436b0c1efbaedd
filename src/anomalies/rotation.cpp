// A part turned out of its place.
#include <array>
#include <cmath>
#include <numbers>

#include "anomalies/injection.h"
#include "anomalies/surface_distance.h"

namespace looking3d {
namespace {

using Eigen::Vector3d;

constexpr double kMinTurn_rad = 5 * std::numbers::pi / 180, kMaxTurn_rad = 90 * std::numbers::pi / 180;
constexpr double kWrongWayRound = 0.25;  ///< share of draws: parts put in back to front, upside down or across
constexpr std::array kAxes{"free", "part", "object"};

struct Turn {
  size_t axis_of;
  Vector3d axis, centre;
  double angle_rad;
  bool about_joint, wrong_way_round;
};

Turn draw_turn(Injection& injection) {
  Rng& rng = injection.rng;
  const TriangleMesh& mesh = injection.target().mesh;
  Turn turn;
  turn.wrong_way_round = rng.bernoulli(kWrongWayRound);
  turn.axis_of = turn.wrong_way_round ? rng.pick(std::array{0.0, 0.5, 0.5}) : rng.pick(std::array{0.5, 0.25, 0.25});
  const int k = rng.uniform_int(0, 2);
  turn.axis = turn.axis_of == 0 ? random_direction(rng) : turn.axis_of == 1 ? Vector3d(frame_of(mesh).axes.col(k)) : Vector3d::Unit(k);
  const double angle_rad = rng.log_uniform(kMinTurn_rad, kMaxTurn_rad) * (rng.bernoulli(0.5) ? 1 : -1);
  turn.angle_rad = turn.wrong_way_round ? std::numbers::pi / (rng.bernoulli(0.25) ? 2 : 1) : angle_rad;
  turn.about_joint = !turn.wrong_way_round && rng.bernoulli(0.5);
  turn.centre = turn.about_joint       ? joint_of(injection.normal, injection.part).point
                : turn.wrong_way_round ? Vector3d(bounding_box(mesh).center())  // it fills the same place
                                       : area_centroid(mesh);
  return turn;
}

}  // namespace

InjectionOutcome turn_part(Injection& injection) {
  const Turn turn = draw_turn(injection);
  const TriangleMesh& before = injection.target().mesh;
  TriangleMesh mesh = transformed(
      before, Eigen::Translation3d(turn.centre) * Eigen::AngleAxisd(turn.angle_rad, turn.axis) * Eigen::Translation3d(-turn.centre));
  if (injection.out_of_place(mesh)) return AnomalyRefusal::kTooLarge;
  if (surface_distance(before, mesh) < kMinSurfaceChange) return AnomalyRefusal::kOwnSymmetry;
  return injection.replace(AnomalyKind::kRotation, std::move(mesh), std::abs(turn.angle_rad) / std::numbers::pi,
                           {{"axis", vector_json(turn.axis)},
                            {"axis_of", kAxes[turn.axis_of]},
                            {"angle_rad", turn.angle_rad},
                            {"centre", vector_json(turn.centre)},
                            {"about_joint", turn.about_joint},
                            {"wrong_way_round", turn.wrong_way_round}});
}

}  // namespace looking3d
