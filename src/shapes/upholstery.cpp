#include "shapes/upholstery.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// A covered block with its lower rear edge at (y, z), leaning back around it.
TriangleMesh leaning(const TriangleMesh& upright_block, double height, double depth, double recline, double y, double z) {
  const TriangleMesh standing = moved(upright_block, {0, height / 2, depth / 2});
  return moved(turned(standing, -recline, Vector3d::UnitX()), {0, y, z});
}

void add_roll(ChairBuilder& builder, const BodyPlan& body, double side, double front, double rear, Rng& rng) {
  const double w = body.arm_width, r = w * rng.uniform(0.52, 0.66), x = side * (body.inner / 2 + w / 2 + w * 0.12), y = body.arm_top() - r;
  const double drop = rng.uniform(0, 0.03);
  builder.add("arm_support", "arm",
              moved(pad({w, y - body.legs, front - rear}, {.edge = 0.12}),
                    {side * (body.inner / 2 + w / 2 - 0.004), (y + body.legs) / 2, (front + rear) / 2}));
  builder.add("armrest", "arm_roll",
              sweep(straight({x, y, rear}, {x, y - drop, front + 0.012}, 8), circle_section(r, 22), Vector3d::UnitY(),
                    [](double s) { return Vector2d::Constant(0.9 + 0.1 * s).eval(); }));
}

/// A wooden or metal frame beside the cushions instead of an upholstered arm.
void add_open_arm(ChairBuilder& builder, const BodyPlan& body, double side, double front, double rear, Rng& rng) {
  const double t = rng.uniform(0.026, 0.04), x = side * (body.inner / 2 + t * 0.45), y = body.arm_top();
  const Section post = rng.bernoulli(0.5) ? circle_section(t / 2, 12) : rectangle_section(t, t, 0.005);
  for (const double z : {front - 0.05, rear + 0.05})
    builder.add("arm_support", "arm_support", sweep({{x, body.legs + 0.02, z}, {x, y, z}}, post));
  builder.add("armrest", "armrest",
              sweep(spline({{x, y, rear}, {x, y + 0.01, 0}, {x, y, front}}, 8),
                    rectangle_section(t * rng.uniform(1.2, 2.2), t * 0.8, t * 0.3, 3), Vector3d::UnitY()));
}

}  // namespace

BodyPlan draw_body_plan(Rng& rng, int seats) {
  BodyPlan body;
  body.seats = seats;
  body.inner = seats * rng.uniform(0.5, 0.64);
  body.depth = rng.uniform(0.56, 0.68);
  body.legs = rng.bernoulli(0.15) ? 0.025 : rng.uniform(0.07, 0.18);
  body.base = rng.uniform(0.07, 0.17);
  body.cushion = std::clamp(rng.uniform(0.4, 0.46) - body.legs - body.base, 0.09, 0.2);
  body.back_height = rng.uniform(0.28, 0.46);
  body.back_depth = rng.uniform(0.09, 0.17);
  body.recline_rad = rng.uniform(0.06, 0.22);
  body.arm_height = rng.uniform(0.1, 0.22);
  const double arms[] = {2.2, 1.5, 2, 1.2, 1.2, 1.2, 0.9, 0.35};
  body.arm = static_cast<SofaArm>(rng.pick(arms));
  body.arm_width = body.arm == SofaArm::kSlim ? rng.uniform(0.05, 0.08) : rng.uniform(0.1, 0.2);
  body.feet_below_arms = body.arm != SofaArm::kOpen && body.arm != SofaArm::kNone;
  const double backs[] = {2, 3, 1, 1, 1};
  body.back = static_cast<SofaBack>(rng.pick(backs));
  body.padding = draw_padding(rng);
  body.padding.front = body.padding.rear = rng.uniform(10, 30);
  body.covering = {.edge = rng.uniform(0.15, 0.7), .front = 40, .rear = 40, .crown = 0.006};
  body.covering.welt = rng.bernoulli(0.3) ? 0.004 : 0;
  return body;
}

void add_body_seat(ChairBuilder& builder, const BodyPlan& body) {
  Rng rng = builder.rng.fork("body seat");
  const double overhang = rng.uniform(-0.01, 0.025), gap = 0.004;
  builder.add("seat_frame", "base",
              moved(pad({body.inner + 0.02, body.base, body.depth}, {.edge = body.covering.edge * 0.6, .front = 40, .rear = 40}),
                    {0, body.legs + body.base / 2, 0}));
  const int pads = body.seats > 1 && rng.bernoulli(0.25) ? 1 : body.seats;
  const double width = body.inner / pads, depth = body.depth - body.back_depth * 0.5 + overhang;
  PadOptions padding = body.padding;
  if (pads < body.seats) padding.tufts_x *= body.seats, padding.channels = 0;
  for (int i = 0; i < pads; ++i)
    builder.add("seat_surface", "cushion",
                moved(pad({width - gap, body.cushion + kOverlap, depth}, padding),
                      {(i + 0.5) * width - body.inner / 2, body.base_top() + (body.cushion - kOverlap) / 2,
                       (body.back_depth * 0.5 + overhang) / 2}));
}

void add_body_back(ChairBuilder& builder, const BodyPlan& body) {
  Rng rng = builder.rng.fork("body back");
  const bool open_arms = body.arm == SofaArm::kOpen || body.arm == SofaArm::kNone;
  const bool loose = body.back == SofaBack::kLoose;
  const double low = body.legs + body.base * 0.25, width = body.inner + (open_arms ? 0.01 : body.arm_width * 0.8);
  const double height = body.sit() + body.back_height * (loose ? rng.uniform(0.75, 0.95) : 1) - low,
               depth = body.back_depth * (loose ? 0.7 : 1.15);
  PadOptions covering = body.covering;
  covering.crown = loose ? 0 : 0.014;
  if (body.back == SofaBack::kTufted) covering.tufts_x = 3 * body.seats + 1, covering.tufts_z = 3, covering.tuft_depth = 0.016;
  if (body.back == SofaBack::kTight && rng.bernoulli(0.35)) covering.channels = rng.uniform_int(4, 6) * body.seats;
  const double camel = body.back == SofaBack::kCamel ? rng.uniform(0.05, 0.12) : 0;
  const double wrap = body.back == SofaBack::kCurved ? rng.uniform(0.05, 0.14) : 0;
  const TriangleMesh block = deformed(upright(pad({width, depth, height}, covering)), [&](const Vector3d& p) {
    const double u = 2 * p.x() / width, share = p.y() / height + 0.5;
    return Vector3d(p.x(), p.y() + camel * share * (std::cos(kPi * u * 0.9) - 0.3) * 0.8, p.z() + wrap * u * u * u * u);
  });
  builder.add("back_frame", "back_body", leaning(block, height, depth, body.recline_rad * 0.6, low, -body.depth / 2 - depth * 0.35));
  if (!loose) return;

  // Loose cushions stand on the seat and lean on the body.
  const double each = body.inner / body.seats, thick = rng.uniform(0.11, 0.17), tall = body.back_height + rng.uniform(0.0, 0.05);
  PadOptions padding = body.padding;
  padding.edge = std::max(padding.edge, 0.75), padding.crown = 0.018;
  const double z = -body.depth / 2 + depth * 0.65 - 0.02;
  for (int i = 0; i < body.seats; ++i)
    builder.add("back_surface", "back_cushion",
                moved(leaning(upright(pad({each - 0.006, thick, tall}, padding)), tall, thick, body.recline_rad, body.sit() - 0.012, z),
                      {(i + 0.5) * each - body.inner / 2, 0, 0}));
}

void add_body_arm(ChairBuilder& builder, const BodyPlan& body, double side) {
  if (body.arm == SofaArm::kNone) return;
  Rng rng = builder.rng.fork("body arm");
  const double w = body.arm_width, front = body.depth / 2 + rng.uniform(-0.02, 0.015), rear = -body.depth / 2 - body.back_depth * 0.3;
  if (body.arm == SofaArm::kRolled) return add_roll(builder, body, side, front, rear, rng);
  if (body.arm == SofaArm::kOpen) return add_open_arm(builder, body, side, front, rear, rng);
  const double height = body.arm_top() - body.legs, slope = body.arm == SofaArm::kSloped ? rng.uniform(0.3, 0.6) : 0;
  const double flare = body.arm == SofaArm::kFlared ? rng.uniform(0.15, 0.4) : 0;
  PadOptions covering = body.covering;
  covering.edge = body.arm == SofaArm::kPillow ? 0.95 : body.arm == SofaArm::kTrack ? rng.uniform(0.1, 0.3) : std::min(covering.edge, 0.6);
  covering.crown = body.arm == SofaArm::kPillow ? 0.015 : 0.004;
  const TriangleMesh block = pad({w, height, front - rear}, covering);
  builder.add("arm_support", "arm",
              moved(deformed(block,
                             [&](const Vector3d& p) {
                               const double share = p.y() / height + 0.5, forward = p.z() / (front - rear) + 0.5;
                               const double drop = slope * body.arm_height * std::max(0.0, share - 0.3) * forward * 1.4;
                               return Vector3d(p.x() + side * flare * w * share * share, p.y() - drop, p.z());
                             }),
                    {side * (body.inner / 2 + w / 2 - 0.006), body.legs + height / 2, (front + rear) / 2}));
}

void add_body_feet(ChairBuilder& builder, const BodyPlan& body) {
  Rng rng = builder.rng.fork("feet");
  const double half = body.inner / 2 + (body.feet_below_arms ? body.arm_width * 0.4 - 0.02 : -0.05), z = body.depth / 2 - 0.06;
  if (body.legs < 0.05 || rng.bernoulli(0.1)) {  // a recessed plinth
    builder.add("foot", "plinth",
                moved(rounded_box({body.inner - 0.06, body.legs + kOverlap, body.depth - 0.1}, {.radius = 0.004}),
                      {0, (body.legs + kOverlap) / 2, 0}));
    return;
  }
  LegPlan plan = draw_foot_plan(rng);
  const double splay = rng.bernoulli(0.5) ? body.legs * rng.uniform(0.1, 0.35) : 0;
  if (body.feet_below_arms && rng.bernoulli(0.15)) {  // metal runners below each side
    const Section section = rectangle_section(0.035, 0.012, 0.002);
    for (const double side : {-1.0, 1.0})
      builder.add(
          "runner", "sled",
          sweep_loop(
              rounded_path({{side * half, body.legs, z}, {side * half, body.legs, -z}, {side * half, 0.006, -z}, {side * half, 0.006, z}},
                           0.012, true, 3),
              section, Vector3d::UnitX()));
    return;
  }
  std::vector<double> columns{-half, half};
  if (body.seats >= 3) columns.push_back(0);
  LegPlacement placement;
  for (const double x : columns)
    for (const double dz : {-z, z}) {
      const double out = x == 0 ? 0 : x > 0 ? splay : -splay;
      placement.paths.push_back(
          straight({x, body.legs + 0.014, dz}, {x + out, 0, dz + (dz > 0 ? splay : -splay)}, plan.style == LegStyle::kTurned ? 30 : 6));
    }
  add_legs(builder, plan, plan, placement);
}

}  // namespace looking3d
