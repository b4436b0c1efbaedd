#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

SeatPlan draw_seat_plan(Rng& rng) {
  SeatPlan seat;
  seat.width = rng.uniform(0.4, 0.54);
  seat.back_width = seat.width * rng.uniform(0.82, 1.0);
  seat.depth = rng.uniform(0.38, 0.5);
  seat.top = rng.uniform(0.42, 0.5);
  seat.thickness = rng.uniform(0.022, 0.05);
  return seat;
}

/// A round seat has the outline of its inscribed square for everything that stands on its corners.
SeatPlan inscribed(const SeatPlan& round) {
  SeatPlan square = round;
  square.width = square.back_width = square.depth = round.width * 0.74;
  return square;
}

BarStyle draw_bars(Rng& rng) {
  const double weights[] = {3, 1.5, 1.5, 1.5, 1, 0.7};
  return static_cast<BarStyle>(rng.pick(weights));
}

}  // namespace

void build_four_legged(ChairBuilder& builder, bool arms) {
  Rng& rng = builder.rng;
  SeatPlan seat = draw_seat_plan(rng);
  const double seat_weights[] = {2, 1.5, 2.5, 0.8, 1, 1};
  const auto seat_style = static_cast<SeatStyle>(rng.pick(seat_weights));
  if (seat_style == SeatStyle::kCushion) seat.thickness = rng.uniform(0.06, 0.12);
  if (seat_style == SeatStyle::kPanelFrame) seat.thickness = rng.uniform(0.04, 0.07);
  if (arms) seat.width = rng.uniform(0.5, 0.6), seat.back_width = seat.width * rng.uniform(0.88, 1.0);
  if (seat_style == SeatStyle::kRound) {
    seat.round = true;
    seat.depth = seat.back_width = seat.width;
  }
  add_seat(builder, seat, seat_style);

  // What stands on a round seat keeps to the square inside it.
  const SeatPlan corners = seat.round ? inscribed(seat) : seat;
  const LegPlan legs = draw_leg_plan(rng);
  if (rng.bernoulli(0.1)) {
    add_sled(builder, corners, rng.uniform(0.018, 0.028));
  } else {
    const double splay = rng.bernoulli(0.5) ? rng.uniform(0.01, 0.08) : 0;
    const LegPlacement placement = corner_legs(corners, legs.thickness * 0.7 + rng.uniform(0, 0.03), splay, splay * rng.uniform(0.3, 1),
                                               rng.bernoulli(0.7) ? rng.uniform(0, 0.09) : splay);
    add_legs(builder, legs, placement);
    const bool apron = !seat.round && seat_style != SeatStyle::kPanelFrame && splay < 0.02 && rng.bernoulli(0.4);
    if (apron) add_apron(builder, seat, rng.uniform(0.035, 0.07), legs.thickness * 0.7);
    if (legs.style != LegStyle::kCurved) add_leg_bars(builder, placement, draw_bars(rng), rng.uniform(0.014, 0.026), rng.bernoulli(0.5));
  }

  BackPlan back = draw_back_plan(rng, corners);
  add_back(builder, corners, back);
  if (arms) add_arms(builder, corners, back, draw_arm_plan(rng));
}

void build_stool(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const bool bar = rng.bernoulli(0.45), round = rng.bernoulli(0.55);
  SeatPlan seat;
  seat.width = rng.uniform(0.3, 0.42);
  seat.depth = round ? seat.width : rng.uniform(0.28, 0.4);
  seat.back_width = round ? seat.width : seat.width * (rng.bernoulli(0.7) ? 1.0 : rng.uniform(0.75, 0.95));
  seat.top = bar ? rng.uniform(0.62, 0.8) : rng.uniform(0.4, 0.5);
  seat.round = round;
  const SeatStyle flat[] = {SeatStyle::kBoard, SeatStyle::kSaddle, SeatStyle::kCushion, SeatStyle::kSlatted, SeatStyle::kPanelFrame};
  const SeatStyle style = round ? SeatStyle::kRound : rng.pick_from(flat);
  seat.thickness = style == SeatStyle::kCushion || (round && rng.bernoulli(0.4)) ? rng.uniform(0.05, 0.1) : rng.uniform(0.022, 0.045);
  add_seat(builder, seat, style);

  const LegPlan legs = draw_leg_plan(rng);
  const bool square_base = !round || rng.bernoulli(0.3);
  LegPlacement placement;
  if (square_base) {
    const SeatPlan corners = round ? inscribed(seat) : seat;
    const double splay = rng.uniform(0, 0.1);
    placement = corner_legs(corners, legs.thickness * 0.7, splay, splay * 0.8, splay * 0.8);
  } else {
    const double counts[] = {5, 4, 1};
    const int count = 3 + static_cast<int>(rng.pick(counts));
    const double radius = seat.width / 2 - legs.thickness * 0.8;
    placement = ring_legs(radius * rng.uniform(0.55, 0.95), seat.width / 2 * rng.uniform(0.9, 1.35), seat.bottom() + 0.012, count,
                          rng.uniform(0, 2 * std::numbers::pi));
  }
  add_legs(builder, legs, placement);

  // A foot ring, bars between neighbours, or nothing.
  const double kind = rng.uniform();
  const bool straight = legs.style != LegStyle::kCurved;
  if (kind < 0.35 && !square_base && straight) {
    const double y = seat.top * rng.uniform(0.25, 0.45), r = placement.at_height(0, y).head<3>().cwiseProduct(Vector3d(1, 0, 1)).norm();
    std::vector<Vector3d> loop;
    for (int i = 0; i < 40; ++i) {
      const double a = 2 * std::numbers::pi * i / 40;
      loop.emplace_back(r * std::sin(a), y, r * std::cos(a));
    }
    builder.add("footrest", "foot_ring", sweep_loop(loop, circle_section(rng.uniform(0.007, 0.011), 10), Vector3d::UnitY()));
  } else if (straight && (bar || kind < 0.75)) {
    add_leg_bars(builder, placement, square_base ? draw_bars(rng) : BarStyle::kBox, rng.uniform(0.014, 0.024), rng.bernoulli(0.6));
  }
  if (bar && rng.bernoulli(0.35)) {
    const SeatPlan corners = round ? inscribed(seat) : seat;
    BackPlan back = draw_back_plan(rng, corners);
    back.height = rng.uniform(0.18, 0.32);
    back.count = std::min(back.count, 4);
    add_back(builder, corners, back);
  }
}

void build_bench(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = seat.back_width = rng.uniform(0.9, 1.4);
  seat.depth = rng.uniform(0.34, 0.46);
  seat.top = rng.uniform(0.42, 0.48);
  const SeatStyle styles[] = {SeatStyle::kBoard, SeatStyle::kSlatted, SeatStyle::kCushion, SeatStyle::kPanelFrame};
  const SeatStyle style = rng.pick_from(styles);
  seat.thickness = style == SeatStyle::kCushion ? rng.uniform(0.07, 0.11) : rng.uniform(0.03, 0.05);
  add_seat(builder, seat, style);
  const LegPlan legs = draw_leg_plan(rng);
  LegPlacement placement = corner_legs(seat, legs.thickness * 0.7 + rng.uniform(0, 0.12), rng.uniform(0, 0.05), 0.01, rng.uniform(0, 0.06));
  add_legs(builder, legs, placement);
  if (legs.style != LegStyle::kCurved) add_leg_bars(builder, placement, draw_bars(rng), rng.uniform(0.02, 0.03), rng.bernoulli(0.4));
  if (rng.bernoulli(0.7)) {
    BackPlan back = draw_back_plan(rng, seat);
    const BackStyle wide[] = {BackStyle::kHorizontalSlats, BackStyle::kVerticalSlats, BackStyle::kSpindles, BackStyle::kPaddedFrame,
                              BackStyle::kCrossFrame};
    back.style = rng.pick_from(wide);
    back.curve = 0;
    if (back.style == BackStyle::kVerticalSlats || back.style == BackStyle::kSpindles) back.count = rng.uniform_int(8, 14);
    add_back(builder, seat, back);
    if (rng.bernoulli(0.6)) add_arms(builder, seat, back, draw_arm_plan(rng));
  }
}

void build_lounge(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = rng.uniform(0.56, 0.68);
  seat.back_width = seat.width * rng.uniform(0.9, 1.0);
  seat.depth = rng.uniform(0.52, 0.62);
  seat.top = rng.uniform(0.36, 0.42);
  seat.thickness = rng.uniform(0.1, 0.16);
  add_seat(builder, seat, SeatStyle::kCushion);
  LegPlan legs = draw_leg_plan(rng);
  const double splay = rng.uniform(0.0, 0.09);
  LegPlacement placement = corner_legs(seat, legs.thickness * 0.7 + rng.uniform(0, 0.04), splay, splay, rng.uniform(0.02, 0.14));
  if (rng.bernoulli(0.2)) {
    add_sled(builder, seat, rng.uniform(0.022, 0.032));
  } else {
    add_legs(builder, legs, placement);
    if (legs.style != LegStyle::kCurved && rng.bernoulli(0.4))
      add_leg_bars(builder, placement, draw_bars(rng), rng.uniform(0.018, 0.028), rng.bernoulli(0.5));
  }
  BackPlan back = draw_back_plan(rng, seat);
  const BackStyle soft[] = {BackStyle::kPaddedFrame, BackStyle::kCushion, BackStyle::kPanel, BackStyle::kBarrel,
                            BackStyle::kHorizontalSlats};
  back.style = rng.pick_from(soft);
  back.height = rng.uniform(0.5, 0.75);
  back.recline_rad = rng.uniform(0.2, 0.45);
  add_back(builder, seat, back);
  if (rng.bernoulli(0.75)) add_arms(builder, seat, back, draw_arm_plan(rng));
  if (rng.bernoulli(0.3)) {
    const Vector3d at = on_back(seat, back, {0, back.height * rng.uniform(0.84, 0.95), 0.05});
    const TriangleMesh pillow =
        turned(cushion({seat.back_width * 0.6, 0.06, 0.16}, 0.95, 0.012), std::numbers::pi / 2 - back.recline_rad, Vector3d::UnitX());
    builder.add("headrest", "headrest", moved(pillow, at));
  }
}

}  // namespace looking3d
