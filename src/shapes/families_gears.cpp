// Gears: spur gears with hubs, spokes and keyways; pairs and trains on plates; wheels on shafts between bearing blocks; pulleys, cranks.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/machine_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

struct GearPlan {
  int teeth = 24;
  double module = 0.035;  ///< pitch diameter / teeth
  double width = 0.14;    ///< along its axis
  double bore = 0.08;
  double web = 0.07;  ///< thickness between rim and hub; the width where it is solid
  int body = 0;       ///< solid, thin web, web with round holes, spokes
  int openings = 5;
  double hub = 0.15, hub_out = 0.03;  ///< radius, and how far it stands out on each side
  bool keyway = true, round_teeth = false;

  double pitch_radius() const { return module * teeth / 2; }
  double outer() const { return pitch_radius() + module; }
  double root() const { return pitch_radius() - 1.25 * module; }
};

GearPlan draw_gear(Rng& rng, int least, int most, double module) {
  GearPlan g;
  g.teeth = rng.uniform_int(least, most), g.module = module, g.width = module * rng.uniform(2.5, 6), g.keyway = rng.bernoulli(0.6);
  g.bore = std::clamp(g.root() * rng.uniform(0.2, 0.32), 0.045, 0.12), g.hub = std::min(g.bore * rng.uniform(1.6, 2.1), g.root() * 0.75);
  g.bore = std::min(g.bore, g.hub / 1.5);  // room for the keyway
  g.hub_out = rng.bernoulli(0.75) ? rng.uniform(0.02, 0.1) : 0.003;
  const bool roomy = g.root() - g.hub > 0.13;
  const double bodies[] = {1.2, roomy ? 1.2 : 0.0, roomy ? 2.0 : 0.0, roomy ? 2.0 : 0.0};
  g.body = static_cast<int>(rng.pick(bodies));
  g.web = g.body == 0 ? g.width : g.width * rng.uniform(0.3, 0.75), g.openings = rng.uniform_int(3, 7);
  g.round_teeth = rng.bernoulli(0.15);
  return g;
}

/// Teeth with flanks near to involutes; the middle of a tooth lies at angle `phase`.
Outline tooth_outline(const GearPlan& g, double phase) {
  Outline outline;
  const double pitch = 2 * kPi / g.teeth;
  for (int i = 0; i < g.teeth; ++i) {
    const double at = phase + i * pitch;
    const auto add = [&](double radius, double share) {
      outline.emplace_back(radius * std::cos(at + share * pitch), radius * std::sin(at + share * pitch));
    };
    if (g.round_teeth) {
      for (int k = 0; k < 8; ++k) add(g.pitch_radius() - 0.1 * g.module + g.module * 0.95 * std::cos(2 * kPi * (k - 4) / 8), (k - 4) / 8.0);
      continue;
    }
    add(g.root(), -0.36), add(g.pitch_radius() - 0.55 * g.module, -0.3), add(g.pitch_radius(), -0.235),
        add(g.pitch_radius() + 0.6 * g.module, -0.165), add(g.outer(), -0.11);
    add(g.outer(), 0.11), add(g.pitch_radius() + 0.6 * g.module, 0.165), add(g.pitch_radius(), 0.235),
        add(g.pitch_radius() - 0.55 * g.module, 0.3), add(g.root(), 0.36);
  }
  return outline;
}

/// A bore with a slot for a key towards +Y of its plane.
Outline bore_outline(double radius, bool keyway) {
  if (!keyway) return circle_outline({0, 0}, radius, 40);
  Outline outline;
  const double half = 0.28, depth = radius * 1.28;
  for (int i = 0; i <= 36; ++i) {
    const double a = kPi / 2 + half + (2 * kPi - 2 * half) * i / 36;
    outline.emplace_back(radius * std::cos(a), radius * std::sin(a));
  }
  outline.emplace_back(radius * std::sin(half), depth), outline.emplace_back(-radius * std::sin(half), depth);
  return outline;
}

/// An opening between two spokes: a rounded sector.
Outline sector_outline(double inner, double outer, double from, double to) {
  Outline corners;
  for (int i = 0; i <= 6; ++i)
    corners.emplace_back(outer * std::cos(from + (to - from) * i / 6), outer * std::sin(from + (to - from) * i / 6));
  const double shrink = (to - from) * 0.12;
  for (int i = 0; i <= 3; ++i)
    corners.emplace_back(inner * std::cos(to - shrink - (to - from - 2 * shrink) * i / 3),
                         inner * std::sin(to - shrink - (to - from - 2 * shrink) * i / 3));
  return corners;
}

/// The wheel about +Z of its own, centred: rim with teeth, web or spokes in one part, the hub in another.
struct GearMeshes {
  TriangleMesh wheel, web, hub;
};
GearMeshes gear_meshes(const GearPlan& g, double phase, double helix_rad) {
  GearMeshes meshes;
  const double rim = std::max(g.root() - std::max(1.6 * g.module, 0.05), g.hub + 0.02);
  const bool solid = g.body == 0;
  const int layers = helix_rad == 0 ? 1 : 6;
  meshes.wheel = extruded(tooth_outline(g, phase), g.width,
                          {.bevel = helix_rad == 0 ? g.module * 0.12 : 0,
                           .layers = layers,
                           .holes = {solid ? bore_outline(g.bore, g.keyway) : circle_outline({0, 0}, rim, 60)}});
  if (helix_rad != 0 && solid == false)
    meshes.wheel =
        deformed(meshes.wheel, [&](const Vector3d& p) { return Eigen::AngleAxisd(helix_rad * p.z() / g.width, Vector3d::UnitZ()) * p; });
  if (!solid) {
    std::vector<Outline> holes{bore_outline(g.bore, g.keyway)};
    const double low = g.hub + 0.015, high = rim - 0.012, middle = (low + high) / 2;
    for (int i = 0; i < g.openings; ++i) {
      const double a = 2 * kPi * i / g.openings;
      const double r = std::min((high - low) * 0.4, middle * std::sin(kPi / g.openings) * 0.72);
      if (g.body == 2) holes.push_back(circle_outline({middle * std::cos(a), middle * std::sin(a)}, r, 28));
      const double spoke = std::min(0.3, 0.07 / middle) + 0.1;
      if (g.body == 3) holes.push_back(sector_outline(low, high, a + spoke, a + 2 * kPi / g.openings - spoke));
    }
    meshes.web = extruded(circle_outline({0, 0}, rim + 0.006, 60), g.web, {.bevel = 0.003, .holes = holes});
  }
  const double half = g.width / 2 + g.hub_out;
  meshes.hub = extruded(circle_outline({0, 0}, g.hub, 48), 2 * half,
                        {.bevel = std::min(0.008, 0.25 * (g.hub - 1.3 * g.bore)), .holes = {bore_outline(g.bore * 1.001, g.keyway)}});
  return meshes;
}

/// Where the gears' own +Z points, and their places: axis up on a plate, or along x between bearings.
struct Mounting {
  bool lying = true;
  TriangleMesh place(const TriangleMesh& mesh, const Vector3d& at) const { return moved(lying ? laid(mesh) : sideways(mesh), at); }
  Vector3d axis() const { return lying ? Vector3d::UnitY() : Vector3d::UnitX(); }
};

void add_gear(ChairBuilder& builder, const Mounting& mounting, const GearPlan& g, const Vector3d& at, double phase, double helix_rad) {
  const GearMeshes meshes = gear_meshes(g, phase, helix_rad);
  builder.add("gear", "gear", mounting.place(meshes.wheel, at));
  if (!meshes.web.empty()) builder.add("web", "gear_web", mounting.place(meshes.web, at));
  if (g.hub_out > 0.01) builder.add("hub", "gear_hub", mounting.place(meshes.hub, at));
  if (g.keyway && g.hub_out > 0.01) {
    const double length = g.width + 2 * g.hub_out + 0.02, half = g.bore * 0.26;
    builder.add("key", "key_bar",
                mounting.place(moved(rounded_box({2 * half, g.bore * 0.42, length}, {.radius = 0.003}), {0, g.bore * 1.06, 0}), at));
  }
}

TriangleMesh shaft_mesh(double radius, double from, double to, Rng rng) {
  const double tip = radius * 0.15, step = rng.bernoulli(0.5) ? 0.75 : 1;
  const double end = rng.uniform(0.85, 0.95);
  return lathe({{radius - tip, from},
                {radius, from + tip},
                {radius, from + (to - from) * end},
                {radius * step, from + (to - from) * end + 0.004},
                {radius * step, to - tip},
                {radius * step - tip, to}},
               32);
}

/// One wheel on its own shaft, pulley-like ones too, lying on its hub or standing between two blocks.
void build_single(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const GearPlan g = draw_gear(rng, 16, 44, rng.uniform(0.024, 0.05));
  const double helix = g.body != 0 && rng.bernoulli(0.2) ? rng.uniform(0.1, 0.3) : 0;
  const Mounting lying{true};
  const double half = g.width / 2 + std::max(g.hub_out, 0.0);
  const bool shaft = rng.bernoulli(0.65), disc = rng.bernoulli(0.5);
  const double low = disc ? rng.uniform(0.05, 0.09) : 0;
  const Vector3d at(0, low + half - (disc ? 0.003 : 0), 0);
  add_gear(builder, lying, g, at, 0, helix);
  if (shaft) builder.add("shaft", "shaft", shaft_mesh(g.bore * 1.002, 0, at.y() + half + rng.uniform(0.05, 0.5), rng.fork("shaft")));
  if (disc) {
    const double reach = std::max(g.hub * 1.3, g.outer() * rng.uniform(0.4, 1.15));
    const int holes = rng.uniform_int(3, 6);
    std::vector<Outline> around;
    const double ring = reach - 0.07;
    for (int i = 0; i < holes && ring > g.bore * 1.6; ++i)
      around.push_back(circle_outline({ring * std::cos(2 * kPi * i / holes), ring * std::sin(2 * kPi * i / holes)}, 0.03, 18));
    const bool square = rng.bernoulli(0.4);
    builder.add("plate", "base_plate",
                moved(laid(extruded(square ? rectangle_outline({0, 0}, {2 * reach, 2 * reach}, 0.04) : circle_outline({0, 0}, reach, 64),
                                    low, {.bevel = 0.006, .holes = around})),
                      {0, low / 2, 0}));
  }
  if (rng.bernoulli(0.3)) {  // a collar with a screw
    const double y = at.y() + half - 0.003, r = g.bore * 1.7, h = g.bore * 0.8;
    if (shaft)
      builder.add("collar", "collar_ring", moved(lathe_loop({{r, 0}, {r, h}, {g.bore * 0.98, h}, {g.bore * 0.98, 0}}, 32), {0, y, 0}));
  }
}

/// Two to four wheels in mesh, their shafts in a plate.
void build_train(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double module = rng.uniform(0.026, 0.042), t = rng.uniform(0.05, 0.09), width = module * rng.uniform(2.5, 4.5),
               lift = rng.uniform(0.03, 0.1);
  const int count = 2 + static_cast<int>(rng.pick(std::array{3.0, 2.0, 0.6}));
  const Mounting lying{true};
  const bool round_teeth = rng.bernoulli(0.15);
  std::vector<GearPlan> gears;
  std::vector<Vector2d> places;
  std::vector<double> phases;
  double heading = rng.uniform(-0.5, 0.5);
  for (int i = 0; i < count; ++i) {
    GearPlan g = draw_gear(rng, 10, 30, module);
    g.width = width, g.hub_out = std::max(0.012, g.hub_out), g.web = g.body == 0 ? width : std::min(g.web, width * 0.7),
    g.round_teeth = round_teeth;
    if (i == 0) {
      gears.push_back(g), places.emplace_back(0, 0), phases.push_back(rng.uniform(0, 1));
      continue;
    }
    const GearPlan& last = gears.back();
    const double distance = last.pitch_radius() + g.pitch_radius() + module * 0.06;
    if (i > 1) heading += (rng.bernoulli(0.5) ? 1 : -1) * rng.uniform(0.5, 1.0);
    const Vector2d way(std::cos(heading), std::sin(heading)), at = places.back() + distance * way;
    bool clear = true;
    for (int j = 0; j + 1 < i; ++j)
      clear &= (at - places[static_cast<size_t>(j)]).norm() > gears[static_cast<size_t>(j)].outer() + g.outer() + 0.02;
    if (!clear) break;
    // A gap of this one faces the other's tooth: phases measured from the line between the two, in units of the pitch.
    const double pitch_last = 2 * kPi / last.teeth, pitch = 2 * kPi / g.teeth;
    const double past = std::remainder(heading - phases.back(), pitch_last) / pitch_last;
    phases.push_back(heading + kPi + (past + 0.5) * pitch);
    gears.push_back(g), places.push_back(at);
  }
  // The plate below them all.
  Eigen::AlignedBox2d box;
  for (size_t i = 0; i < gears.size(); ++i) {
    const Vector2d reach = Vector2d::Constant(gears[i].outer() * rng.fork("margin").uniform(0.85, 1.15));
    box.extend(places[i] - reach), box.extend(places[i] + reach);
  }
  const Vector2d centre = box.center(), size = box.sizes();
  std::vector<Vector2d> corners;
  std::vector<Outline> holes;
  const double hole = 0.032;
  for (const double sx : {-1.0, 1.0})
    for (const double sy : {-1.0, 1.0})
      corners.push_back(centre + Vector2d(sx * (size.x() / 2 - 0.08), sy * (size.y() / 2 - 0.08))),
          holes.push_back(circle_outline(corners.back(), hole, 18));
  builder.add("plate", "base_plate",
              moved(laid(extruded(rectangle_outline(centre, size, 0.06), t, {.bevel = 0.006, .holes = holes})), {0, t / 2, 0}));
  const bool topped = rng.bernoulli(0.2);
  double above = 0;
  for (size_t i = 0; i < gears.size(); ++i) {
    const GearPlan& g = gears[i];
    const Vector3d at(places[i].x(), t + lift + width / 2, -places[i].y());
    add_gear(builder, lying, g, at, phases[i], 0);
    const double top = at.y() + width / 2 + g.hub_out + rng.uniform(0.03, 0.2);
    above = std::max(above, at.y() + width / 2 + g.hub_out + 0.03);
    builder.add(
        "shaft", "shaft",
        moved(shaft_mesh(g.bore * 1.002, t - 0.02, topped ? at.y() + width / 2 + 0.2 : top, rng.fork("shaft")), {at.x(), 0, at.z()}));
    // A washer or bush between the plate and the wheel.
    builder.add("bushing", "bushing_ring",
                moved(lathe_loop({{g.bore * 1.5, t - 0.004},
                                  {g.bore * 1.5, t + std::max(0.012, lift - g.hub_out + 0.004)},
                                  {g.bore * 0.98, t + std::max(0.012, lift - g.hub_out + 0.004)},
                                  {g.bore * 0.98, t - 0.004}},
                                 28),
                      {at.x(), 0, at.z()}));
    if (i == 0 && rng.bernoulli(0.35)) {  // a crank
      const double reach = rng.uniform(0.3, 0.5), y = top - 0.02;
      const double turn = rng.uniform(0, 2 * kPi);
      builder.add("crank", "crank_plate",
                  moved(turned(moved(laid(extruded(slot_outline({0, 0}, {reach, 0}, g.bore * 1.2), 0.05, {.bevel = 0.006})), {0, 0, 0}),
                               turn, Vector3d::UnitY()),
                        {at.x(), y + 0.02, at.z()}));
      builder.add("handle", "crank_handle",
                  moved(lathe({{0.03, 0}, {0.035, 0.02}, {0.042, 0.12}, {0.034, 0.22}, {0.02, 0.23}}, 20),
                        Vector3d(at.x(), y + 0.04, at.z()) + Eigen::AngleAxisd(turn, Vector3d::UnitY()) * Vector3d(reach, 0, 0)));
    }
  }
  if (rng.bernoulli(0.6)) {
    const FastenerPlan fasteners = draw_fasteners(rng, hole);
    for (size_t i = 0; i < corners.size(); ++i) {
      bool free = true;
      for (size_t k = 0; k < gears.size(); ++k) free &= (corners[i] - places[k]).norm() > gears[k].outer() + 0.05 || lift > 0.08;
      if (free) add_bolt(builder, fasteners, {corners[i].x(), t, -corners[i].y()}, Vector3d::UnitY(), t);
    }
  }
}

/// Wheels and pulleys on a shaft that lies in two blocks on a plate.
void build_shaft_assembly(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const int wheels = rng.uniform_int(1, 3);
  const double radius = rng.uniform(0.05, 0.075), t = rng.uniform(0.05, 0.08);
  const Mounting across{false};
  std::vector<GearPlan> gears;
  double most = 0, span = 0;
  std::vector<int> kinds;
  for (int i = 0; i < wheels; ++i) {
    GearPlan g = draw_gear(rng, 14, 34, rng.uniform(0.022, 0.036));
    g.bore = radius, g.hub = std::min(radius * rng.uniform(1.6, 2), g.root() * 0.8), g.hub_out = std::max(g.hub_out, 0.02);
    g.keyway = g.keyway && g.hub > 1.5 * radius;
    if (g.root() - g.hub < 0.13) g.body = 0, g.web = g.width;
    kinds.push_back(rng.uniform_int(0, 3));
    most = std::max(most, g.outer()), span += g.width + 2 * g.hub_out + 0.06;
    gears.push_back(g);
  }
  const double block = rng.uniform(0.1, 0.16), y = t + most + rng.uniform(0.04, 0.12);
  double x = -span / 2;
  for (int i = 0; i < wheels; ++i) {
    const GearPlan& g = gears[static_cast<size_t>(i)];
    const double half = g.width / 2 + g.hub_out;
    x += half + 0.03;
    const Vector3d at(x, y, 0);
    if (kinds[static_cast<size_t>(i)] == 0) {  // a pulley with grooves
      const double r = g.outer(), w = g.width;
      std::vector<Vector2d> loop{{r, -w / 2},      {r, -w * 0.36},    {r * 0.86, -w * 0.1}, {r * 0.86, w * 0.1},
                                 {r, w * 0.36},    {r, w / 2},        {r * 0.75, w / 2},    {r * 0.72, w * 0.2},
                                 {g.hub, w * 0.2}, {g.hub, half},     {radius, half},       {radius, -half},
                                 {g.hub, -half},   {g.hub, -w * 0.2}, {r * 0.72, -w * 0.2}, {r * 0.75, -w / 2}};
      builder.add("pulley", "pulley", moved(turned(lathe_loop(loop, 56), -kPi / 2, Vector3d::UnitZ()), at));
    } else {
      add_gear(builder, across, g, at, rng.uniform(0, 1), 0);
    }
    x += half + 0.03;
  }
  const double reach = span / 2 + block + rng.uniform(0.03, 0.3);
  builder.add("shaft", "shaft",
              moved(turned(shaft_mesh(radius * 1.003, -reach, reach, rng.fork("shaft")), -kPi / 2, Vector3d::UnitZ()), {0, y, 0}));
  const double foot = rng.uniform(0.22, 0.34), head = radius * rng.uniform(1.7, 2.2);
  const bool tapered = rng.bernoulli(0.6);
  for (const double side : {-1.0, 1.0}) {
    Outline outline{{-foot, 0}, {foot, 0}};
    if (!tapered) outline = {{-head, 0}, {head, 0}};
    for (int k = 0; k <= 18; ++k) outline.emplace_back(head * std::cos(kPi * k / 18), y - t + head * std::sin(kPi * k / 18));
    builder.add("housing", "bearing_block",
                moved(sideways(extruded(outline, block, {.bevel = 0.006, .holes = {circle_outline({0, y - t}, radius * 1.25, 32)}})),
                      {side * (span / 2 + block / 2), t - 0.004, 0}));
    builder.add("bearing", "bearing_ring",
                moved(turned(lathe_loop({{radius * 1.28, -block * 0.54},
                                         {radius * 1.28, block * 0.54},
                                         {radius * 0.99, block * 0.54},
                                         {radius * 0.99, -block * 0.54}},
                                        32),
                             -kPi / 2, Vector3d::UnitZ()),
                      {side * (span / 2 + block / 2), y, 0}));
  }
  const double w = span + 2 * block + rng.uniform(0.1, 0.3), d = 2 * foot + rng.uniform(0.06, 0.2), hole = 0.03;
  std::vector<Vector2d> corners;
  std::vector<Outline> holes;
  for (const double sx : {-1.0, 1.0})
    for (const double sz : {-1.0, 1.0})
      corners.emplace_back(sx * (w / 2 - 0.05), sz * (d / 2 - 0.05)), holes.push_back(circle_outline(corners.back(), hole * 0.9, 18));
  builder.add("plate", "base_plate",
              moved(laid(extruded(rectangle_outline({0, 0}, {w, d}, 0.03), t, {.bevel = 0.006, .holes = holes})), {0, t / 2, 0}));
  if (rng.bernoulli(0.4)) {  // a handwheel or a crank on its end
    const double r = std::min(most * rng.uniform(0.6, 1.1), y - 0.03);
    builder.add("handwheel", "handwheel_ring",
                moved(turned(handwheel(r, 0.045, rng.uniform_int(3, 5)), -kPi / 2, Vector3d::UnitZ()), {reach - 0.03, y, 0}));
  }
}

}  // namespace

void build_gear(ChairBuilder& builder) {
  const double weights[] = {2, 2.5, 2};
  switch (builder.rng.pick(weights)) {
    case 0:
      return build_single(builder);
    case 1:
      return build_train(builder);
    default:
      return build_shaft_assembly(builder);
  }
}

}  // namespace looking3d
