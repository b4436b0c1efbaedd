// Chairs that are mostly frame: folding, cantilever and rocking chairs.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// Two crossing frames below a seat; the rear-leaning one goes on upwards as the back's posts.
void build_side_folding(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = rng.uniform(0.4, 0.46), seat.back_width = seat.width * rng.uniform(0.95, 1.0), seat.depth = rng.uniform(0.36, 0.42);
  seat.top = rng.uniform(0.43, 0.47), seat.front = seat.rear = rng.uniform(12, 30);
  const SeatStyle styles[] = {SeatStyle::kBoard, SeatStyle::kSlatted, SeatStyle::kCushion, SeatStyle::kPly};
  const SeatStyle style = rng.pick_from(styles);
  set_thickness(seat, style, rng);
  seat.thickness = std::min(seat.thickness, 0.05);
  add_seat(builder, seat, style);

  const bool tube = rng.bernoulli(0.5);
  const double t = tube ? rng.uniform(0.018, 0.024) : rng.uniform(0.022, 0.03);
  BackPlan back = draw_back_plan(rng, seat);
  back.style = BackStyle::kFramed, back.post = t, back.round_posts = tube, back.flare = 0, back.height = rng.uniform(0.34, 0.44);
  const Infill infills[] = {Infill::kLadder, Infill::kRails, Infill::kPad, Infill::kVerticalSlats, Infill::kCane};
  back.infill = rng.pick_from(infills), back.count = rng.uniform_int(2, 4);
  seat.open = true;  // the back's posts pass beside the seat: its members hang between rails
  const double outer = std::max(seat.width, seat.back_width) / 2 + t * 0.35, inner = outer - t * 0.96;
  back.foot_z = -seat.depth / 2 + t * 0.2, back.width = 2 * outer + t, back.recline_rad = rng.uniform(0.12, 0.25);

  // Frames A (front foot to rear of the seat) and B (rear foot to front of the seat), a pin where they cross.
  const Section section = tube ? circle_section(t / 2, 12) : rectangle_section(t, t * 1.3, 0.004);
  const Vector3d a_top = on_back(seat, back, Vector3d(0, 0.004, 0)), a_foot(0, t * 0.45, seat.depth / 2 + rng.uniform(0.0, 0.05));
  const Vector3d b_top(0, seat.bottom() + 0.006, seat.depth * 0.36), b_foot(0, t * 0.45, -seat.depth / 2 - rng.uniform(0.0, 0.06));
  double pin = 0.5;
  for (int i = 0; i < 40; ++i) {  // where both have the same z at the same height
    const double y = a_foot.y() + pin * (a_top.y() - a_foot.y()), za = a_foot.z() + pin * (a_top.z() - a_foot.z());
    const double sb = (y - b_foot.y()) / (b_top.y() - b_foot.y()), zb = b_foot.z() + sb * (b_top.z() - b_foot.z());
    pin = std::clamp(pin + (za - zb) * 0.5, 0.05, 0.95);
  }
  const Vector3d cross = a_foot + pin * (a_top - a_foot);
  for (const double side : {-1.0, 1.0}) {
    const Vector3d xa(side * outer, 0, 0), xb(side * inner, 0, 0);
    builder.add("leg", tube ? "leg_tube" : "leg", sweep({a_top + xa, a_foot + xa}, section, Vector3d::UnitX()));
    builder.add("leg", tube ? "leg_tube" : "leg", sweep({b_top + xb, b_foot + xb}, section, Vector3d::UnitX()));
    builder.add("back_connector", "pin_ring",
                sweep({cross + xb - xa * 0.02, cross + xa * 1.02 + Vector3d(side * t * 0.5, 0, 0)}, circle_section(t * 0.22, 10)));
  }
  const auto bar = [&](const Vector3d& at, double half) {
    builder.add("leg_bar", tube ? "tube_bar" : "leg_bar",
                sweep({at - Vector3d(half, 0, 0), at + Vector3d(half, 0, 0)}, circle_section(t * 0.36, 10), Vector3d::UnitY()));
  };
  bar(a_foot + rng.uniform(0.15, 0.3) * (a_top - a_foot), outer);
  bar(b_foot + rng.uniform(0.15, 0.35) * (b_top - b_foot), inner);
  // The rod that carries the seat's rear between the posts.
  bar(Vector3d(0, seat.bottom() + std::min(0.008, seat.thickness * 0.4), -seat.depth / 2 + 0.03 + t * 0.2), outer);
  add_back(builder, seat, back, draw_padding(rng));
}

/// A director's chair: crossed legs in front and behind, a sling between posts.
void build_director(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double t = rng.uniform(0.026, 0.034), width = rng.uniform(0.5, 0.58), depth = rng.uniform(0.36, 0.42),
               sit = rng.uniform(0.43, 0.48);
  const double half = width / 2, z = depth / 2, arm = sit + rng.uniform(0.17, 0.22), back = arm + rng.uniform(0.2, 0.28),
               sag = rng.uniform(0.015, 0.04);
  const Section beam = rectangle_section(t, t * 0.7, 0.003);
  for (const double side : {-1.0, 1.0}) {
    builder.add("seat_frame", "seat_rail", sweep({{side * half, sit, -z - 0.01}, {side * half, sit, z + 0.01}}, beam, Vector3d::UnitY()));
    builder.add("runner", "runner",
                sweep({{side * half, t * 0.35, -z - 0.03}, {side * half, t * 0.35, z + 0.03}}, beam, Vector3d::UnitY()));
    builder.add("armrest", "armrest",
                sweep({{side * half, arm, -z - 0.03}, {side * half, arm, z + 0.04}}, rectangle_section(t * 1.7, t * 0.6, t * 0.2),
                      Vector3d::UnitY()));
    builder.add("arm_support", "arm_support", sweep({{side * half, sit, z - 0.02}, {side * half, arm, z - 0.02}}, beam, Vector3d::UnitZ()));
    builder.add(
        "back_frame", "back_post",
        sweep({{side * half, sit, -z + 0.01}, {side * half, arm, -z + 0.01}, {side * half, back, -z - 0.03}}, beam, Vector3d::UnitZ()));
  }
  for (const double dz : {z - 0.04, -z + 0.04})
    for (const double side : {-1.0, 1.0}) {
      const double shift = side * t * 0.33;  // the two of a pair pass beside each other
      builder.add("leg", "leg", sweep({{side * half, sit, dz + shift}, {-side * half, t * 0.35, dz + shift}}, beam, Vector3d::UnitZ()));
    }
  builder.add("seat_surface", "cushion_sling",
              sheet([&](double u, double v) { return Vector3d(u * half, sit + t * 0.25 - sag * (1 - u * u), -v * z * 0.96); },
                    {.thickness = 0.005, .columns = 14, .rows = 6}));
  const double low = arm + (back - arm) * 0.2, bow = rng.uniform(0.01, 0.04);
  builder.add("back_surface", "back_cushion_sling",
              sheet(
                  [&](double u, double v) {
                    const double y = low + (v + 1) / 2 * (back - 0.006 - low), lean = 0.04 * (y - arm) / (back - arm);
                    return Vector3d(u * (half + t * 0.1), y, -z + 0.01 - lean - bow * (1 - u * u));
                  },
                  {.thickness = 0.005, .columns = 14, .rows = 6}));
}

}  // namespace

void build_folding(ChairBuilder& builder) {
  builder.rng.bernoulli(0.7) ? build_side_folding(builder) : build_director(builder);
}

void build_cantilever(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = rng.uniform(0.44, 0.5), seat.back_width = seat.width * rng.uniform(0.95, 1.0), seat.depth = rng.uniform(0.42, 0.48);
  seat.top = rng.uniform(0.43, 0.47), seat.front = rng.uniform(6, 16), seat.rear = rng.uniform(10, 20);
  const SeatStyle styles[] = {SeatStyle::kCushion, SeatStyle::kDropIn, SeatStyle::kPly, SeatStyle::kBoard, SeatStyle::kWoven};
  const SeatStyle style = rng.pick_from(styles);
  set_thickness(seat, style, rng);
  add_seat(builder, seat, style);

  const bool flat = rng.bernoulli(0.3);
  const double t = rng.uniform(0.02, 0.027), low = flat ? t * 0.3 : t / 2, y = seat.bottom() + t * 0.2;
  const Section section = flat ? rectangle_section(t * 0.6, t * 1.7, 0.002) : circle_section(t / 2, 12);  // up is X
  const double half = std::min(seat.width, seat.back_width) / 2 - (flat ? 0.03 : 0.014), front = seat.depth / 2 + rng.uniform(-0.03, 0.05);
  const double rear = -seat.depth / 2 - rng.uniform(-0.04, 0.04), lean = rng.uniform(-0.02, 0.05), bend = rng.uniform(0.05, 0.1);
  const double spread = rng.uniform(0, 0.02), link = -seat.depth / 2 + 0.02;
  for (const double side : {-1.0, 1.0}) {
    const std::vector<Vector3d> corners{
        {side * half, y, link}, {side * half, y, front}, {side * (half + spread), low, front + lean}, {side * (half + spread), low, rear}};
    builder.add("leg", "leg_tube", sweep(rounded_path(corners, bend, false, 7), section, Vector3d::UnitX()));
  }
  builder.add("runner", "tube_runner",
              sweep({{-half - spread, low, rear + t * 0.4}, {half + spread, low, rear + t * 0.4}}, section, Vector3d::UnitZ()));
  if (rng.bernoulli(0.5))
    builder.add("leg_bar", "tube_bar",
                sweep({{-half, y, front - bend - 0.02}, {half, y, front - bend - 0.02}}, circle_section(t * 0.4, 10), Vector3d::UnitY()));

  // Tubes go on upwards behind the seat and carry the back.
  BackPlan back = draw_back_plan(rng, seat);
  const BackStyle backs[] = {BackStyle::kPadded, BackStyle::kPly, BackStyle::kFramed};
  back.style = rng.pick_from(backs);
  const Infill infills[] = {Infill::kPad, Infill::kCane, Infill::kRails, Infill::kLadder};
  back.infill = rng.pick_from(infills), back.crest = rng.bernoulli(0.7) ? Crest::kTube : Crest::kDeep;
  back.post = t, back.round_posts = true, back.flare = 0, back.recline_rad = rng.uniform(0.1, 0.24), back.height = rng.uniform(0.34, 0.46);
  back.width = 2 * half + t, back.foot_z = link + t * 0.3;
  SeatPlan carrier = seat;
  carrier.open = true, carrier.thickness = (seat.top - y) / 0.6;  // the posts start in the tubes
  add_back(builder, carrier, back, draw_padding(rng));
  if (!rng.bernoulli(0.45)) return;
  ArmPlan arms = draw_arm_plan(rng);
  arms.style = rng.bernoulli(0.5) ? ArmStyle::kLoop : ArmStyle::kPadded, arms.thickness = t;
  add_arms(builder, seat, back, arms);
}

void build_rocking(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat = draw_seat_plan(rng);
  seat.width = rng.uniform(0.48, 0.56), seat.back_width = seat.width * rng.uniform(0.86, 1.0), seat.depth = rng.uniform(0.44, 0.5);
  seat.top = rng.uniform(0.4, 0.45), seat.front = std::max(seat.front, 4.0), seat.rear = std::max(seat.rear, 5.0);
  const SeatStyle styles[] = {SeatStyle::kBoard,   SeatStyle::kSaddle, SeatStyle::kCushion,
                              SeatStyle::kSlatted, SeatStyle::kWoven,  SeatStyle::kDropIn};
  const SeatStyle style = rng.pick_from(styles);
  set_thickness(seat, style, rng);
  add_seat(builder, seat, style);

  // Legs end in runners that are arcs of a circle.
  LegPlan legs = draw_leg_plan(rng);
  const LegStyle straight_ones[] = {LegStyle::kSquare, LegStyle::kRound, LegStyle::kRoundTapered, LegStyle::kTurned,
                                    LegStyle::kSquareTapered};
  legs.style = rng.pick_from(straight_ones), legs.metal = false, legs.thickness = rng.uniform(0.028, 0.038), legs.taper = 0.75;
  const double out = seat.open ? 0 : rng.uniform(0, 0.05), tall = rng.uniform(0.03, 0.042), wide = rng.uniform(0.022, 0.03);
  LegPlacement placement = corner_legs(seat, legs, legs, 0.004 + out * 0.4, {out, out * 0.5, out});
  const double reach = seat.depth * 0.5 + rng.uniform(0.1, 0.2), tail = reach + rng.uniform(0.05, 0.14), radius = rng.uniform(0.85, 1.3);
  const auto runner_y = [&](double z) { return tall / 2 + radius - std::sqrt(radius * radius - z * z); };
  const auto runner_x = [&](double z, size_t front, size_t rear) {
    const Vector3d a = placement.paths[front].back(), b = placement.paths[rear].back();
    return b.x() + (z - b.z()) / (a.z() - b.z()) * (a.x() - b.x());
  };
  for (const auto& [front, rear] : {std::pair<size_t, size_t>{0, 3}, {1, 2}}) {
    std::vector<Vector3d> arc;
    for (int i = 0; i <= 24; ++i) {
      const double z = -tail + (reach + tail) * i / 24;
      arc.emplace_back(runner_x(z, front, rear), runner_y(z), z);
    }
    TriangleMesh runner = sweep(arc, rectangle_section(wide, tall, 0.005), Vector3d::UnitY());
    const double lowest = bounding_box(runner).min().y();
    builder.add("rocker", "rocker", moved(runner, {0, -lowest, 0}));
  }
  for (auto& path : placement.paths) {
    const Vector3d top = path.front();
    Vector3d foot = path.back();
    foot.y() = runner_y(foot.z());
    path = straight(top, foot, static_cast<int>(path.size()) - 1);
  }
  add_legs(builder, legs, legs, placement);
  if (rng.bernoulli(0.7))
    add_leg_bars(builder, placement, rng.bernoulli(0.5) ? BarStyle::kBox : BarStyle::kH, 0.02, legs.style != LegStyle::kSquare);

  BackPlan back = draw_back_plan(rng, seat);
  if (back.style == BackStyle::kBarrel || back.style == BackStyle::kPly) back.style = BackStyle::kFramed;
  if (back.style == BackStyle::kFramed && rng.bernoulli(0.5)) back.infill = Infill::kSpindles, back.count = rng.uniform_int(5, 8);
  back.height = rng.uniform(0.52, 0.68), back.recline_rad = rng.uniform(0.16, 0.28), back.bend_rad = rng.uniform(0, 0.16);
  const PadOptions padding = draw_padding(rng);
  add_back(builder, seat, back, padding);
  if (!rng.bernoulli(0.85)) return;
  ArmPlan arms = draw_arm_plan(rng);
  if (arms.style == ArmStyle::kPanel) arms.style = ArmStyle::kSpindled;
  add_arms(builder, seat, back, arms);
}

}  // namespace looking3d
