// Sofas, wing and club chairs, lounge chairs, and office chairs.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/upholstery.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

void add_body(ChairBuilder& builder, const BodyPlan& body, bool left, bool right) {
  add_body_seat(builder, body);
  add_body_back(builder, body);
  if (left) add_body_arm(builder, body, -1);
  if (right) add_body_arm(builder, body, 1);
  add_body_feet(builder, body);
}

/// A longer seat at one end of a sofa.
void add_chaise(ChairBuilder& builder, const BodyPlan& body, double side) {
  Rng rng = builder.rng.fork("chaise");
  const double width = body.inner / body.seats, length = rng.uniform(0.45, 0.65), x = side * (body.inner - width) / 2;
  const double z = body.depth / 2 + length / 2 - 0.01;
  builder.add("seat_frame", "base",
              moved(pad({width, body.base, length + 0.02}, {.edge = body.covering.edge * 0.6, .front = 40, .rear = 40}),
                    {x, body.legs + body.base / 2, z}));
  builder.add("seat_surface", "cushion",
              moved(pad({width - 0.006, body.cushion + kOverlap, length}, body.padding),
                    {x, body.base_top() + (body.cushion - kOverlap) / 2, z + 0.008}));
  const LegPlan plan{.style = LegStyle::kRoundTapered, .thickness = 0.05, .taper = 0.7};
  LegPlacement placement;
  for (const double dx : {-1.0, 1.0}) {
    const double at = x + dx * (width / 2 - 0.05);
    placement.paths.push_back(straight({at, body.legs + 0.014, z + length / 2 - 0.06}, {at, 0, z + length / 2 - 0.06}, 4));
  }
  add_legs(builder, plan, plan, placement);
}

/// A thick shell around the seat that is arms and back at once.
void build_club(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = seat.back_width = rng.uniform(0.58, 0.7), seat.depth = rng.uniform(0.56, 0.66);
  seat.front = rng.uniform(5, 12), seat.rear = rng.uniform(2.2, 4);
  const double legs = rng.uniform(0.05, 0.16), base = rng.uniform(0.08, 0.15), cushion = rng.uniform(0.4, 0.45) - legs - base;
  PadOptions shape = draw_padding(rng);
  shape.front = seat.front, shape.rear = seat.rear, shape.channels = 0;
  PadOptions plain{.edge = 0.4, .front = seat.front, .rear = seat.rear};
  builder.add("seat_frame", "base", moved(pad({seat.width, base, seat.depth}, plain), {0, legs + base / 2, 0}));
  builder.add(
      "seat_surface", "cushion",
      moved(pad({seat.width - 0.06, cushion + kOverlap, seat.depth - 0.03}, shape), {0, legs + base + (cushion - kOverlap) / 2, 0.01}));
  const double sit = legs + base + cushion, thick = rng.uniform(0.08, 0.14), arc = rng.uniform(3.6, 4.6), arm = rng.uniform(0.14, 0.22);
  const double high = arm + rng.uniform(0.0, 0.28), power = rng.uniform(1.5, 4), lean = rng.uniform(0.02, 0.12), low = legs + base * 0.2;
  const int channels = rng.bernoulli(0.4) ? rng.uniform_int(7, 13) : 0;
  SheetOptions options{.thickness = thick, .columns = channels > 0 ? channels * 4 : 36, .rows = 10, .front = 30, .rear = 30};
  options.swelling = [=](double u, double v) {
    const double flute = channels > 0 ? 1 - 0.22 * std::pow(std::abs(std::cos(kPi * channels * (u + 1) / 2)), 6) : 1;
    return flute * (1 - 0.25 * std::pow(std::abs(v), 6));
  };
  builder.add("back_surface", "back_body",
              sheet(
                  [&](double u, double v) {
                    const Vector2d edge = seat.outline(kPi - u * arc / 2);
                    const double share = (v + 1) / 2, top = sit + arm + (high - arm) * (1 - std::pow(std::abs(u), power));
                    const double grow = 1 + (thick * 0.3 + lean * share * share * (1 - 0.5 * std::abs(u))) / edge.norm();
                    return Vector3d(edge.x() * grow, low + share * (top - low), edge.y() * grow);
                  },
                  options));
  LegPlan feet = draw_foot_plan(rng);
  SeatPlan under = seat;
  under.top = legs + 0.02, under.thickness = 0.02;
  if (rng.bernoulli(0.2)) under.top = legs + 0.012, feet.style = LegStyle::kRound, feet.thickness = 0.05;
  const double out = rng.uniform(0, 0.03);
  add_legs(builder, feet, feet, corner_legs(under, feet, feet, 0.03, {out, out, out}));
}

/// Lounge chairs with an open frame: rails below loose cushions, posts, and arms of wood or tube.
void build_frame_lounge(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = rng.uniform(0.56, 0.66), seat.back_width = seat.width * rng.uniform(0.94, 1.0);
  seat.depth = rng.uniform(0.52, 0.6), seat.top = rng.uniform(0.26, 0.3);
  seat.front = seat.rear = 40;
  const bool slatted = rng.bernoulli(0.6);
  set_thickness(seat, slatted ? SeatStyle::kSlatted : SeatStyle::kWoven, rng);
  add_seat(builder, seat, slatted ? SeatStyle::kSlatted : SeatStyle::kWoven);
  PadOptions padding = draw_padding(rng);
  padding.front = padding.rear = rng.uniform(10, 30);
  const double thick = rng.uniform(0.09, 0.14);
  BackPlan back = draw_back_plan(rng, seat);
  back.style = BackStyle::kFramed;
  const Infill open[] = {Infill::kLadder, Infill::kVerticalSlats, Infill::kSpindles, Infill::kLattice};
  back.infill = rng.pick_from(open), back.count = rng.uniform_int(3, 7);
  back.height = rng.uniform(0.5, 0.68), back.recline_rad = rng.uniform(0.25, 0.45), back.bend_rad = rng.uniform(0, 0.12), back.curve = 0,
  back.flare = 0;
  back.crest = rng.bernoulli(0.6) ? Crest::kStraight : Crest::kArched;
  builder.add("seat_surface", "cushion",
              moved(pad({seat.back_width - 0.05, thick, seat.depth - 0.02}, padding), {0, seat.top + thick / 2 - 0.014, 0.03}));
  LegPlan legs = draw_leg_plan(rng);
  if (legs.style == LegStyle::kHairpin || legs.style == LegStyle::kCabriole) legs.style = LegStyle::kRoundTapered, legs.thickness = 0.036;
  if (rng.bernoulli(0.2)) {
    add_sled(builder, seat, rng.uniform(0.022, 0.03));
  } else {
    add_legs(builder, legs, legs, corner_legs(seat, legs, legs, 0.002, {0, rng.uniform(0, 0.05), rng.uniform(0.02, 0.12)}));
  }
  add_back(builder, seat, back, padding);
  const double tall = back.height * rng.uniform(0.75, 0.98), soft = rng.uniform(0.08, 0.12);
  const TriangleMesh cushion = upright(pad({seat.back_width - 0.08, soft, tall}, padding));
  builder.add("back_surface", "back_cushion",
              on_back(seat, back, moved(cushion, {0, thick - 0.03 + tall / 2, back.thickness / 2 + soft / 2 - 0.008})));
  ArmPlan arms = draw_arm_plan(rng);
  const ArmStyle frames[] = {ArmStyle::kPost, ArmStyle::kTwoPosts, ArmStyle::kLoop, ArmStyle::kSpindled, ArmStyle::kPost};
  arms.style = rng.pick_from(frames), arms.height = thick + rng.uniform(0.12, 0.18), arms.width = rng.uniform(0.05, 0.09);
  if (rng.bernoulli(0.85)) add_arms(builder, seat, back, arms);
}

/// An upholstered seat and back in one sweep on slender legs, with or without arms.
void build_soft_lounge(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = rng.uniform(0.56, 0.68), seat.back_width = seat.width * rng.uniform(0.88, 1.0), seat.depth = rng.uniform(0.5, 0.6);
  seat.top = rng.uniform(0.36, 0.42), seat.thickness = rng.uniform(0.1, 0.15), seat.soft = true, seat.front = rng.uniform(4, 16),
  seat.rear = rng.uniform(4, 10);
  add_seat(builder, seat, SeatStyle::kCushion);
  BackPlan back = draw_back_plan(rng, seat);
  const BackStyle soft[] = {BackStyle::kUpholstered, BackStyle::kUpholstered, BackStyle::kBarrel, BackStyle::kPly};
  back.style = rng.pick_from(soft);
  back.height = rng.uniform(0.46, 0.7), back.recline_rad = rng.uniform(0.2, 0.4), back.bend_rad = rng.uniform(0, 0.2);
  const size_t base = rng.index(4);
  LegPlan legs = draw_foot_plan(rng);
  legs.thickness = std::min(legs.thickness, 0.045);
  const double out = rng.uniform(0.01, 0.08);
  if (base == 0)
    add_pedestal(builder, seat, false);
  else if (base == 1)
    add_sled(builder, seat, rng.uniform(0.022, 0.03));
  else
    add_legs(builder, legs, legs, corner_legs(seat, legs, legs, 0.03, {out, out, out * 1.3}));
  PadOptions padding = draw_padding(rng);
  add_back(builder, seat, back, padding);
  if (rng.bernoulli(0.3) && back.style != BackStyle::kBarrel) add_headrest(builder, seat, back, padding);
  if (side_of_back(back, 0.2) > 0 && rng.bernoulli(0.6)) add_arms(builder, seat, back, draw_arm_plan(rng));
}

}  // namespace

void build_sofa(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double seats[] = {0.8, 3, 2};
  const int count = 1 + static_cast<int>(rng.pick(seats));
  BodyPlan body = draw_body_plan(rng, count);
  const bool chaise = count > 1 && rng.bernoulli(0.14);
  const double side = rng.bernoulli(0.5) ? 1 : -1;
  const bool one_arm = count > 1 && rng.bernoulli(0.07);
  body.feet_below_arms &= !one_arm;
  add_body(builder, body, !(one_arm && side < 0), !(one_arm && side > 0));
  if (chaise) add_chaise(builder, body, side);
}

void build_wing(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  if (rng.bernoulli(0.4)) return build_club(builder);
  BodyPlan body = draw_body_plan(rng, 1);
  const SofaArm arms[] = {SofaArm::kRolled, SofaArm::kPillow, SofaArm::kTrack, SofaArm::kSloped};
  const SofaBack backs[] = {SofaBack::kTight, SofaBack::kCamel, SofaBack::kTufted};
  body.arm = rng.pick_from(arms), body.back = rng.pick_from(backs);
  body.arm_width = rng.uniform(0.09, 0.13), body.back_height = rng.uniform(0.58, 0.74), body.recline_rad = rng.uniform(0.08, 0.2);
  body.inner = rng.uniform(0.5, 0.58), body.legs = std::max(body.legs, 0.07);
  add_body(builder, body, true, true);

  // The wings: cheeks between back and arms.
  const double thick = rng.uniform(0.04, 0.065), reach = rng.uniform(0.16, 0.26), low = body.arm_top() - 0.05,
               high = body.sit() + body.back_height * rng.uniform(0.88, 1.0);
  const double toe = rng.uniform(0.0, 0.05), round = rng.uniform(2.5, 6), lean = std::tan(body.recline_rad * 0.6);
  for (const double side : {-1.0, 1.0}) {
    SheetOptions options{.thickness = thick, .columns = 10, .rows = 12, .front = round, .rear = 30};
    builder.add("back_frame", "cushion_wing",
                sheet(
                    [&](double u, double v) {
                      const double s = (1 - u) / 2, share = (v + 1) / 2,
                                   y = low + share * (high - low);  // s: 0 at the back, 1 at the front
                      const double rear = -body.depth / 2 - (y - body.legs) * lean + body.back_depth * 0.2;
                      const double length = reach * (1.25 - 0.45 * share);
                      return Vector3d(side * (body.inner / 2 + thick * 0.4 - toe * s * share), y, rear + s * length);
                    },
                    options));
  }
}

void build_lounge(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  if (rng.bernoulli(0.5)) return build_frame_lounge(builder);
  if (rng.bernoulli(0.75)) return build_soft_lounge(builder);
  SeatPlan seat;
  seat.width = rng.uniform(0.62, 0.72), seat.depth = rng.uniform(0.52, 0.6), seat.top = rng.uniform(0.36, 0.42);
  add_shell(builder, seat, true);
  rng.bernoulli(0.5) ? add_pedestal(builder, seat, false) : add_rod_base(builder, seat);
}

void build_swivel(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  seat.width = rng.uniform(0.44, 0.52), seat.depth = rng.uniform(0.42, 0.48), seat.back_width = seat.width * rng.uniform(0.82, 0.98);
  seat.top = rng.uniform(0.43, 0.52), seat.front = rng.uniform(3.5, 9), seat.rear = rng.uniform(3, 8);
  if (rng.bernoulli(0.15)) {
    add_shell(builder, seat, rng.bernoulli(0.5));
    return add_pedestal(builder, seat, true);
  }
  const double seats[] = {1, 8, 1};
  const SeatStyle styles[] = {SeatStyle::kSaddle, SeatStyle::kCushion, SeatStyle::kPly};
  const SeatStyle style = styles[rng.pick(seats)];
  set_thickness(seat, style, rng);
  add_seat(builder, seat, style);
  add_pedestal(builder, seat, true);
  BackPlan back = draw_back_plan(rng, seat);
  const BackStyle backs[] = {BackStyle::kPly, BackStyle::kPadded, BackStyle::kUpholstered, BackStyle::kFramed, BackStyle::kBarrel};
  back.style = rng.pick_from(backs);
  if (back.style == BackStyle::kUpholstered && !seat.soft) back.style = BackStyle::kPadded;
  const Infill office[] = {Infill::kCane, Infill::kPad, Infill::kLadder, Infill::kRails};
  back.infill = rng.pick_from(office);
  back.height = rng.uniform(0.4, 0.66), back.bend_rad = rng.uniform(0.02, 0.2), back.flare = rng.uniform(-0.2, 0.05),
  back.recline_rad = rng.uniform(0.04, 0.16);
  PadOptions padding = draw_padding(rng);
  const bool spine = back.style == BackStyle::kPadded || (back.style == BackStyle::kPly && rng.bernoulli(0.5));
  if (spine) {
    // A bar from below the seat up behind the pad, as office chairs have.
    const double t = rng.uniform(0.018, 0.028), low = rng.uniform(0.08, 0.2), soft = rng.uniform(0.035, 0.06),
                 wide = rng.uniform(0.04, 0.09);
    const auto behind = [&](double y) { return on_back(seat, back, Vector3d(0, y, -soft / 2 - t * 0.3)); };
    const Vector3d from(0, seat.bottom() + 0.004, -seat.depth * 0.2), knee(0, seat.bottom() - 0.004, -seat.depth / 2 - 0.05);
    builder.add("back_connector", "spine",
                sweep(rounded_path({from, knee, behind(low), behind(back.height * 0.75)}, 0.07, false, 6),
                      rectangle_section(wide, t, t * 0.3), Vector3d::UnitY()));
    PadOptions options = padding;
    options.front = rng.uniform(3, 8), options.rear = rng.uniform(3, 8);
    back.width = seat.width * rng.uniform(0.85, 0.98);
    builder.add("back_surface", "back_cushion",
                on_back(seat, back, moved(upright(pad({back.width, soft, back.height - low}, options)), {0, (back.height + low) / 2, 0})));
  } else {
    add_back(builder, seat, back, padding);
  }
  if (rng.bernoulli(0.6)) {
    ArmPlan arms = draw_arm_plan(rng);
    const bool carries = side_of_back(back, 0.2) > 0 && !spine;
    arms.style = !carries || rng.bernoulli(0.6) ? ArmStyle::kTee : rng.bernoulli(0.5) ? ArmStyle::kLoop : ArmStyle::kPadded;
    add_arms(builder, seat, back, arms);
  }
  if (back.style != BackStyle::kBarrel && back.height > 0.5 && rng.bernoulli(0.35)) add_headrest(builder, seat, back, padding);
}

}  // namespace looking3d
