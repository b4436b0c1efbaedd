// Flanges: round, square and oval ones with hubs and bolt circles; single, in pairs with a gasket, blind, ribbed; lying or on a foot.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/machine_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// One design of joint. It is drawn about +Y, and turned as a whole afterwards.
struct FlangePlan {
  int form = 0;  ///< round, square, oval, lobed
  double radius = 0.5, thickness = 0.09, bore = 0.18, bolt_circle = 0.38, hole = 0.035;
  int bolts = 8;
  double phase = 0;
  double hub_radius = 0.26, hub_height = 0.25;
  int hub = 0;  ///< none, straight, conical neck, stepped
  int ribs = 0;
};

FlangePlan draw_flange(Rng& rng) {
  FlangePlan f;
  const double forms[] = {4, 1.3, 1.2, 1};
  f.form = static_cast<int>(rng.pick(forms));
  f.radius = rng.uniform(0.42, 0.6), f.thickness = rng.uniform(0.06, 0.13), f.bore = f.radius * rng.uniform(0.22, 0.5);
  f.hole = f.radius * rng.uniform(0.055, 0.08);
  f.bolt_circle = f.radius - f.hole * rng.uniform(2.3, 2.6);
  const int counts[] = {4, 4, 6, 6, 8, 8, 10, 12};
  f.bolts = f.form == 1 ? 4 : f.form == 2 ? 2 : f.form == 3 ? rng.uniform_int(3, 6) : rng.pick_from(counts);
  while (f.bolts > 4 && 2 * kPi * f.bolt_circle / f.bolts < 6 * f.hole) --f.bolts;
  f.phase = f.form == 1 ? kPi / 4 : rng.bernoulli(0.5) ? 0 : kPi / f.bolts;
  if (f.form == 2) f.phase = 0, f.bore = f.radius * rng.uniform(0.2, 0.34);
  if (f.form == 1) f.bolt_circle = f.radius * 1.41 - f.hole * 4.2;
  const double room = f.bolt_circle - f.hole * 2.6;
  f.bore = std::min(f.bore, room - 0.06);
  f.hub_radius = f.bore + rng.uniform(0.3, 0.95) * (std::min(room, f.form == 2 ? f.radius * 0.55 : 1e9) - f.bore);
  f.hub_height = rng.uniform(0.1, 0.5);
  const double hubs[] = {0.8, 2, 2, 1.2};
  f.hub = static_cast<int>(rng.pick(hubs));
  f.ribs = f.hub > 0 && f.form == 0 && f.hub_height > 0.2 && rng.bernoulli(0.35) ? rng.uniform_int(3, 8) : 0;
  return f;
}

Vector2d bolt_at(const FlangePlan& f, int i) {
  const double angle = f.phase + 2 * kPi * i / f.bolts;
  return {f.bolt_circle * std::cos(angle), f.bolt_circle * std::sin(angle)};
}

Outline plate_outline(const FlangePlan& f) {
  const double r = f.radius;
  if (f.form == 1) return rectangle_outline({0, 0}, {2 * r, 2 * r}, r * 0.22);
  Outline outline;
  const int n = 96;
  for (int i = 0; i < n; ++i) {
    const double a = 2 * kPi * i / n;
    double at = r;
    if (f.form == 2) at = std::max(r / std::sqrt(std::pow(std::cos(a), 2) + std::pow(std::sin(a) / 0.62, 2)), 0.0);
    if (f.form == 3) at = r * (0.86 + 0.14 * std::cos(f.bolts * (a - f.phase)));
    outline.emplace_back(at * std::cos(a), at * std::sin(a));
  }
  return outline;
}

/// The plate between heights 0 and its thickness; blind ones have no bore.
TriangleMesh plate(const FlangePlan& f, bool blind) {
  std::vector<Outline> holes;
  if (!blind) holes.push_back(circle_outline({0, 0}, f.bore, 48));
  for (int i = 0; i < f.bolts; ++i) holes.push_back(circle_outline(bolt_at(f, i), f.hole, 18));
  return moved(laid(extruded(plate_outline(f), f.thickness, {.bevel = 0.006, .holes = holes})), {0, f.thickness / 2, 0});
}

TriangleMesh neck(const FlangePlan& f, Rng rng) {
  const double r = f.hub_radius, h = f.hub_height, low = -0.004, inner = f.bore;
  const double end = inner + std::max(0.025, (r - inner) * rng.uniform(0.25, 0.5));
  std::vector<Vector2d> loop;
  switch (f.hub) {
    case 1:
      loop = {{r, low}, {r, h * 0.94}, {r - 0.012, h}};
      break;
    case 2:
      loop = {{r, low}, {r, h * 0.12}, {end, h * rng.uniform(0.5, 0.75)}, {end, h}};
      break;
    default:
      loop = {{r, low}, {r, h * 0.38}, {r - 0.01, h * 0.4}, {end, h * 0.42}, {end, h * 0.96}, {end - 0.006, h}};
  }
  loop.emplace_back(inner + 0.001, h), loop.emplace_back(inner + 0.001, low);
  return lathe_loop(loop, 48);
}

/// Turns each part about x so that +Y becomes +Z, or leaves it; collects what the builder gets at the end.
class Assembly {
 public:
  Assembly(ChairBuilder& builder, bool upright, double height) : builder_(builder), upright_(upright), height_(height) {}
  TriangleMesh place(const TriangleMesh& mesh) const {
    return upright_ ? moved(turned(mesh, kPi / 2, Vector3d::UnitX()), {0, height_, 0}) : moved(mesh, {0, height_, 0});
  }
  void add(const std::string& label, const std::string& group, const TriangleMesh& mesh) const { builder_.add(label, group, place(mesh)); }
  Vector3d point(const Vector3d& x) const {
    return upright_ ? Vector3d(x.x(), height_ - x.z(), x.y()) : Vector3d(x + Vector3d(0, height_, 0));
  }
  Vector3d direction(const Vector3d& x) const { return upright_ ? Vector3d(x.x(), -x.z(), x.y()) : x; }

 private:
  ChairBuilder& builder_;
  bool upright_;
  double height_;
};

/// One side of the joint: plate, neck, ribs, and what goes on from it. Its face is at `y`; `side` 1 lets the neck rise, -1 hang.
void add_side(const Assembly& at, const FlangePlan& f, double y, double side, bool blind, const Rng& form) {
  const auto flip = [&](const TriangleMesh& mesh) { return moved(side > 0 ? mesh : turned(mesh, kPi, Vector3d::UnitX()), {0, y, 0}); };
  at.add("flange", blind ? "blind_flange" : "flange", flip(plate(f, blind)));
  if (blind) {
    Rng rng = form.fork("blind");
    const int kind = rng.uniform_int(0, 2);
    const double r = f.bolt_circle * rng.uniform(0.45, 0.65);
    if (kind == 1)
      at.add("hub", "cover_disc",
             flip(moved(lathe({{r, -0.004}, {r, 0.03}, {r * 0.94, 0.042}, {r * 0.3, 0.05}}, 40), {0, f.thickness, 0})));
    if (kind == 2)
      at.add("handle", "handle_tube",
             flip(moved(sweep(rounded_path({{-r, -0.005, 0}, {-r, 0.14, 0}, {r, 0.14, 0}, {r, -0.005, 0}}, 0.06), circle_section(0.024, 14),
                              Vector3d::UnitZ()),
                        {0, f.thickness, 0})));
    return;
  }
  if (f.hub == 0) return;
  at.add("hub", "hub", flip(moved(neck(f, form.fork("neck")), {0, f.thickness, 0})));
  for (int i = 0; i < f.ribs; ++i) {
    const double angle = f.phase + 2 * kPi * (i + 0.5) / f.ribs, inner = f.bore + 0.012,
                 reach = std::min(f.bolt_circle + f.hole, f.radius * 0.92);
    const bool clear = f.bolts % f.ribs == 0;  // between two bolts
    const double out = clear ? reach : std::max(f.hub_radius + 0.05, f.bolt_circle - f.hole * 2.7),
                 foot = inner + (f.hub_radius - inner) * 0.4;
    const Outline outline{{foot, -0.004}, {out, -0.004}, {out, 0.03}, {foot + 0.03, f.hub_height * 0.9}, {foot, f.hub_height * 0.9}};
    at.add("rib", "rib",
           flip(moved(turned(extruded(outline, 0.04, {.bevel = 0.004}), angle + (clear ? 0 : 0), Vector3d::UnitY()), {0, f.thickness, 0})));
  }
  Rng rng = form.fork("pipe");
  if (f.hub != 0 && rng.bernoulli(0.5)) {
    const double wall = 0.02, length = f.hub_height + rng.uniform(0.1, 0.4);
    at.add("pipe", "pipe",
           flip(moved(lathe_loop({{f.bore + 0.004, -0.02}, {f.bore + 0.004, length}, {f.bore - wall, length}, {f.bore - wall, -0.02}}, 48),
                      {0, f.thickness, 0})));
  }
}

void add_joint_bolts(ChairBuilder& builder, const Assembly& at, const FlangePlan& f, double top, double bottom, double share) {
  Rng& rng = builder.rng;
  const FastenerPlan fasteners = draw_fasteners(rng, f.hole * 0.97);
  const bool nuts = rng.bernoulli(0.8);
  for (int i = 0; i < f.bolts; ++i) {
    if (!rng.bernoulli(share)) continue;
    const Vector2d p = bolt_at(f, i);
    // `laid` turned y into -z.
    add_bolt(builder, fasteners, at.point({p.x(), top, -p.y()}), at.direction(Vector3d::UnitY()), top - bottom);
    if (nuts) add_nut(builder, fasteners, at.point({p.x(), bottom, -p.y()}), -at.direction(Vector3d::UnitY()));
  }
}

/// A foot below an upright joint of this lowest reach: a plate with a web, or a saddle between two cheeks.
void add_foot(ChairBuilder& builder, const FlangePlan& f, double height, double length) {
  Rng& rng = builder.rng;
  const double t = rng.uniform(0.05, 0.08), w = f.radius * rng.uniform(1.5, 2.0), d = std::max(0.42, length + rng.uniform(0.1, 0.25));
  const double hole = 0.032;
  std::vector<Outline> holes;
  std::vector<Vector2d> centres;
  for (const double sx : {-1.0, 1.0})
    for (const double sz : {-1.0, 1.0})
      centres.emplace_back(sx * (w / 2 - 0.08), sz * (d / 2 - 0.08)),
          holes.push_back(circle_outline({centres.back().x(), -centres.back().y()}, hole));
  builder.add("plate", "base_plate",
              moved(laid(extruded(rectangle_outline({0, 0}, {w, d}, 0.05), t, {.bevel = 0.006, .holes = holes})), {0, t / 2, 0}));
  const double rise = height - t + 0.006, half = w * rng.uniform(0.26, 0.36), thick = rng.uniform(0.05, 0.08);
  // The web ends on a circle inside the plate's rim, in the plate's own plane.
  const double r = f.form == 2 ? f.radius * 0.58 : f.form == 3 ? f.radius * 0.7 : f.radius * 0.95;
  Outline web{{-half, 0}, {half, 0}};
  const double reach = std::min(half, r * 0.8);
  for (int i = 0; i <= 12; ++i) {
    const double x = reach * (1 - 2.0 * i / 12);
    web.emplace_back(x, rise - std::sqrt(r * r - x * x));
  }
  builder.add("web", "foot_web", moved(extruded(web, std::min(thick, f.thickness * 0.8)), {0, t - 0.006, f.thickness / 2}));
  if (rng.bernoulli(0.5)) {
    const FastenerPlan fasteners = draw_fasteners(rng, hole);
    for (const Vector2d& c : centres) add_bolt(builder, fasteners, {c.x(), t, c.y()}, Vector3d::UnitY(), t);
  }
}

}  // namespace

void build_flange(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const FlangePlan f = draw_flange(rng);
  const bool pair = rng.bernoulli(0.6), blind = rng.bernoulli(pair ? 0.35 : 0.12), upright = rng.bernoulli(0.45);
  const double gasket = pair && rng.bernoulli(0.75) ? rng.uniform(0.02, 0.045) : 0;
  const Rng form = rng.fork("form");
  // Lying, what hangs below the face at y = 0 decides how high it lies; a lone flange lies on its face.
  const bool same = !blind || rng.bernoulli(0.5);
  FlangePlan lower = f;
  if (!same) lower.hub = 1;
  double below = 0;
  if (pair) below = f.thickness + gasket + (lower.hub > 0 ? lower.hub_height : 0);
  const Rng lower_form = form;
  if (pair && lower.hub > 0) {  // the pipe's end is what it stands on, where there is one
    Rng pipe = lower_form.fork("pipe");
    if (pipe.bernoulli(0.5)) below = f.thickness + gasket + lower.hub_height + pipe.uniform(0.1, 0.4);
  }
  const double lift = upright ? f.radius + rng.uniform(0.12, 0.3) : below;
  const Assembly at(builder, upright, lift);
  add_side(at, f, 0, 1, blind, form);
  if (pair) {
    if (gasket > 0) {
      const double outer = f.bolt_circle - f.hole * 1.15, y0 = -gasket - 0.002, y1 = 0.002;
      const double proud = rng.bernoulli(0.5) && f.form == 0 ? f.radius * 1.02 : std::min(outer, f.form == 2 ? f.radius * 0.55 : outer);
      at.add("gasket", "gasket", lathe_loop({{proud, y0}, {proud, y1}, {f.bore * 0.96, y1}, {f.bore * 0.96, y0}}, 64));
    }
    add_side(at, lower, -gasket, -1, false, lower_form);
  } else if (rng.bernoulli(0.5)) {  // a raised face, or a base plate below
    const double outer = f.bore + (std::min(f.bolt_circle - f.hole * 1.5, f.form == 2 ? f.radius * 0.55 : 1e9) - f.bore) * 0.9;
    if (upright)
      at.add("hub", "raised_ring", lathe_loop({{outer, -0.03}, {outer, 0.004}, {f.bore + 0.002, 0.004}, {f.bore + 0.002, -0.03}}, 48));
  }
  const double share = rng.bernoulli(0.75) ? 1 : 0.6;
  if (pair || rng.bernoulli(upright ? 0.3 : 0.55))
    add_joint_bolts(builder, at, f, f.thickness, pair ? -gasket - f.thickness : upright ? 0 : 0.03, share);
  if (upright) {
    add_foot(builder, f, lift, pair ? 2 * f.thickness : f.thickness);
  } else if (!pair) {
    // A lone flange lies on a plate, a ring or on blocks, so that its bolts have somewhere to go.
    if (rng.bernoulli(0.5)) {
      const double side = f.radius * rng.uniform(1.1, 1.35), t = rng.uniform(0.05, 0.09);
      const bool round = rng.bernoulli(0.5);
      const Outline outline = round ? circle_outline({0, 0}, side, 72) : rectangle_outline({0, 0}, {2 * side, 2 * side}, 0.06);
      builder.add(
          "plate", "base_plate",
          moved(laid(extruded(outline, t, {.bevel = 0.006, .holes = {circle_outline({0, 0}, f.bore * 0.9, 40)}})), {0, 0.003 - t / 2, 0}));
    }
  }
}

}  // namespace looking3d
