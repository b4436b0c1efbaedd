// Fronts of drawers and doors with their handles.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/furniture_parts.h"
#include "shapes/solids.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;
enum Handle { kKnob, kBar, kCup, kLip, kRing, kNone };

TriangleMesh bar_handle(double length, double size, bool standing) {
  const double r = 0.006 * size, out = 0.032 * size, half = length / 2;
  TriangleMesh mesh = sweep({{-half * 1.15, 0, out}, {half * 1.15, 0, out}}, circle_section(r, 12), Vector3d::UnitY());
  for (const double side : {-1.0, 1.0})
    append(mesh, sweep({{side * half * 0.85, 0, -0.004}, {side * half * 0.85, 0, out}}, circle_section(r * 0.85, 10), Vector3d::UnitY()));
  return standing ? turned(mesh, kPi / 2, Vector3d::UnitZ()) : mesh;
}

TriangleMesh knob(double size) {
  const double s = 0.017 * size;
  return turned(
      lathe({{s * 0.6, -0.004}, {s * 0.5, s * 0.6}, {s * 0.9, s * 1.0}, {s * 1.05, s * 1.4}, {s * 0.9, s * 1.8}, {s * 0.4, s * 2.0}}, 18),
      kPi / 2, Vector3d::UnitX());
}

/// A shell of a quarter ball that the fingers reach into from below.
TriangleMesh cup(double width, double size) {
  const double h = 0.028 * size, out = 0.026 * size;
  return sheet(
      [=](double u, double v) {
        const double a = kPi / 2 * (v + 1) / 2;
        const double bow = std::sqrt(std::max(0.02, 1 - 0.95 * u * u));
        return Vector3d(u * width / 2, h * std::sin(a) * bow - h / 2, out * std::cos(a) * bow - 0.003);
      },
      {.thickness = 0.004, .columns = 14, .rows = 6});
}

TriangleMesh ring_pull(double size) {
  const double r = 0.022 * size;
  std::vector<Vector3d> loop;
  for (int i = 0; i < 24; ++i) loop.emplace_back(r * std::sin(2 * kPi * i / 24), r * (std::cos(2 * kPi * i / 24) - 0.8), 0.009 * size);
  TriangleMesh mesh = sweep_loop(loop, circle_section(0.0035 * size, 8), Vector3d::UnitZ());
  append(mesh,
         turned(lathe({{0.014 * size, -0.004}, {0.014 * size, 0.004}, {0.008 * size, 0.012 * size}}, 16), kPi / 2, Vector3d::UnitX()));
  return mesh;
}

}  // namespace

FrontPlan draw_front_plan(Rng& rng) {
  FrontPlan plan;
  const double weights[] = {4, 4, 1.2, 1.2, 1, 0.4};
  plan.handle = static_cast<int>(rng.pick(weights));
  plan.thickness = rng.uniform(0.014, 0.024), plan.gap = rng.uniform(0.003, 0.007);
  plan.framed = rng.bernoulli(0.35), plan.size = rng.uniform(0.9, 1.6);
  return plan;
}

void add_front(ChairBuilder& builder, const FrontPlan& plan, FrontKind kind, const Vector2d& centre, const Vector2d& size, double face) {
  const bool drawer = kind == FrontKind::kDrawer;
  const Vector2d s = size - Vector2d::Constant(2 * plan.gap);
  const double t = plan.thickness, rim = std::min({0.06, s.x() * 0.2, s.y() * 0.28});
  TriangleMesh front = rounded_box({s.x(), s.y(), t}, {.radius = 0.0025});
  double outer = t;
  if (plan.framed) {
    const TriangleMesh frame = extruded(rectangle_outline({0, 0}, s, 0.001), t * 0.6,
                                        {.bevel = 0.002, .holes = {rectangle_outline({0, 0}, s - Vector2d::Constant(2 * rim), 0.001)}});
    front = rounded_box({s.x() - 0.006, s.y() - 0.006, t}, {.radius = 0.0025});
    append(front, moved(frame, {0, 0, t * 0.7})), outer = t;
  }
  // A little inside the box, so that both hold together.
  builder.add(drawer ? "drawer" : "door", drawer ? "drawer_front" : "door", moved(front, {centre.x(), centre.y(), face + t / 2 - 0.003}));
  if (plan.handle == kNone) return;
  const double side = kind == FrontKind::kDoorHingedLeft ? 1 : -1;
  const double from_edge = plan.framed ? rim * 0.5 : std::min(0.035, s.x() * 0.2);
  Vector3d at(centre.x(), centre.y(), face + outer - 0.003);
  if (!drawer) at.x() += side * (s.x() / 2 - from_edge);
  if (drawer && plan.framed && plan.handle != kLip) at.z() += 0;
  if (!drawer && plan.framed) at.z() += t * 0.45;
  const double across = std::clamp(s.x() * 0.3, 0.05, 0.16) * std::min(1.2, plan.size), along = std::clamp(s.y() * 0.25, 0.06, 0.2);
  TriangleMesh handle;
  switch (plan.handle) {
    case kBar:
      handle = bar_handle(drawer ? across : along, plan.size, !drawer);
      break;
    case kCup:
      handle = drawer ? cup(std::min(across, 0.1), plan.size) : knob(plan.size);
      break;
    case kLip:
      if (drawer) at.y() += s.y() / 2 - 0.012;
      handle = drawer ? moved(rounded_box({across * 1.3, 0.008, 0.03}, {.radius = 0.003}), {0, 0, 0.008})
                      : moved(rounded_box({0.008, along, 0.03}, {.radius = 0.003}), {0, 0, 0.008});
      break;
    case kRing:
      handle = ring_pull(plan.size);
      break;
    default:
      handle = knob(plan.size);
  }
  builder.add("handle", "handle", moved(handle, at));
  if (drawer && plan.handle == kKnob && s.x() > 0.55) {  // wide drawers have three
    const auto shift = s.x() * 0.27;
    builder.add("handle", "handle", moved(handle, at + Vector3d(shift, 0, 0)));
    builder.add("handle", "handle", moved(handle, at - Vector3d(shift, 0, 0)));
  }
}

TriangleMesh board_between(const Vector3d& low, const Vector3d& high, double radius) {
  return moved(rounded_box(high - low, {.radius = radius}), (low + high) / 2);
}

}  // namespace looking3d
