// Brackets: angles, channels, clevises, bearing blocks, wall arms and clamps, of plates with holes, gussets, ribs and bolts.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/bracket_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// Floor plate and upright plate(s) with gussets: an L, a T, or an L with two uprights.
void build_angle(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  Base base = draw_base(rng);
  const bool tee = rng.bernoulli(0.35);
  const double t = base.t * rng.uniform(0.8, 1.1), h = rng.uniform(0.5, 1.0),
               w = base.w * (rng.bernoulli(0.6) ? 0.985 : rng.uniform(0.6, 0.85));
  const double z = tee ? rng.uniform(-0.05, 0.05) : -base.d / 2 + t / 2 + 0.004;
  const double edge = base.hole_radius * 2.6, front = z + t / 2, room = base.d / 2 - front;
  const double row = front + room * rng.uniform(0.52, 0.62);
  for (const double sx : {-1.0, 1.0}) {
    if (room > 5 * base.hole_radius) base.holes.emplace_back(sx * (base.w / 2 - edge - 0.01), row);
    if (tee && -base.d / 2 + 5 * base.hole_radius < z - t / 2)
      base.holes.emplace_back(sx * (base.w / 2 - edge - 0.01), (z - t / 2 - base.d / 2) / 2);
  }
  if (room > 0.3 && rng.bernoulli(0.4)) base.holes.emplace_back(0, row);
  builder.add("plate", "base_plate", base_mesh(base));
  const WebHoles holes = draw_web_holes(rng, w, h);
  const Vector3d foot(0, base.t - kSink, z);
  builder.add("web", "web_plate", moved(extruded(web_outline(rng, w, h), t, {.bevel = 0.006, .holes = holes.outlines}), foot));
  const FastenerPlan fasteners = draw_fasteners(rng, base.hole_radius);
  if (holes.bore > 0 && rng.bernoulli(0.7)) {
    const double outer = holes.bore * rng.uniform(1.3, 1.55), length = t * rng.uniform(0.4, 1.4);
    builder.add("boss", "boss_ring", moved(boss(holes.bore, outer, length), foot + Vector3d(0, holes.bore_at.y(), t / 2)));
    if (rng.bernoulli(0.4))
      builder.add("bushing", "bushing_ring",
                  moved(turned(lathe_loop({{holes.bore * 1.02, -t * 1.2},
                                           {holes.bore * 1.02, length * 1.2},
                                           {holes.bore * 0.72, length * 1.2},
                                           {holes.bore * 0.72, -t * 1.2}},
                                          32),
                               kPi / 2, Vector3d::UnitX()),
                        foot + Vector3d(0, holes.bore_at.y(), t / 2)));
  }
  // Gussets between the bolts and beside the bore.
  const int count = rng.uniform_int(0, 3);
  const double tall = std::min(h * 0.36, h * 0.5) * rng.uniform(0.7, 1.0), deep = room * rng.uniform(0.6, 0.92),
               thick = t * rng.uniform(0.5, 0.9);
  const Rng form = rng.fork("gusset");
  for (int i = 0; i < count; ++i) {
    const double x = count == 1 ? 0 : (w * 0.5 - thick * 0.75) * (2.0 * i / (count - 1) - 1);
    const bool blocked = std::any_of(base.holes.begin(), base.holes.end(), [&](const Vector2d& b) {
      return b.y() > front && std::abs(b.x() - x) < base.hole_radius * 2.4 + thick / 2 && front + deep > b.y() - base.hole_radius * 2.4;
    });
    const double fit = blocked ? std::max(0.08, row - front - base.hole_radius * 2.6) : deep;
    builder.add("gusset", "gusset", moved(gusset(form, fit, tall, thick), {x, base.t, front}));
    if (tee && rng.fork("both").bernoulli(0.7))
      builder.add("gusset", "gusset",
                  moved(turned(gusset(form, std::min(fit, z - t / 2 + base.d / 2 - 0.02), tall, thick), kPi, Vector3d::UnitY()),
                        {x, base.t, z - t / 2}));
  }
  add_base_bolts(builder, base, fasteners);
  add_web_bolts(builder, holes, fasteners, foot, t);
}

/// Two cheeks with a pin through them: a clevis.
void build_clevis(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  Base base = draw_base(rng);
  const double t = rng.uniform(0.06, 0.11), gap = rng.uniform(0.18, 0.36), h = rng.uniform(0.4, 0.75), w = base.d * rng.uniform(0.55, 0.9),
               bore = w * rng.uniform(0.12, 0.2);
  const double out = gap / 2 + t;
  for (const double sx : {-1.0, 1.0})
    for (const double sz : {-1.0, 1.0})
      if (base.w / 2 - out > base.hole_radius * 5) base.holes.emplace_back(sx * (out + (base.w / 2 - out) * 0.5), sz * base.d * 0.28);
  builder.add("plate", "base_plate", base_mesh(base));
  const double y = h - w * rng.uniform(0.3, 0.42);
  Outline cheek{{-w / 2, 0}, {w / 2, 0}};
  const double head = std::min(w / 2, h - y);
  for (int i = 0; i <= 18; ++i) cheek.emplace_back(head * std::cos(kPi * i / 18), y + head * std::sin(kPi * i / 18));
  const int count = rng.bernoulli(0.2) ? 3 : 2;
  for (int i = 0; i < count; ++i) {
    const double x = (gap + t) / 2 * (2.0 * i / (count - 1) - 1);
    builder.add("web", "cheek_plate",
                moved(sideways(extruded(cheek, count == 3 ? t * 0.7 : t, {.bevel = 0.006, .holes = {circle_outline({0, y}, bore, 32)}})),
                      {x, base.t - kSink, 0}));
  }
  const FastenerPlan fasteners = draw_fasteners(rng, base.hole_radius);
  add_base_bolts(builder, base, fasteners);
  const Vector3d axis(0, base.t + y - kSink, 0);
  if (rng.bernoulli(0.75)) {
    const double reach = out + rng.uniform(0.02, 0.08);
    const bool headed = rng.bernoulli(0.6);
    TriangleMesh pin = lathe({{bore * 0.9, -reach}, {bore * 1.003, -reach + 0.01}, {bore * 1.003, reach - 0.01}, {bore * 0.9, reach}}, 32);
    if (headed)
      append(pin,
             lathe({{bore * 1.45, out - 0.002}, {bore * 1.5, out + 0.008}, {bore * 1.5, out + 0.045}, {bore * 1.35, out + 0.055}}, 32));
    builder.add("pin", "pin", moved(turned(pin, -kPi / 2, Vector3d::UnitZ()), axis));
    if (rng.bernoulli(0.5))
      builder.add(
          "bushing", "bushing_ring",
          moved(turned(lathe_loop({{bore * 1.6, -gap * 0.3}, {bore * 1.6, gap * 0.3}, {bore * 0.98, gap * 0.3}, {bore * 0.98, -gap * 0.3}},
                                  32),
                       kPi / 2, Vector3d::UnitZ()),
                axis));
    if (rng.bernoulli(0.35)) {  // an eye that hangs on the pin
      const double eye = bore * 2.1, arm = rng.uniform(0.25, 0.5), thick = gap * 0.4, lean = rng.uniform(-0.7, 0.7);
      Outline link = slot_outline({0, 0}, {0, arm}, eye);
      builder.add("link", "link_plate",
                  moved(turned(sideways(extruded(link, thick,
                                                 {.bevel = 0.005,
                                                  .holes = {circle_outline({0, 0}, bore * 0.99, 28), circle_outline({0, arm}, bore, 28)}})),
                               lean, Vector3d::UnitX()),
                        axis));
    }
  }
  if (rng.bernoulli(0.5)) {
    const double tall = y * 0.6, deep = std::min(base.w / 2 - out - 0.02, tall);
    const Rng form = rng.fork("gusset");
    if (deep > 0.06)
      for (const double sx : {-1.0, 1.0})
        builder.add("gusset", "gusset",
                    moved(turned(gusset(form, deep, tall, t * 0.6), sx * kPi / 2, Vector3d::UnitY()), {sx * out, base.t, 0}));
  }
}

/// A channel or a hat of bent sheet, lying or standing on its base.
void build_channel(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double w = rng.uniform(0.4, 0.7), h = rng.uniform(0.25, 0.6), length = rng.uniform(0.5, 1.1), t = rng.uniform(0.035, 0.06),
               lip = rng.uniform(0.12, 0.26);
  const int kind = rng.uniform_int(0, 2);  // U, hat, Z
  std::vector<Vector3d> line;
  if (kind == 0) line = {{-w / 2, h, 0}, {-w / 2, t / 2, 0}, {w / 2, t / 2, 0}, {w / 2, h, 0}};
  if (kind == 1)
    line = {{-w / 2 - lip, t / 2, 0}, {-w / 2, t / 2, 0}, {-w / 2, h, 0}, {w / 2, h, 0}, {w / 2, t / 2, 0}, {w / 2 + lip, t / 2, 0}};
  if (kind == 2) line = {{w / 2 + lip, t / 2, 0}, {0, t / 2, 0}, {0, h, 0}, {-w / 2 - lip * 0.5, h, 0}};
  TriangleMesh sheet_metal = sweep(rounded_path(line, t * 1.2, false, 5), rectangle_section(length, t, t * 0.08, 1),
                                   kind == 0 ? Vector3d::UnitX() : Vector3d::UnitY());
  const double lowest = bounding_box(sheet_metal).min().y();
  builder.add("web", "sheet_plate", moved(sheet_metal, {0, -lowest, 0}));
  FastenerPlan fasteners = draw_fasteners(rng, rng.uniform(0.03, 0.045));
  const auto bolts = [&](double x, double y) {
    const int count = rng.fork("bolts").uniform_int(2, 3);
    for (int i = 0; i < count; ++i) add_bolt(builder, fasteners, {x, y, length * 0.34 * (2.0 * i / (count - 1) - 1)}, Vector3d::UnitY(), t);
  };
  if (kind == 0) {
    bolts(0, t - lowest);
    const int ties = rng.uniform_int(0, 2);
    for (int i = 0; i < ties; ++i) {
      const double z = length * 0.3 * (i == 0 ? -1 : 1), y = h * rng.fork("tie").uniform(0.55, 0.8);
      builder.add("pin", "tie_rod", sweep({{-w / 2 - 0.05, y, z}, {w / 2 + 0.05, y, z}}, circle_section(t * 0.55, 16), Vector3d::UnitY()));
      FastenerPlan tie = fasteners;
      tie.radius = t * 0.55;
      for (const double sx : {-1.0, 1.0}) add_nut(builder, tie, {sx * (w / 2 + t / 2), y, z}, {sx, 0, 0});
    }
  } else if (kind == 1) {
    bolts(-w / 2 - lip * 0.55, t - lowest), bolts(w / 2 + lip * 0.55, t - lowest);
  } else {
    bolts(w / 2 + lip * 0.2, t - lowest);
  }
  const int ribs = rng.uniform_int(1, 3);
  for (int i = 0; i < ribs; ++i) {
    const double z = ribs == 1 ? 0 : length * 0.42 * (2.0 * i / (ribs - 1) - 1);
    if (kind != 2) {
      const double wall = kind == 0 ? t * 0.4 : t * 0.3, y0 = kind == 0 ? t * 0.7 : 0.0, y1 = kind == 0 ? h * 0.6 : h - t * 0.3;
      builder.add("gusset", "rib",
                  moved(extruded(rounded_outline({{-w / 2 + wall, y0}, {w / 2 - wall, y0}, {w / 2 - wall, y1}, {-w / 2 + wall, y1}}, 0.01),
                                 t * 0.6, {.holes = {circle_outline({0, (y0 + y1) / 2}, std::min(w, y1 - y0) * 0.22)}}),
                        {0, 0, z}));
    } else {
      builder.add("gusset", "rib",
                  moved(turned(gusset(rng.fork("rib"), (w / 2 + lip) * 0.45, h * 0.6, t * 0.6), kPi / 2, Vector3d::UnitY()),
                        {t * 0.4, t * 0.9, z}));
    }
  }
  if (rng.bernoulli(0.4)) {  // what it carries
    const double y = kind == 0 ? t * 0.8 : h + t / 2 - lowest - kSink, r = w * rng.uniform(0.14, 0.22), tall = rng.uniform(0.15, 0.35);
    const double x = kind == 2 ? -w * 0.35 : 0;
    builder.add("boss", "boss_ring",
                moved(lathe_loop({{r * 1.15, 0}, {r * 1.15, tall * 0.2}, {r, tall * 0.25}, {r, tall}, {r * 0.6, tall}, {r * 0.6, 0}}, 32),
                      {x, y, length * (kind == 0 ? 0.17 : 0)}));
  }
}

/// A housing for a shaft on a foot: a pillow block, whole or split, on its own or two of them.
void build_bearing_block(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  Base base = draw_base(rng);
  const double bore = rng.uniform(0.09, 0.15), outer = bore * rng.uniform(1.7, 2.1), y = outer + rng.uniform(0.03, 0.2),
               thick = rng.uniform(0.14, 0.3);
  base.w = 2 * outer + rng.uniform(0.35, 0.55), base.d = thick + rng.uniform(0.06, 0.2);
  const int blocks = rng.bernoulli(0.3) ? 2 : 1;
  const double span = blocks == 2 ? rng.uniform(0.5, 0.9) : 0;
  base.hole_radius = std::min(base.hole_radius, base.d * 0.11);
  for (const double sx : {-1.0, 1.0}) base.holes.emplace_back(sx * (outer + (base.w / 2 - outer) * 0.52), 0);
  const FastenerPlan fasteners = draw_fasteners(rng, base.hole_radius);
  const bool split = rng.bernoulli(0.5), cap_bolts = split, foot_bolts = rng.bernoulli(0.7);
  const double flare = rng.uniform(1.0, 1.25);
  for (int i = 0; i < blocks; ++i) {
    const Vector3d at(0, 0, span * (i - (blocks - 1) / 2.0));
    builder.add("plate", "base_plate", moved(base_mesh(base), at));
    Outline housing{{-outer * flare, 0}, {outer * flare, 0}};
    for (int k = 0; k <= 24; ++k) housing.emplace_back(outer * std::cos(kPi * k / 24), y + outer * std::sin(kPi * k / 24));
    const double ear = outer * 0.38;
    if (split) {  // two halves with ears
      Outline low{{-outer * flare, 0}, {outer * flare, 0}, {outer + ear, y - 0.004}, {bore, y - 0.004}},
          high{{bore, y + 0.001}, {outer + ear, y + 0.001}, {outer + ear, y + ear * 0.9}, {outer * 0.8, y + ear * 0.9}};
      for (int k = 1; k < 24; ++k) low.emplace_back(bore * std::cos(kPi * k / 24), y - 0.004 - bore * std::sin(kPi * k / 24));
      low.emplace_back(-bore, y - 0.004), low.emplace_back(-outer - ear, y - 0.004);
      const double from = std::asin(std::min(0.95, ear * 0.9 / outer)) + 0.08;
      for (int k = 0; k <= 20; ++k) {
        const double a = from + (kPi - 2 * from) * k / 20;
        high.emplace_back(outer * std::cos(a), y + outer * std::sin(a));
      }
      high.emplace_back(-outer * 0.8, y + ear * 0.9), high.emplace_back(-outer - ear, y + ear * 0.9),
          high.emplace_back(-outer - ear, y + 0.001), high.emplace_back(-bore, y + 0.001);
      for (int k = 23; k >= 1; --k) high.emplace_back(bore * std::cos(kPi * k / 24), y + 0.001 + bore * std::sin(kPi * k / 24));
      builder.add("housing", "housing_low", moved(extruded(low, thick), at + Vector3d(0, base.t - kSink, 0)));
      builder.add("housing", "housing_cap", moved(extruded(high, thick), at + Vector3d(0, base.t - kSink - 0.006, 0)));
      if (cap_bolts)
        for (const double sx : {-1.0, 1.0}) {
          FastenerPlan fitting = fasteners;
          fitting.radius = std::min(fitting.radius, ear * 0.22), fitting.washers = false;
          add_bolt(builder, fitting, at + Vector3d(sx * (outer + ear * 0.45), base.t - kSink - 0.006 + y + ear * 0.9, 0), Vector3d::UnitY(),
                   ear * 1.1);
        }
    } else {
      builder.add("housing", "housing_block",
                  moved(extruded(housing, thick, {.bevel = 0.008, .holes = {circle_outline({0, y}, bore, 36)}}),
                        at + Vector3d(0, base.t - kSink, 0)));
    }
    const Vector3d axis = at + Vector3d(0, base.t - kSink + y, 0);
    builder.add("bearing", "bearing_ring",
                moved(turned(lathe_loop({{bore * 1.02, -thick * 0.56},
                                         {bore * 1.02, thick * 0.56},
                                         {bore * 0.82, thick * 0.56},
                                         {bore * 0.78, thick * 0.5},
                                         {bore * 0.78, -thick * 0.5},
                                         {bore * 0.82, -thick * 0.56}},
                                        36),
                             kPi / 2, Vector3d::UnitX()),
                      axis));
    if (foot_bolts)
      for (const Vector2d& h : base.holes) add_bolt(builder, fasteners, at + Vector3d(h.x(), base.t, h.y()), Vector3d::UnitY(), base.t);
    if (rng.bernoulli(0.4) && !split) {
      const double nipple = bore * 0.2;
      builder.add("nipple", "nipple_bolt",
                  moved(lathe({{nipple, -0.02}, {nipple, 0.03}, {nipple * 1.5, 0.035}, {nipple * 1.5, 0.06}, {nipple * 0.7, 0.09}}, 16),
                        axis + Vector3d(0, outer, 0)));
    }
  }
  if (blocks == 2 || rng.bernoulli(0.5)) {
    const double reach = span / 2 + thick * 0.6 + rng.uniform(0.05, 0.3), r = bore * 0.79;
    TriangleMesh shaft = lathe({{r * 0.9, -reach}, {r, -reach + r * 0.12}, {r, reach - r * 0.12}, {r * 0.9, reach}}, 32);
    builder.add("shaft", "shaft", moved(turned(shaft, kPi / 2, Vector3d::UnitX()), {0, base.t - kSink + y, 0}));
  }
  if (blocks == 2)
    builder.add("plate", "floor_plate", moved(rounded_box({base.w * 0.96, 0.04, span + base.d * 0.96}, {.radius = 0.006}), {0, 0.02, 0}));
}

/// A wall plate on a floor plate, with an arm and a strut: a console.
void build_wall_arm(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double t = rng.uniform(0.05, 0.08), w = rng.uniform(0.3, 0.5), h = rng.uniform(0.75, 1.1), reach = rng.uniform(0.5, 0.9),
               beam = rng.uniform(0.06, 0.11);
  Base base;
  base.w = w * 1.3, base.d = rng.uniform(0.35, 0.5), base.t = t, base.corner = 0.03;
  base.shift_z = 0.06;
  builder.add("plate", "base_plate", base_mesh(base));
  WebHoles holes;
  holes.radius = rng.uniform(0.026, 0.036);
  for (const double sx : {-1.0, 1.0})
    for (const double y : {h * 0.2, h * 0.88})
      holes.round.emplace_back(sx * w * 0.33, y), holes.outlines.push_back(circle_outline(holes.round.back(), holes.radius));
  builder.add("web", "wall_plate",
              moved(extruded(rectangle_outline({0, h / 2}, {w, h}, rng.uniform(0.01, 0.08)), t, {.bevel = 0.006, .holes = holes.outlines}),
                    {0, t - kSink, 0}));
  const FastenerPlan fasteners = draw_fasteners(rng, holes.radius);
  add_web_bolts(builder, holes, fasteners, {0, t - kSink, 0}, t);
  const double y = h * rng.uniform(0.68, 0.8), z0 = t / 2 - kSink;
  const bool tube = rng.bernoulli(0.4);
  const Section section = tube ? circle_section(beam / 2, 20) : rectangle_section(beam, beam * rng.uniform(0.8, 1.4), 0.006);
  builder.add("arm", "arm_tube", sweep({{0, y, z0}, {0, y, reach}}, section, Vector3d::UnitY()));
  const int struts = rng.bernoulli(0.3) ? 2 : 1;
  const double low = h * rng.uniform(0.3, 0.42), end = reach * rng.uniform(0.6, 0.85);
  for (int i = 0; i < struts; ++i) {
    const double x = struts == 1 ? 0 : (i == 0 ? -1 : 1) * w * 0.2;
    const bool curved = rng.fork("curve").bernoulli(0.35);
    const Vector3d a(x, low, z0), b(0, y - beam * 0.3, end);
    std::vector<Vector3d> path = straight(a, b, 1);
    if (curved) path = spline({a, Vector3d(x * 0.5, low + (y - low) * 0.35, end * 0.62), b}, 8);
    builder.add("strut", "strut_tube",
                sweep(path, tube ? circle_section(beam * 0.35, 16) : rectangle_section(beam * 0.6, beam * 0.5, 0.004), Vector3d::UnitX()));
  }
  const int tip = rng.uniform_int(0, 2);
  if (tip == 0) {  // a ring
    const double r = rng.uniform(0.1, 0.18);
    std::vector<Vector3d> loop;
    for (int i = 0; i < 36; ++i) loop.emplace_back(r * std::sin(2 * kPi * i / 36), y, reach + r * 0.96 + r * std::cos(2 * kPi * i / 36));
    builder.add("ring", "end_ring", sweep_loop(loop, rectangle_section(beam * 0.7, beam * 0.8, 0.004), Vector3d::UnitY()));
  } else if (tip == 1) {  // a plate with holes
    const double side = rng.uniform(0.2, 0.34);
    builder.add("plate", "seat_plate",
                moved(laid(extruded(
                          rectangle_outline({0, 0}, {side * 1.2, side}, 0.02), t * 0.7,
                          {.bevel = 0.004, .holes = {circle_outline({-side * 0.35, 0}, 0.028), circle_outline({side * 0.35, 0}, 0.028)}})),
                      {0, y + beam * 0.5 + t * 0.3, reach - side * 0.5}));
  } else {  // an end cap and a stop
    builder.add("plate", "end_plate",
                moved(extruded(rectangle_outline({0, 0}, {beam * 1.8, beam * 1.8}, 0.02), t * 0.5, {.bevel = 0.004}), {0, y, reach}));
  }
}

}  // namespace

void build_bracket(ChairBuilder& builder) {
  const double weights[] = {3.5, 1.5, 1.2, 1.6, 1.2};
  switch (builder.rng.pick(weights)) {
    case 0:
      return build_angle(builder);
    case 1:
      return build_clevis(builder);
    case 2:
      return build_channel(builder);
    case 3:
      return build_bearing_block(builder);
    default:
      return build_wall_arm(builder);
  }
}

}  // namespace looking3d
