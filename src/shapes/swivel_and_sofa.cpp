#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// A caster below (or a glide at) the end of a star leg.
TriangleMesh caster(const Vector3d& at, double radius, double heading) {
  const TriangleMesh wheel = turned(lathe({{radius * 0.5, -radius * 0.42},
                                           {radius * 0.92, -radius * 0.42},
                                           {radius, -radius * 0.3},
                                           {radius, radius * 0.3},
                                           {radius * 0.92, radius * 0.42},
                                           {radius * 0.5, radius * 0.42}},
                                          20),
                                    kPi / 2, Vector3d::UnitX());
  TriangleMesh result = moved(turned(wheel, heading, Vector3d::UnitY()), at + Vector3d(0, radius, 0));
  return result;
}

void add_star_base(ChairBuilder& builder, double hub_height, double radius, int legs, bool casters) {
  Rng rng = builder.rng.fork("star");
  const double wheel = casters ? rng.uniform(0.022, 0.03) : 0.0, thick = rng.uniform(0.028, 0.045);
  const double tip_y = casters ? 2 * wheel + thick * 0.2 : thick * 0.3, phase = rng.uniform(0, 2 * kPi);
  builder.add("pedestal", "hub",
              lathe({{thick * 0.9, hub_height - 0.05},
                     {thick * 1.25, hub_height - 0.04},
                     {thick * 1.25, hub_height + 0.01},
                     {thick * 0.8, hub_height + 0.02}},
                    24));
  for (int i = 0; i < legs; ++i) {
    const double angle = phase + 2 * kPi * i / legs;
    const Vector3d direction(std::sin(angle), 0, std::cos(angle));
    const Vector3d from = direction * thick * 0.5 + Vector3d(0, hub_height - 0.015, 0), to = direction * radius + Vector3d(0, tip_y, 0);
    const Vector3d bend = direction * radius * 0.55 + Vector3d(0, hub_height - 0.015 - (hub_height - tip_y) * 0.35, 0);
    builder.add("star_leg", "star_leg",
                sweep(spline({from, bend, to}, 5), rectangle_section(thick, thick * 0.75, thick * 0.2), Vector3d::UnitY(),
                      [](double s) { return 1 - 0.4 * s; }));
    if (casters) builder.add("caster", "caster", caster(direction * (radius - thick * 0.2), wheel, angle + rng.uniform(-1.2, 1.2)));
  }
}

}  // namespace

void build_swivel(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  SeatPlan seat;
  const bool bar = rng.bernoulli(0.2), round = rng.bernoulli(0.22);
  seat.width = rng.uniform(0.42, 0.54);
  seat.depth = round ? seat.width * 0.85 : rng.uniform(0.42, 0.5);
  if (round) seat.width = seat.depth;
  seat.back_width = round ? seat.width : seat.width * rng.uniform(0.82, 0.98);
  seat.top = bar ? rng.uniform(0.66, 0.8) : rng.uniform(0.42, 0.52);
  seat.thickness = rng.uniform(0.05, 0.09);
  seat.round = round;
  add_seat(builder, seat, round ? SeatStyle::kRound : rng.bernoulli(0.75) ? SeatStyle::kCushion : SeatStyle::kSaddle);

  // Base: a star with or without casters, or a disc with a column.
  const double base_kind = rng.uniform();
  double column_bottom = 0.0;
  if (base_kind < 0.7) {
    const double counts[] = {2, 6, 0.5};
    const int legs = 4 + static_cast<int>(rng.pick(counts));
    column_bottom = rng.uniform(0.09, 0.14);
    add_star_base(builder, column_bottom, rng.uniform(0.26, 0.34), legs, rng.bernoulli(0.7));
  } else {
    const double r = rng.uniform(0.19, 0.26), rise = rng.uniform(0.01, 0.05);
    builder.add(
        "pedestal", "disc",
        lathe({{r * 0.98, 0}, {r, 0.006}, {r, 0.014}, {r * 0.7, 0.016 + rise * 0.15}, {r * 0.35, 0.018 + rise * 0.6}, {0.035, 0.02 + rise}},
              40));
    column_bottom = 0.015;
  }
  const double lower = rng.uniform(0.022, 0.034), upper = lower * rng.uniform(0.55, 0.95), y1 = seat.bottom() + 0.012;
  const double split = column_bottom + (y1 - column_bottom) * rng.uniform(0.4, 0.7);
  builder.add("pedestal", "column",
              lathe({{lower, column_bottom}, {lower, split}, {lower * 0.95, split + 0.004}, {upper, split + 0.006}, {upper, y1}}, 24));
  if (rng.bernoulli(0.6))
    builder.add("pedestal", "plate", moved(rounded_box({0.2, 0.025, 0.22}, {.radius = 0.006}), {0, seat.bottom() - 0.006, 0}));
  if (bar && rng.bernoulli(0.7)) {
    std::vector<Vector3d> loop;
    const double r = rng.uniform(0.14, 0.2), y = seat.top * rng.uniform(0.3, 0.42);
    for (int i = 0; i < 36; ++i) loop.emplace_back(r * std::sin(2 * kPi * i / 36), y, r * std::cos(2 * kPi * i / 36));
    builder.add("footrest", "foot_ring", sweep_loop(loop, circle_section(0.009, 10), Vector3d::UnitY()));
    builder.add("footrest", "foot_bar", sweep({{-r, y, 0}, {r, y, 0}}, circle_section(0.008, 10), Vector3d::UnitY()));
  }
  if (round && rng.bernoulli(0.6)) return;

  // Back: a spine with a panel or pad, or one that grows from the seat.
  SeatPlan corners = seat;
  if (round) corners.width = corners.back_width = corners.depth = seat.width * 0.74;
  BackPlan back = draw_back_plan(rng, corners);
  const BackStyle styles[] = {BackStyle::kPanel, BackStyle::kCushion, BackStyle::kPaddedFrame, BackStyle::kBarrel,
                              BackStyle::kHorizontalSlats};
  back.style = rng.pick_from(styles);
  back.height = bar ? rng.uniform(0.25, 0.4) : rng.uniform(0.42, 0.68);
  if (back.style == BackStyle::kPanel && rng.bernoulli(0.6)) {
    const double t = rng.uniform(0.02, 0.032), low = rng.uniform(0.1, 0.2);
    const Vector3d foot(0, seat.bottom() + 0.01, -seat.depth * 0.25), knee(0, seat.bottom() + 0.004, -seat.depth / 2 - 0.03);
    const Vector3d mid = on_back(corners, back, {0, low + 0.02, -t}), top = on_back(corners, back, {0, back.height * 0.7, -t});
    builder.add("back_connector", "spine",
                sweep(spline({foot, knee, mid, top}, 7), rectangle_section(0.05, t, t * 0.3), Vector3d::UnitY()));
    const TriangleMesh pad = turned(cushion({back.width, rng.uniform(0.03, 0.06), back.height - low}, 0.9, 0.012),
                                    kPi / 2 - back.recline_rad, Vector3d::UnitX());
    builder.add("back_surface", "back_cushion", moved(pad, on_back(corners, back, {0, (back.height + low) / 2, 0.004})));
  } else {
    add_back(builder, corners, back);
  }
  if (!bar && rng.bernoulli(0.55)) {
    ArmPlan arms = draw_arm_plan(rng);
    if (arms.style == ArmStyle::kPanel) arms.style = ArmStyle::kLoop;
    add_arms(builder, corners, back, arms);
  }
  if (!bar && rng.bernoulli(0.25)) {
    const TriangleMesh pad = turned(cushion({back.width * 0.55, 0.045, 0.13}, 0.95, 0.008), kPi / 2 - back.recline_rad, Vector3d::UnitX());
    builder.add("back_connector", "headrest_post",
                sweep({on_back(corners, back, {0, back.height * 0.85, -0.012}), on_back(corners, back, {0, back.height + 0.1, -0.012})},
                      rectangle_section(0.03, 0.012, 0.003)));
    builder.add("headrest", "headrest", moved(pad, on_back(corners, back, {0, back.height + 0.11, 0.012})));
  }
}

void build_sofa(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double seats_weights[] = {3, 2.5, 1.5};
  const int seats = 1 + static_cast<int>(rng.pick(seats_weights));
  const double cushion_width = rng.uniform(0.5, 0.66), inner = cushion_width * seats, depth = rng.uniform(0.56, 0.72);
  const double leg_height = rng.bernoulli(0.2) ? 0.02 : rng.uniform(0.06, 0.17), base_height = rng.uniform(0.1, 0.2),
               pad = rng.uniform(0.1, 0.18);
  const double base_top = leg_height + base_height, sit = base_top + pad;
  builder.add("seat_frame", "base",
              moved(rounded_box({inner + 0.02, base_height, depth}, {.radius = rng.uniform(0.008, 0.03), .round_segments = 3}),
                    {0, leg_height + base_height / 2, 0}));

  // Seat and back cushions.
  const double roundness = rng.uniform(0.35, 0.95), crown = rng.uniform(0.005, 0.03), gap = rng.uniform(0.002, 0.008);
  const double back_height = rng.uniform(0.3, 0.5), back_depth = rng.uniform(0.1, 0.2), recline = rng.uniform(0.05, 0.25);
  const double frame_depth = rng.uniform(0.08, 0.14);
  const bool one_bench = seats > 1 && rng.bernoulli(0.25);
  const int pads = one_bench ? 1 : seats;
  const double pad_width = inner / pads;
  for (int i = 0; i < pads; ++i) {
    const double x = (i + 0.5) * pad_width - inner / 2;
    builder.add("seat_surface", "cushion",
                moved(cushion({pad_width - gap, pad + 0.01, depth - frame_depth * 0.4}, roundness, crown),
                      {x, base_top + pad / 2, frame_depth * 0.2 + 0.01}));
  }
  builder.add("back_frame", "back_body",
              moved(turned(rounded_box({inner + 0.04, base_height + back_height, frame_depth},
                                       {.radius = rng.uniform(0.015, 0.05), .round_segments = 3}),
                           -recline * 0.4, Vector3d::UnitX()),
                    {0, leg_height + (base_height + back_height) / 2 + 0.02, -depth / 2}));
  if (rng.bernoulli(0.8)) {
    for (int i = 0; i < seats; ++i) {
      const double x = (i + 0.5) * cushion_width - inner / 2;
      const TriangleMesh pillow =
          turned(cushion({cushion_width - gap, back_depth, back_height}, std::min(1.0, roundness + 0.1), crown * 1.5), kPi / 2 - recline,
                 Vector3d::UnitX());
      builder.add("back_surface", "back_cushion",
                  moved(pillow, {x, sit + back_height * 0.42, -depth / 2 + frame_depth / 2 + back_depth * 0.35}));
    }
  }

  // Arms: boxy, rolled (a box with a cylinder on top), or slim panels; now and then a chaise without one.
  const double arm_kind = rng.uniform(), arm_width = arm_kind < 0.7 ? rng.uniform(0.09, 0.22) : rng.uniform(0.04, 0.07);
  const double arm_top = sit + rng.uniform(0.06, 0.22), arm_depth = depth * rng.uniform(0.9, 1.02);
  const bool armless = rng.bernoulli(0.08);
  for (const double side : {-1.0, 1.0}) {
    if (armless || (seats > 1 && side > 0 && rng.fork("chaise").bernoulli(0.06))) continue;
    const double x = side * (inner / 2 + arm_width / 2 - 0.004), height = arm_top - leg_height;
    const double radius = arm_kind < 0.35 ? rng.fork("arm").uniform(0.01, 0.03) : arm_width * 0.45;
    builder.add("arm_support", "arm",
                moved(rounded_box({arm_width, height, arm_depth}, {.radius = radius, .round_segments = 3}),
                      {x, leg_height + height / 2, (arm_depth - depth) / 2 - 0.01}));
    if (arm_kind >= 0.5 && arm_kind < 0.7) {
      const double r = arm_width * 0.62, z1 = -depth / 2 + 0.02, z2 = z1 + arm_depth;
      builder.add("armrest", "arm_roll",
                  sweep({{x + side * r * 0.15, arm_top - r * 0.3, z1}, {x + side * r * 0.15, arm_top - r * 0.3, z2}}, circle_section(r, 24),
                        Vector3d::UnitY()));
    }
  }

  // Feet at the corners, and in the middle under long ones.
  LegPlan legs = draw_leg_plan(rng);
  if (legs.style == LegStyle::kTurned || legs.style == LegStyle::kCurved) legs.style = LegStyle::kRoundTapered;
  legs.thickness = rng.uniform(0.03, 0.07);
  const double splay = rng.bernoulli(0.4) ? leg_height * 0.25 : 0;
  const double half = inner / 2 - 0.03, z = depth / 2 - 0.06;
  std::vector<double> columns{-half, half};
  if (seats == 3) columns.push_back(0);
  for (const double x : columns)
    for (const double dz : {-z, z}) {
      const double s = x == 0 ? 0 : x > 0 ? splay : -splay;
      builder.add("leg", "leg", make_leg(legs, {x, leg_height + 0.012, dz}, {x + s, 0, dz + (dz > 0 ? splay : -splay)}));
    }
}

}  // namespace looking3d
