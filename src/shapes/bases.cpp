// Bases other than legs: sleds, panels, trestles, pedestals on stars and discs, rods below shells.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

Vector3d spoke(double angle) {
  return {std::sin(angle), 0, std::cos(angle)};
}

/// A twin-wheel castor: two wheels with a groove between them, below a hood, on a stem.
void add_caster(ChairBuilder& builder, const Vector3d& top, double radius, double heading) {
  const double r = radius, w = radius * 0.55;
  const TriangleMesh wheels = turned(lathe({{r * 0.4, -w},
                                            {r * 0.9, -w},
                                            {r, -w * 0.8},
                                            {r, -w * 0.25},
                                            {r * 0.7, -w * 0.15},
                                            {r * 0.7, w * 0.15},
                                            {r, w * 0.25},
                                            {r, w * 0.8},
                                            {r * 0.9, w},
                                            {r * 0.4, w}},
                                           18),
                                     kPi / 2, Vector3d::UnitX());
  const Vector3d axle(0, r, r * 0.35);  // the wheels trail behind the stem
  TriangleMesh caster = moved(wheels, axle);
  append(caster, sweep({{0, r * 1.1, 0}, {0, top.y() + kOverlap, 0}}, circle_section(r * 0.28, 10)));
  append(caster, moved(rounded_box({w * 1.5, r * 0.5, r * 1.1}, {.radius = r * 0.2}), {0, r * 1.75, r * 0.2}));
  builder.add("caster", "caster", moved(turned(caster, heading, Vector3d::UnitY()), {top.x(), 0, top.z()}));
}

/// Legs from a hub to casters, glides or the floor.
void add_star(ChairBuilder& builder, double hub_height, double radius, Rng& rng, bool casters) {
  const double counts[] = {casters ? 0.3 : 4.0, 6, 0.4};
  const int legs = 4 + static_cast<int>(rng.pick(counts));
  const double wheel = casters ? rng.uniform(0.022, 0.03) : 0, thick = rng.uniform(0.03, 0.045), phase = rng.uniform(0, 2 * kPi);
  const double tip_y = casters ? 2 * wheel + thick * 0.45 : thick * 0.3 + 0.012, droop = rng.uniform(0.1, 0.7);
  const bool round = rng.bernoulli(0.2);
  builder.add("pedestal", "hub",
              lathe({{thick * 0.9, hub_height - thick * 0.8},
                     {thick * 1.2, hub_height - thick * 0.7},
                     {thick * 1.2, hub_height + thick * 0.3},
                     {thick * 0.75, hub_height + thick * 0.7}},
                    24));
  for (int i = 0; i < legs; ++i) {
    const double angle = phase + 2 * kPi * i / legs;
    const Vector3d out = spoke(angle);
    const Vector3d from = out * thick * 0.5 + Vector3d(0, hub_height - thick * 0.2, 0), to = out * radius + Vector3d(0, tip_y, 0);
    const Vector3d bend = out * radius * 0.55 + Vector3d(0, hub_height - thick * 0.2 - (hub_height - tip_y) * droop, 0);
    const Section section = round ? circle_section(thick * 0.42, 12) : rectangle_section(thick, thick * 0.8, thick * 0.25);
    builder.add("star_leg", "star_leg", sweep(spline({from, bend, to}, 5), section, Vector3d::UnitY(), tapered_to(0.55)));
    const Vector3d tip = out * (radius - thick * 0.35) + Vector3d(0, tip_y - thick * 0.1, 0);
    if (casters) {
      add_caster(builder, tip, wheel, rng.uniform(0, 2 * kPi));
    } else {
      builder.add("foot", "glide", moved(lathe({{0.012, 0}, {0.016, 0.003}, {0.016, 0.01}, {0.009, tip.y()}}, 14), {tip.x(), 0, tip.z()}));
    }
  }
}

/// A foot plate, a dome or a trumpet; returns the height at which the column starts.
double add_disc(ChairBuilder& builder, Rng& rng, double reach) {
  const double r = reach * rng.uniform(0.85, 1.1), rise = rng.uniform(0.0, 0.06), edge = rng.uniform(0.006, 0.014);
  std::vector<Vector2d> profile{{r * 0.98, 0}, {r, edge * 0.4}, {r, edge}};
  for (const double s : {0.85, 0.6, 0.4, 0.25}) profile.emplace_back(r * s, edge + 0.003 + rise * std::pow(1 - s, 2) * 1.6);
  builder.add("pedestal", "disc", lathe(profile, 40));
  return edge;
}

void add_trumpet(ChairBuilder& builder, Rng& rng, double reach, double top) {
  const double r = reach * rng.uniform(0.85, 1.05), waist = rng.uniform(0.018, 0.032), head = rng.uniform(0.06, 0.11);
  std::vector<Vector2d> foot{{r * 0.985, 0}, {r, 0.004}, {r * 0.98, 0.01}}, stem;
  for (int i = 1; i <= 14; ++i) {
    const double s = i / 14.0;
    const Vector2d ring(waist + (r - waist) * std::pow(1 - s, 4.5) + (head - waist) * std::pow(s, 6), 0.012 + s * (top - 0.012));
    if (i <= 6) foot.push_back(ring);
    if (i >= 6) stem.push_back(ring);
  }
  builder.add("pedestal", "disc", lathe(foot, 40));
  builder.add("pedestal", "column", lathe(stem, 40));
}

/// Two or four bent wooden blades that rise from the floor to a block below the seat.
void add_wooden_cross(ChairBuilder& builder, Rng& rng, double reach, double top) {
  const double thick = rng.uniform(0.024, 0.034), wide = thick * rng.uniform(1.3, 1.8), phase = rng.bernoulli(0.6) ? kPi / 4 : 0;
  for (int i = 0; i < 4; ++i) {
    const Vector3d out = spoke(phase + kPi / 2 * i);
    const Vector3d centre = out * 0.02 + Vector3d(0, top - 0.01, 0), shoulder = out * reach * 0.45 + Vector3d(0, top - 0.03, 0);
    const Vector3d foot = out * reach * 1.1 + Vector3d(0, -0.01, 0);
    TriangleMesh leg = sweep(rounded_path({centre, shoulder, foot}, 0.1, false, 9), rectangle_section(thick, wide, 0.006),
                             Vector3d::UnitY(), tapered_to(0.65));
    for (auto& v : leg.vertices) v.y() = std::max(v.y(), 0.0f);
    builder.add("leg", "leg", leg);
  }
  builder.add("pedestal", "hub", lathe({{0.045, top - 0.035}, {0.05, top - 0.03}, {0.05, top + 0.006}, {0.04, top + 0.012}}, 24));
}

/// The column between base and seat: a gas lift with a bellows or collar, or a plain tube.
void add_column(ChairBuilder& builder, Rng& rng, double low, double high) {
  const double lower = rng.uniform(0.022, 0.032), upper = lower * rng.uniform(0.5, 0.95),
               split = low + (high - low) * rng.uniform(0.4, 0.7);
  std::vector<Vector2d> profile{{lower, low}, {lower, split}};
  if (rng.bernoulli(0.3)) {  // a telescoping cover
    for (int i = 0; i < 3; ++i) {
      const double y = low + (split - low) * (0.4 + 0.2 * i);
      profile.insert(profile.end() - 1, {{lower * (1.35 - 0.1 * i), y}, {lower * (1.35 - 0.1 * i), y + (split - low) * 0.17}});
    }
  }
  profile.emplace_back(lower * 0.95, split + 0.004), profile.emplace_back(upper, split + 0.006), profile.emplace_back(upper, high);
  builder.add("pedestal", "column", lathe(profile, 20));
}

}  // namespace

void add_sled(ChairBuilder& builder, const SeatPlan& seat, double thickness) {
  Rng rng = builder.rng.fork("sled");
  const double r = thickness / 2, lean_front = rng.uniform(-0.02, 0.08), lean_rear = rng.uniform(-0.02, 0.08),
               out = rng.uniform(-0.01, 0.05) + (seat.top > 0.55 ? 0.04 : 0);
  const bool flat = rng.bernoulli(0.3);
  const Section section = flat ? rectangle_section(thickness * 1.5, thickness * 0.8, 0.003) : circle_section(r, 12);
  const double low = flat ? thickness * 0.75 : r;
  const double inset = seat.open ? 0.006 : 0.03, y_top = seat.bottom() + r * 0.3;  // open seats offer their rails alone
  const Vector3d front = seat.corner(1, 1, inset, y_top), rear = seat.corner(1, -1, inset, y_top);
  for (const double side : {-1.0, 1.0}) {
    const std::vector<Vector3d> corners{{side * front.x(), front.y(), front.z()},
                                        {side * rear.x(), rear.y(), rear.z()},
                                        {side * (rear.x() + out), low, rear.z() - lean_rear},
                                        {side * (front.x() + out), low, front.z() + lean_front}};
    TriangleMesh loop = sweep_loop(rounded_path(corners, rng.fork("bend").uniform(0.02, 0.09), true, 5), section, Vector3d::UnitX());
    const double lowest = bounding_box(loop).min().y();
    builder.add("leg", "sled", deformed(loop, [&](const Vector3d& p) {
                  const double s = std::clamp((seat.bottom() - p.y()) / seat.bottom(), 0.0, 1.0);
                  return Vector3d(p.x(), p.y() - s * lowest, p.z());
                }));
  }
  if (!rng.bernoulli(0.7)) return;
  const double z = rng.bernoulli(0.5) ? front.z() + lean_front * 0.2 - 0.06 : rear.z() + 0.06, y = seat.bottom() + r * 0.3;
  const double x = rear.x() + (z - rear.z()) / (front.z() - rear.z()) * (front.x() - rear.x());
  builder.add("leg_bar", "sled_bar", sweep({{-x, y, z}, {x, y, z}}, circle_section(r * 0.9, 12), Vector3d::UnitY()));
}

void add_panel_sides(ChairBuilder& builder, const SeatPlan& seat, double thickness) {
  Rng rng = builder.rng.fork("panels");
  const double y = seat.bottom() + kOverlap, z = seat.corner(1, 1, 0.012, 0).z(), inset = thickness / 2 + rng.uniform(0.0, 0.05);
  const double half = std::min(seat.half_width_at(z), seat.half_width_at(-z)) - inset, slope = rng.uniform(0, 0.05);
  const double cut = rng.bernoulli(0.6) ? rng.uniform(0.25, 0.7) : 0, arch = rng.uniform(0.3, 0.8);
  for (const double side : {-1.0, 1.0}) {
    // A board whose lower middle may be cut out, so that it stands on two feet.
    SheetOptions options{.thickness = thickness, .columns = 12, .rows = 10};
    if (cut > 0) options.is_hole = [=](int column, int row) { return row < 10 * arch * 0.7 && std::abs(column - 5.5) < 6 * cut; };
    builder.add("leg", "side_panel",
                sheet(
                    [&](double u, double v) {
                      const double h = (v + 1) / 2 * y, spread = slope * (1 - h / y);
                      return Vector3d(side * (half + spread), h, -u * (z + spread));
                    },
                    options));
  }
  const double height = seat.bottom() * rng.uniform(0.12, 0.3), at = seat.bottom() - height * 0.5 - rng.uniform(0, 0.04);
  builder.add("leg_bar", "stretcher",
              sweep({{-half - slope * 0.3, at, 0}, {half + slope * 0.3, at, 0}}, rectangle_section(thickness * 0.8, height, 0.003),
                    Vector3d::UnitY()));
}

void add_trestles(ChairBuilder& builder, const SeatPlan& seat) {
  Rng rng = builder.rng.fork("trestles");
  const double t = rng.uniform(0.035, 0.055), inset = t + rng.uniform(0.0, 0.2) * seat.width / 2;
  const double half = std::min(seat.width, seat.back_width) / 2 - inset, foot = seat.depth * rng.uniform(0.44, 0.52),
               y = seat.bottom() + kOverlap;
  const bool crossed = rng.bernoulli(0.35);
  const Section beam = rectangle_section(t, t * 0.9, 0.004);
  for (const double side : {-1.0, 1.0}) {
    const double x = side * half;
    builder.add("seat_frame", "trestle_top",
                sweep({{x, y - t * 0.4, -foot * 0.85}, {x, y - t * 0.4, foot * 0.85}}, beam, Vector3d::UnitY()));
    builder.add("foot", "trestle_foot", sweep({{x, t * 0.45, -foot}, {x, t * 0.45, foot}}, beam, Vector3d::UnitY()));
    const double reach = crossed ? foot * 0.75 : 0;
    for (const double lean : crossed ? std::vector<double>{-1, 1} : std::vector<double>{0})
      builder.add("leg", "leg",
                  sweep({{x, y - t * 0.4, -lean * reach}, {x, t * 0.45, lean * reach}}, rectangle_section(t * 0.8, t * 1.3, 0.004),
                        Vector3d::UnitZ()));
  }
  const double at = crossed ? (y + t * 0.05) / 2 : seat.bottom() * rng.uniform(0.25, 0.7);
  builder.add("leg_bar", "stretcher",
              sweep({{-half, at, 0}, {half, at, 0}}, rectangle_section(t * 0.5, t * 1.2, 0.003), Vector3d::UnitY()));
}

void add_pedestal(ChairBuilder& builder, const SeatPlan& seat, bool office) {
  Rng rng = builder.rng.fork("pedestal");
  const double top = seat.bottom() + seat.grip(), reach = std::clamp(seat.width * 0.55, 0.2, 0.34);
  const double weights[] = {office ? 8.0 : 0.6, office ? 1.5 : 1.5, office ? 0.2 : 2.0, office ? 0.1 : 1.3, office ? 0.2 : 1.0};
  const size_t kind = rng.pick(weights);
  if (kind == 3) return add_trumpet(builder, rng, reach * 0.85, top);
  if (kind == 4) return add_wooden_cross(builder, rng, reach, top);
  double column_from = 0;
  if (kind < 2) {
    column_from = rng.uniform(0.085, 0.13);
    add_star(builder, column_from, reach * rng.uniform(0.9, 1.1), rng, kind == 0);
  } else {
    column_from = add_disc(builder, rng, reach * 0.85);
  }
  add_column(builder, rng, column_from, top);
  if (rng.bernoulli(office ? 0.8 : 0.4))
    builder.add("seat_frame", "plate",
                moved(rounded_box({0.2, 0.026, 0.22}, {.radius = 0.008}), {0, seat.bottom() + seat.grip() - 0.013, 0}));
  if (office && rng.bernoulli(0.5))
    builder.add(
        "pedestal", "lever",
        sweep(spline({{0.02, seat.bottom() - 0.004, 0.04}, {0.16, seat.bottom() - 0.014, 0.05}, {0.21, seat.bottom() - 0.024, 0.055}}, 4),
              circle_section(0.005, 8), Vector3d::UnitY()));
}

void add_rod_base(ChairBuilder& builder, const SeatPlan& seat) {
  Rng rng = builder.rng.fork("rods");
  const double y = seat.bottom(), r = rng.uniform(0.005, 0.007);
  builder.add("seat_frame", "plate", moved(rounded_box({0.2, 0.014, 0.2}, {.radius = 0.004}), {0, y + seat.grip() - 0.007, 0}));
  const bool dowels = rng.bernoulli(0.6);
  const double leg_radius = dowels ? rng.uniform(0.013, 0.018) : r * 1.4, reach = seat.width * rng.uniform(0.42, 0.5);
  LegPlan plan{.style = dowels ? LegStyle::kRoundTapered : LegStyle::kRound, .thickness = 2 * leg_radius, .taper = 0.65, .metal = !dowels};
  const LegPlacement legs = ring_legs(plan, 0.085, reach, y + seat.grip() - 0.003, 4, kPi / 4);
  add_legs(builder, plan, plan, legs);
  // Rods from each leg to its neighbours' feet and tops.
  const double low = y * rng.uniform(0.3, 0.5), high = y * rng.uniform(0.75, 0.9);
  const bool crossing = rng.bernoulli(0.7);
  for (size_t i = 0; i < 4; ++i) {
    const size_t next = (i + 1) % 4;
    const auto rod = [&](double from, double to) {
      builder.add("leg_bar", "tube_rod",
                  sweep({legs.at_height(i, from), legs.at_height(next, to)}, circle_section(r, 8), Vector3d::UnitY()));
    };
    rod(low, crossing ? high : low);
    if (crossing) rod(high, low);
  }
}

}  // namespace looking3d
