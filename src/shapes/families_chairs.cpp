// Chairs, armchairs, stools, bar stools and benches.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

SeatStyle draw_seat_style(Rng& rng) {
  const double weights[] = {2, 1.5, 3, 1.2, 0.8, 0.8, 1.2};
  return static_cast<SeatStyle>(rng.pick(weights));
}

/// Bars as thick as suit the legs.
void add_bars(ChairBuilder& builder, const LegPlan& legs, const LegPlacement& placement, BarStyle style) {
  Rng rng = builder.rng.fork("bar section");
  const bool round = legs.style == LegStyle::kTurned || legs.style == LegStyle::kRound || rng.bernoulli(0.4);
  add_leg_bars(builder, placement, style, std::clamp(legs.thickness * rng.uniform(0.5, 0.7), 0.012, 0.03), round);
}

/// Hairpins are fastened to boards, and kept for what is low.
void suit_legs(LegPlan& legs, const SeatPlan& seat) {
  if (legs.style == LegStyle::kHairpin && (seat.open || seat.top > 0.55)) legs.style = LegStyle::kRound, legs.thickness = 0.02;
}

/// Four legs below the corners; front and rear ones may differ.
void add_four_legs(ChairBuilder& builder, const SeatPlan& seat, double back_post) {
  Rng& rng = builder.rng;
  LegPlan front = draw_leg_plan(rng);
  suit_legs(front, seat);
  LegPlan rear = front;
  if (front.style != LegStyle::kHairpin &&
      rng.bernoulli(front.style == LegStyle::kCabriole || front.style == LegStyle::kTurned ? 0.6 : 0.12)) {
    rear.style = rng.bernoulli(0.5) ? LegStyle::kSabre : LegStyle::kSquareTapered;
    rear.metal = false, rear.thickness = std::max(rear.thickness, 0.03);
  }
  if (back_post > 0 && !rear.metal && rng.bernoulli(0.6)) rear.thickness = std::max(back_post, 0.028);
  const bool hairpin = front.style == LegStyle::kHairpin, solid = !seat.open;
  const double out = solid && rng.bernoulli(0.5) ? rng.uniform(0.01, 0.09) : 0;
  const Splay splay{out, out * rng.uniform(0.3, 1), rng.bernoulli(0.6) ? rng.uniform(0, 0.09) : out};
  const double inset = hairpin ? 0.06 : out > 0.03 && solid ? rng.uniform(0.02, 0.06) : 0.002;
  const LegPlacement placement = corner_legs(seat, front, rear, inset, splay);
  add_legs(builder, front, rear, placement);
  const bool cornered = seat.front > 9 && seat.rear > 9 && solid && seat.thickness < 0.11;
  if (cornered && out < 0.02 && !hairpin && rng.bernoulli(0.45)) add_apron(builder, seat, rng.uniform(0.035, 0.07), inset + 0.008);
  if (!hairpin && front.style != LegStyle::kCabriole) add_bars(builder, front, placement, draw_bars(rng));
}

/// Three or five legs on a circle below the seat.
void add_leg_ring(ChairBuilder& builder, const SeatPlan& seat, int count) {
  Rng& rng = builder.rng;
  LegPlan legs = draw_leg_plan(rng);
  if (legs.style == LegStyle::kHairpin || legs.style == LegStyle::kCabriole) legs.style = LegStyle::kRoundTapered, legs.thickness = 0.032;
  const double radius = std::min(seat.width, seat.depth) / 2 - legs.thickness * 0.8;
  const double phase = rng.bernoulli(0.5) ? 0 : kPi / count;
  const double foot_radius = std::min(seat.width, seat.depth) / 2 * rng.uniform(0.95, 1.2), top_radius = radius * rng.uniform(0.6, 0.92);
  const LegPlacement placement = ring_legs(legs, top_radius, foot_radius, seat.bottom() + seat.grip(), count, phase);
  add_legs(builder, legs, legs, placement);
  if (rng.bernoulli(0.35)) add_bars(builder, legs, placement, BarStyle::kBox);
}

/// What a seat with or without a back stands on.
void add_any_base(ChairBuilder& builder, const SeatPlan& seat, double back_post) {
  Rng& rng = builder.rng;
  const bool cornered = seat.front > 9 && seat.rear > 9;
  const double weights[] = {12, seat.open || seat.front > 6 ? 0.0 : 2.5, 1.2, seat.open || !cornered ? 0.0 : 0.4};
  switch (rng.pick(weights)) {
    case 0:
      return add_four_legs(builder, seat, back_post);
    case 1:
      return add_leg_ring(builder, seat, rng.bernoulli(0.6) ? 3 : 5);
    case 2:
      return add_sled(builder, seat, rng.uniform(0.018, 0.026));
    default:
      return add_panel_sides(builder, seat, rng.uniform(0.018, 0.028));
  }
}

/// A shell on rods, a pedestal, four slender legs or a star.
void build_shell_chair(ChairBuilder& builder, bool tub) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = tub ? rng.uniform(0.5, 0.58) : rng.uniform(0.42, 0.5);
  seat.depth = rng.uniform(0.4, 0.46);
  seat.top = rng.uniform(0.43, 0.47);
  add_shell(builder, seat, tub);
  const size_t kind = rng.index(4);
  if (kind < 2) return add_rod_base(builder, seat);
  if (kind == 2) return add_pedestal(builder, seat, false);
  LegPlan legs = draw_leg_plan(rng);
  legs.style = rng.bernoulli(0.5) ? LegStyle::kRoundTapered : LegStyle::kSquareTapered;
  legs.thickness = rng.uniform(0.026, 0.036);
  builder.add("seat_frame", "plate",
              moved(rounded_box({0.24, 0.022, 0.24}, {.radius = 0.004}), {0, seat.bottom() + seat.grip() - 0.011, 0}));
  const LegPlacement placement =
      ring_legs(legs, 0.12, seat.width * rng.uniform(0.42, 0.5), seat.bottom() + seat.grip() - 0.006, 4, kPi / 4);
  add_legs(builder, legs, legs, placement);
  if (rng.bernoulli(0.4)) add_bars(builder, legs, placement, BarStyle::kH);
}

void build_with_back(ChairBuilder& builder, bool arms) {
  Rng& rng = builder.rng;
  SeatPlan seat = draw_seat_plan(rng);
  const SeatStyle style = draw_seat_style(rng);
  if (arms) seat.width = rng.uniform(0.5, 0.58), seat.back_width = seat.width * rng.uniform(0.88, 1.0);
  if (arms && seat.front < 3) seat.front = 5, seat.rear = 6;
  set_thickness(seat, style, rng);
  add_seat(builder, seat, style);
  BackPlan back = draw_back_plan(rng, seat);
  if (arms && back.style == BackStyle::kBarrel) back.style = BackStyle::kHoop;
  if (arms && back.style == BackStyle::kHoop && seat.open) back.style = BackStyle::kFramed;
  add_any_base(builder, seat, back.style == BackStyle::kFramed ? back.post : 0);
  const PadOptions padding = draw_padding(rng);
  add_back(builder, seat, back, padding);
  if (arms) add_arms(builder, seat, back, draw_arm_plan(rng));
}

/// A seat without a back, and what it stands on.
SeatPlan add_stool_seat(ChairBuilder& builder, double top) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = rng.uniform(0.29, 0.39);
  seat.top = top;
  const bool round = rng.bernoulli(0.5);
  seat.depth = round ? seat.width : rng.uniform(0.26, 0.36);
  seat.back_width = round || rng.bernoulli(0.7) ? seat.width : seat.width * rng.uniform(0.78, 0.95);
  seat.front = seat.rear = round ? 2 : rng.uniform(3, 24);
  SeatStyle style = draw_seat_style(rng);
  if (round && (style == SeatStyle::kDropIn || style == SeatStyle::kWoven || style == SeatStyle::kSlatted || style == SeatStyle::kPly))
    style = rng.bernoulli(0.5) ? SeatStyle::kBoard : SeatStyle::kCushion;
  set_thickness(seat, style, rng);
  add_seat(builder, seat, style);
  return seat;
}

void add_stool_legs(ChairBuilder& builder, const SeatPlan& seat, bool high) {
  Rng& rng = builder.rng;
  LegPlan legs = draw_leg_plan(rng);
  suit_legs(legs, seat);
  if (high && legs.style == LegStyle::kCabriole) legs.style = LegStyle::kSquareTapered;
  const bool hairpin = legs.style == LegStyle::kHairpin, ring = seat.front < 4 && rng.bernoulli(0.6) && !hairpin;
  LegPlacement placement;
  if (ring) {
    const double counts[] = {5, 5, 1}, radius = seat.width / 2 - legs.thickness * 0.8;
    const int count = 3 + static_cast<int>(rng.pick(counts));
    const double phase = rng.bernoulli(0.5) ? 0 : kPi / count;
    const double foot_radius = seat.width / 2 * rng.uniform(0.92, high ? 1.25 : 1.15), top_radius = radius * rng.uniform(0.55, 0.95);
    placement = ring_legs(legs, top_radius, foot_radius, seat.bottom() + seat.grip(), count, phase);
  } else {
    const double out = seat.open ? 0 : rng.uniform(0, 0.09);
    placement = corner_legs(seat, legs, legs, hairpin ? 0.05 : 0.003 + out * 0.4, {out, out * 0.8, out * 0.8});
  }
  add_legs(builder, legs, legs, placement);
  if (hairpin) return;
  const bool level = ring && legs.style != LegStyle::kSabre && legs.style != LegStyle::kCabriole;
  if (level && rng.bernoulli(high ? 0.6 : 0.25)) {
    const double y = seat.top * rng.uniform(0.25, 0.42);
    const Vector3d at = placement.at_height(0, y);
    add_foot_ring(builder, std::hypot(at.x(), at.z()), y, rng.uniform(0.012, 0.02));
  } else if (high || rng.bernoulli(0.5)) {
    const BarStyle tied[] = {BarStyle::kBox, BarStyle::kBox, BarStyle::kFrontAndSides, BarStyle::kH};
    add_bars(builder, legs, placement, ring ? BarStyle::kBox : high ? rng.pick_from(tied) : draw_bars(rng));
  }
}

}  // namespace

void build_chair(ChairBuilder& builder) {
  if (builder.rng.bernoulli(0.1)) return build_shell_chair(builder, false);
  build_with_back(builder, false);
}

void build_armchair(ChairBuilder& builder) {
  if (builder.rng.bernoulli(0.12)) return build_shell_chair(builder, true);
  build_with_back(builder, true);
}

void build_stool(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const SeatPlan seat = add_stool_seat(builder, rng.uniform(0.38, 0.48));
  const double weights[] = {8, seat.open ? 0.0 : 1.2, 1, seat.open || seat.front < 9 ? 0.0 : 1.2};
  switch (rng.pick(weights)) {
    case 0:
      return add_stool_legs(builder, seat, false);
    case 1:
      return add_pedestal(builder, seat, false);
    case 2:
      return add_sled(builder, seat, rng.uniform(0.016, 0.022));
    default:
      return add_panel_sides(builder, seat, rng.uniform(0.018, 0.028));
  }
}

void build_bar_stool(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const SeatPlan seat = add_stool_seat(builder, rng.uniform(0.6, 0.8));
  const double weights[] = {6, seat.open ? 0.0 : 2.5, 1};
  switch (rng.pick(weights)) {
    case 0:
      add_stool_legs(builder, seat, true);
      break;
    case 1: {
      add_pedestal(builder, seat, false);
      if (rng.bernoulli(0.7)) {
        const double r = rng.uniform(0.13, 0.18), y = seat.top * rng.uniform(0.32, 0.45);
        add_foot_ring(builder, r, y, 0.018);
        builder.add("footrest", "foot_bar_ring", sweep({{-r, y, 0}, {r, y, 0}}, circle_section(0.008, 10), Vector3d::UnitY()));
      }
      break;
    }
    default: {
      add_sled(builder, seat, rng.uniform(0.018, 0.024));
    }
  }
  if (rng.bernoulli(0.5)) {
    BackPlan back = draw_back_plan(rng, seat);
    back.height = rng.uniform(0.16, 0.34);
    back.count = std::min(back.count, 4);
    if (back.height < 0.26 && back.infill != Infill::kSpindles && back.infill != Infill::kVerticalSlats) back.infill = Infill::kRails;
    const PadOptions padding = draw_padding(rng);
    add_back(builder, seat, back, padding);
    if (back.height > 0.24 && rng.bernoulli(0.2)) {
      ArmPlan arms = draw_arm_plan(rng);
      arms.height = back.height * 0.6;
      if (side_of_back(back, arms.height) > 0) add_arms(builder, seat, back, arms);
    }
  }
}

void build_bench(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = seat.back_width = rng.uniform(0.9, 1.4);
  seat.depth = rng.uniform(0.34, 0.44);
  seat.top = rng.uniform(0.42, 0.47);
  seat.front = seat.rear = rng.uniform(20, 60);
  const SeatStyle styles[] = {SeatStyle::kBoard, SeatStyle::kSlatted, SeatStyle::kCushion, SeatStyle::kDropIn, SeatStyle::kWoven};
  const SeatStyle style = rng.pick_from(styles);
  set_thickness(seat, style, rng);
  add_seat(builder, seat, style);
  const double weights[] = {4, seat.open ? 0.0 : 1.5, seat.open ? 0.0 : 1.2};
  switch (rng.pick(weights)) {
    case 0:
      add_four_legs(builder, seat, 0);
      break;
    case 1:
      add_trestles(builder, seat);
      break;
    default:
      add_panel_sides(builder, seat, rng.uniform(0.024, 0.036));
  }
  if (!rng.bernoulli(0.65)) return;
  BackPlan back = draw_back_plan(rng, seat);
  back.style = BackStyle::kFramed;
  const Infill wide[] = {Infill::kLadder,  Infill::kVerticalSlats, Infill::kSpindles, Infill::kCross,
                         Infill::kLattice, Infill::kPad,           Infill::kRails};
  back.infill = rng.pick_from(wide);
  back.curve = 0, back.flare = 0;
  if (back.infill == Infill::kVerticalSlats || back.infill == Infill::kSpindles) back.count = rng.uniform_int(9, 15);
  const Vector3d corner = seat.corner(1, -1, back.post * 0.5 + 0.002, 0);
  back.foot_z = corner.z(), back.width = 2 * corner.x() + back.post;
  const PadOptions padding = draw_padding(rng);
  add_back(builder, seat, back, padding);
  if (rng.bernoulli(0.65)) add_arms(builder, seat, back, draw_arm_plan(rng));
}

}  // namespace looking3d
