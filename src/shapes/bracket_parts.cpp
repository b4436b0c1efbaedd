#include "shapes/bracket_parts.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

}  // namespace

Base draw_base(Rng& rng) {
  Base base;
  base.w = rng.uniform(0.55, 1.0), base.d = rng.uniform(0.45, 0.8), base.t = rng.uniform(0.045, 0.1), base.corner = rng.uniform(0.01, 0.12);
  base.hole_radius = rng.uniform(0.026, 0.042);
  return base;
}

TriangleMesh base_mesh(const Base& base, const std::vector<Outline>& more) {
  std::vector<Outline> holes = more;
  for (const Vector2d& h : base.holes) holes.push_back(circle_outline({h.x(), -h.y()}, base.hole_radius));
  return moved(laid(extruded(rectangle_outline({0, 0}, {base.w, base.d}, base.corner), base.t, {.bevel = 0.006, .holes = holes})),
               {0, base.t / 2, base.shift_z});
}

void add_base_bolts(ChairBuilder& builder, const Base& base, const FastenerPlan& fasteners) {
  Rng& rng = builder.rng;
  const double share = rng.bernoulli(0.45) ? 1 : rng.bernoulli(0.5) ? 0 : 0.5;
  for (const Vector2d& h : base.holes)
    if (rng.bernoulli(share)) add_bolt(builder, fasteners, {h.x(), base.t, h.y() + base.shift_z}, Vector3d::UnitY(), base.t);
}

Outline web_outline(Rng& rng, double w, double h) {
  const double r = rng.uniform(0.02, 0.12) * w, top = rng.uniform(0.45, 0.85);
  switch (rng.uniform_int(0, 4)) {
    case 0:
      return rounded_outline({{-w / 2, 0}, {w / 2, 0}, {w / 2, h}, {-w / 2, h}}, std::min(r, 0.2 * h));
    case 1: {  // a round head
      const double radius = w / 2 * top;
      Outline outline{{-w / 2, 0}, {w / 2, 0}};
      for (int i = 0; i <= 16; ++i)
        outline.emplace_back(radius * std::cos(kPi * i / 16), std::max(radius, h - radius) + radius * std::sin(kPi * i / 16));
      return outline;
    }
    case 2:
      return rounded_outline({{-w / 2, 0}, {w / 2, 0}, {w / 2 * top, h}, {-w / 2 * top, h}}, r * 0.6);
    case 3:
      return {{-w / 2, 0},
              {w / 2, 0},
              {w / 2, h * top},
              {w / 2 - h * (1 - top), h},
              {-w / 2 + h * (1 - top) * 0.6, h},
              {-w / 2, h * (1 - (1 - top) * 0.6)}};
    default:
      return rounded_outline({{-w / 2, 0}, {w / 2, 0}, {w / 2, h * 0.55}, {w / 2 * top, h * 0.6}, {w / 2 * top, h}, {-w / 2, h}}, r * 0.3);
  }
}

WebHoles draw_web_holes(Rng& rng, double w, double h) {
  WebHoles holes;
  const double y = h * rng.uniform(0.55, 0.64);
  holes.radius = std::min(w, h) * rng.uniform(0.05, 0.075);
  const auto round = [&](double x, double at) {
    holes.round.emplace_back(x, at), holes.outlines.push_back(circle_outline({x, at}, holes.radius));
  };
  switch (rng.uniform_int(0, 4)) {
    case 0:
      holes.bore = std::min(w, h) * rng.uniform(0.13, 0.22), holes.bore_at = {0, y};
      holes.outlines.push_back(circle_outline({0, y}, holes.bore, 32));
      break;
    case 1:
      round(-w * 0.2, y), round(w * 0.2, y);
      break;
    case 2:
      for (const double sx : {-1.0, 1.0}) round(sx * w * 0.19, h * 0.42), round(sx * w * 0.19, h * 0.76);
      break;
    case 3: {
      const bool upright_slot = h > w;
      for (const double sx : {-1.0, 1.0})
        holes.outlines.push_back(upright_slot
                                     ? slot_outline({sx * w * 0.2, h * 0.42}, {sx * w * 0.2, h * 0.7}, holes.radius * 0.8)
                                     : slot_outline({sx * w * 0.22 - w * 0.08, y}, {sx * w * 0.22 + w * 0.08, y}, holes.radius * 0.8));
      break;
    }
    default:
      round(0, h * 0.42), round(0, h * 0.76);
  }
  return holes;
}

TriangleMesh gusset(Rng rng, double deep, double tall, double t) {
  const int kind = rng.uniform_int(0, 2);
  const double tip = 0.18;
  Outline outline{{-kSink, -kSink}, {deep, -kSink}, {deep, tall * tip * 0.6}};
  if (kind == 1) {  // hollowed
    for (int i = 1; i < 8; ++i) {
      const double s = i / 8.0, a = kPi / 2 * s;
      outline.emplace_back(deep - deep * (1 - tip) * std::sin(a), tall - tall * (1 - tip * 0.6) * std::cos(a));
    }
  }
  outline.emplace_back(deep * tip, tall), outline.emplace_back(-kSink, tall);
  ExtrusionOptions options{.bevel = 0.004};
  if (kind == 2 && std::min(deep, tall) > 0.2)
    options.holes.push_back(circle_outline({deep * 0.33, tall * 0.33}, std::min(deep, tall) * 0.14));
  return turned(extruded(outline, t, options), -kPi / 2, Vector3d::UnitY());
}

TriangleMesh boss(double bore, double outer, double length) {
  return turned(lathe_loop({{outer, -kSink},
                            {outer, length * 0.92},
                            {outer - length * 0.08, length},
                            {bore * 1.08, length},
                            {bore, length * 0.92},
                            {bore, -kSink}},
                           36),
                kPi / 2, Vector3d::UnitX());
}

void add_web_bolts(ChairBuilder& builder, const WebHoles& holes, const FastenerPlan& fasteners, const Vector3d& foot, double t) {
  const double share = builder.rng.bernoulli(0.4) ? 1 : builder.rng.bernoulli(0.5) ? 0 : 0.5;
  FastenerPlan fitting = fasteners;
  fitting.radius = holes.radius;
  for (const Vector2d& h : holes.round) {
    if (!builder.rng.bernoulli(share)) continue;
    const Vector3d at = foot + Vector3d(h.x(), h.y(), t / 2);
    add_bolt(builder, fitting, at, Vector3d::UnitZ(), t * 1.02);
    add_nut(builder, fitting, at - Vector3d(0, 0, t), -Vector3d::UnitZ());
  }
}

FastenerPlan draw_fasteners(Rng& rng, double radius) {
  const double weights[] = {3, 1.5, 1, 1.2};
  FastenerPlan plan{static_cast<BoltStyle>(rng.pick(weights)), radius, false};
  plan.washers = plan.style == BoltStyle::kHexagon && rng.bernoulli(0.5);
  return plan;
}

void add_bolt(ChairBuilder& builder, const FastenerPlan& plan, const Vector3d& at, const Vector3d& axis, double length) {
  TriangleMesh mesh = moved(bolt(plan.style, plan.radius, length), {0, plan.washers ? plan.radius * 0.26 : 0, 0});
  if (plan.washers) append(mesh, washer(plan.radius));
  builder.add("bolt", "bolt", placed(mesh, at - axis * 0.002, axis));
}

void add_nut(ChairBuilder& builder, const FastenerPlan& plan, const Vector3d& at, const Vector3d& axis) {
  builder.add("nut", "nut", placed(hexagon_nut(plan.radius), at - axis * 0.002, axis));
}

}  // namespace looking3d
