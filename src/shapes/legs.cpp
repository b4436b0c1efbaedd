// Legs in their styles, where they stand, and the bars between them.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// Cuts what reaches below the floor off flat, as a leg's foot is.
TriangleMesh grounded(TriangleMesh mesh) {
  for (auto& v : mesh.vertices) v.y() = std::max(v.y(), 0.0f);
  return mesh;
}

Vector3d outward_of(const Vector3d& top) {
  const Vector3d outward(top.x(), 0, top.z());
  return outward.norm() > 1e-6 ? Vector3d(outward.normalized()) : Vector3d::UnitZ();
}

std::vector<Vector3d> leg_path(const LegPlan& plan, const Vector3d& top, const Vector3d& foot) {
  const bool bent = plan.style == LegStyle::kSabre || plan.style == LegStyle::kCabriole;
  const int pieces = bent ? 16 : plan.style == LegStyle::kTurned ? 30 : 6;
  std::vector<Vector3d> path = straight(top, foot, pieces);
  const double height = (top - foot).norm();
  for (int i = 0; bent && i <= pieces; ++i) {
    const double s = static_cast<double>(i) / pieces;
    // A sabre sweeps outward to its foot; a cabriole has a knee above and an ankle below.
    const double sweep_out = plan.style == LegStyle::kSabre ? s * s - s : 0.75 * std::sin(2 * kPi * s) * (1 - 0.4 * s);
    path[static_cast<size_t>(i)] +=
        outward_of(top) * (std::abs(plan.bow) * height * sweep_out * (plan.style == LegStyle::kSabre ? 1.6 : 0.8));
  }
  return path;
}

/// A turned profile: blocks, vases, rings and bobbins one below the other.
std::vector<Vector2d> draw_turning(Rng& rng) {
  std::vector<Vector2d> profile{{0, 1}, {rng.uniform(0.1, 0.2), 1}};
  const auto ring = [&](double s) {
    for (const auto& [ds, r] : {std::pair{0.0, 0.72}, {0.012, 0.98}, {0.03, 1.02}, {0.042, 0.72}}) profile.emplace_back(s + ds, r);
  };
  const int kind = rng.uniform_int(0, 3);
  double s = profile.back().x() + 0.02;
  ring(s);
  if (kind == 0) {  // one long vase
    profile.emplace_back(0.45, rng.uniform(0.8, 1.05)), profile.emplace_back(0.7, 0.6), ring(0.78);
  } else if (kind == 1) {  // bobbins
    const int bobbins = rng.uniform_int(4, 6);
    for (int i = 0; i < bobbins; ++i) {
      const double at = s + 0.07 + i * (0.85 - s) / bobbins;
      profile.emplace_back(at, 0.95), profile.emplace_back(at + (0.85 - s) / bobbins * 0.5, 0.6);
    }
  } else if (kind == 2) {  // two rings with slim columns
    profile.emplace_back(0.4, 0.66), profile.emplace_back(0.52, 0.66), ring(0.55), profile.emplace_back(0.85, 0.5), ring(0.88);
  } else {  // swelling upwards, slender below
    profile.emplace_back(0.32, 1.1), profile.emplace_back(0.5, 0.8), ring(0.56), profile.emplace_back(0.9, 0.42);
  }
  profile.emplace_back(1, rng.uniform(0.45, 0.7));
  return profile;
}

double turned_radius(const std::vector<Vector2d>& profile, double s) {
  size_t i = 1;
  while (i + 1 < profile.size() && profile[i].x() < s) ++i;
  const double t = std::clamp((s - profile[i - 1].x()) / std::max(1e-6, profile[i].x() - profile[i - 1].x()), 0.0, 1.0);
  return profile[i - 1].y() + t * t * (3 - 2 * t) * (profile[i].y() - profile[i - 1].y());
}

/// A rod bent into a narrow V.
TriangleMesh hairpin(const LegPlan& plan, const Vector3d& top, const Vector3d& foot) {
  const Vector3d across = Vector3d::UnitY().cross(outward_of(top)).normalized();
  const double spread = 0.16 * (top.y() - foot.y()) + 0.03, r = plan.thickness / 2;
  const TriangleMesh rod = sweep(rounded_path({top + across * spread / 2, foot, top - across * spread / 2}, 0.02, false, 7),
                                 circle_section(r, 10), outward_of(top));
  // The bend ends above the point of the V: stretch it down to the floor.
  const double stretch = top.y() / (top.y() - bounding_box(rod).min().y());
  return deformed(rod, [&](const Vector3d& p) { return Vector3d(p.x(), top.y() - (top.y() - p.y()) * stretch, p.z()); });
}

TriangleMesh make_leg(const LegPlan& plan, std::vector<Vector3d> path) {
  const double t = plan.thickness;
  if (plan.style == LegStyle::kHairpin) return hairpin(plan, path.front(), path.back());
  // Go a little below the floor and cut flat.
  const size_t n = path.size();
  path.back() += (path[n - 1] - path[n - 2]).normalized() * (t * 0.35);
  const Vector3d up = plan.style == LegStyle::kBlade ? outward_of(path.front()) : Vector3d::UnitZ();
  const auto leg = [&](const Section& section, const Taper& taper) { return grounded(sweep(path, section, up, taper)); };
  switch (plan.style) {
    case LegStyle::kSquare:
      return leg(rectangle_section(t, t, t * 0.1), nullptr);
    case LegStyle::kSquareTapered:
      return leg(rectangle_section(t, t, t * 0.12), tapered_to(plan.taper));
    case LegStyle::kRoundTapered:
      return leg(circle_section(t / 2, 14), tapered_to(plan.taper));
    case LegStyle::kTurned:
      return leg(circle_section(t / 2, 14), [&](double s) { return Vector2d::Constant(turned_radius(plan.turning, s)).eval(); });
    case LegStyle::kSabre:
      return leg(rectangle_section(t, t * 0.9, t * 0.25), tapered_to(plan.taper));
    case LegStyle::kCabriole:
      return leg(rectangle_section(t, t, t * 0.4, 3), [&](double s) {
        const double pad_foot = s > 0.9 ? 0.5 + 4 * (s - 0.9) : 0.5 + 0.9 * std::pow(1 - s / 0.9, 1.5);
        return Vector2d::Constant(pad_foot).eval();
      });
    case LegStyle::kBlade:
      return leg(rectangle_section(t * 1.7, t * 0.55, t * 0.25, 3),
                 [&](double s) { return Vector2d(1 + s * (plan.taper - 1), 1 - 0.3 * s); });
    default:
      return leg(circle_section(t / 2, 14), nullptr);
  }
}

TriangleMesh bar(const Vector3d& from, const Vector3d& to, double thickness, bool round_section) {
  if (round_section)
    return sweep(straight(from, to, 6), circle_section(thickness / 2, 12), Vector3d::UnitY(),
                 [](double s) { return Vector2d::Constant(0.75 + std::sin(kPi * s) * 0.4).eval(); });
  return sweep({from, to}, rectangle_section(thickness * 0.7, thickness * 1.2, 0.003), Vector3d::UnitY());
}

}  // namespace

LegPlan draw_leg_plan(Rng& rng) {
  LegPlan plan;
  const double weights[] = {1.5, 1.8, 1.2, 2.2, 1.6, 1.1, 0.5, 0.9, 0.5};
  plan.style = static_cast<LegStyle>(rng.pick(weights));
  plan.metal =
      plan.style == LegStyle::kHairpin || ((plan.style == LegStyle::kRound || plan.style == LegStyle::kSquare) && rng.bernoulli(0.5));
  plan.thickness = plan.style == LegStyle::kHairpin ? rng.uniform(0.01, 0.014)
                   : plan.metal                     ? rng.uniform(0.018, 0.026)
                                                    : rng.uniform(0.03, 0.046);
  plan.taper = rng.uniform(0.4, 0.75);
  plan.bow = rng.uniform(0.06, 0.12);
  plan.turning = draw_turning(rng);
  return plan;
}

LegPlan draw_foot_plan(Rng& rng) {
  LegPlan plan = draw_leg_plan(rng);
  const LegStyle styles[] = {LegStyle::kSquare, LegStyle::kSquareTapered, LegStyle::kRoundTapered, LegStyle::kRoundTapered,
                             LegStyle::kTurned, LegStyle::kBlade,         LegStyle::kRound};
  plan.style = rng.pick_from(styles);
  plan.metal = plan.style == LegStyle::kRound || rng.bernoulli(0.15);
  plan.thickness = plan.metal ? rng.uniform(0.02, 0.03) : rng.uniform(0.04, 0.065);
  return plan;
}

Vector3d LegPlacement::at_height(size_t leg, double y) const {
  const std::vector<Vector3d>& path = paths[leg];
  size_t i = 1;
  while (i + 1 < path.size() && path[i].y() > y) ++i;
  const double s = (path[i - 1].y() - y) / (path[i - 1].y() - path[i].y());
  return path[i - 1] + s * (path[i] - path[i - 1]);
}

LegPlacement corner_legs(const SeatPlan& seat, const LegPlan& front, const LegPlan& rear, double inset, const Splay& splay) {
  const double y = seat.bottom() + seat.grip();
  LegPlacement placement;
  for (const auto& [sx, sz] : {std::pair{1.0, 1.0}, {-1.0, 1.0}, {-1.0, -1.0}, {1.0, -1.0}}) {
    const LegPlan& plan = sz > 0 ? front : rear;
    const Vector3d top = seat.corner(sx, sz, inset + plan.thickness * 0.5, y);
    const Vector3d foot(top.x() + sx * splay.x, 0, top.z() + sz * (sz > 0 ? splay.front : splay.rear));
    placement.paths.push_back(leg_path(plan, top, foot));
  }
  return placement;
}

LegPlacement ring_legs(const LegPlan& plan, double top_radius, double foot_radius, double top_y, int count, double phase) {
  LegPlacement placement;
  for (int i = 0; i < count; ++i) {
    const double angle = phase + 2 * kPi * i / count;
    const Vector3d direction(std::sin(angle), 0, std::cos(angle));
    placement.paths.push_back(leg_path(plan, direction * top_radius + Vector3d(0, top_y, 0), direction * foot_radius));
  }
  return placement;
}

void add_legs(ChairBuilder& builder, const LegPlan& front, const LegPlan& rear, const LegPlacement& placement) {
  for (const auto& path : placement.paths) {
    const LegPlan& plan = path.front().z() > 0 ? front : rear;
    builder.add("leg", plan.metal ? "leg_tube" : "leg", make_leg(plan, path));
  }
}

BarStyle draw_bars(Rng& rng) {
  const double weights[] = {4, 1.2, 1.5, 1.2, 1, 0.6, 0.7};
  return static_cast<BarStyle>(rng.pick(weights));
}

void add_leg_bars(ChairBuilder& builder, const LegPlacement& placement, BarStyle style, double thickness, bool round_section) {
  if (style == BarStyle::kNone) return;
  Rng rng = builder.rng.fork("bars");
  const size_t n = placement.paths.size();
  const double top = placement.top(0).y();
  const double low = top * rng.uniform(0.2, 0.45), high = rng.bernoulli(0.5) ? low : low + top * rng.uniform(0.05, 0.2);
  const auto join = [&](size_t a, size_t b, double y) {
    builder.add("leg_bar", "leg_bar", bar(placement.at_height(a, y), placement.at_height(b, y), thickness, round_section));
  };
  if (style == BarStyle::kBox || n != 4) {
    for (size_t i = 0; i < n; ++i) join(i, (i + 1) % n, i % 2 == 0 ? high : low);
    return;
  }
  if (style != BarStyle::kCross) join(0, 3, low), join(1, 2, low);
  if (style == BarStyle::kDoubleSides) join(0, 3, low + top * 0.2), join(1, 2, low + top * 0.2);
  if (style == BarStyle::kFrontAndSides) join(0, 1, high);
  if (style == BarStyle::kH) {
    const double share = rng.uniform(0.4, 0.7);
    const auto between = [&](size_t a, size_t b) -> Vector3d {
      return share * placement.at_height(a, low) + (1 - share) * placement.at_height(b, low);
    };
    builder.add("leg_bar", "leg_bar", bar(between(1, 2), between(0, 3), thickness, round_section));
  }
  if (style == BarStyle::kCross) join(0, 2, low), join(1, 3, low);
}

void add_foot_ring(ChairBuilder& builder, double radius, double y, double thickness) {
  std::vector<Vector3d> loop;
  for (int i = 0; i < 36; ++i) {
    const double angle = 2 * kPi * i / 36;
    loop.emplace_back(radius * std::sin(angle), y, radius * std::cos(angle));
  }
  builder.add("footrest", "foot_ring", sweep_loop(loop, circle_section(thickness / 2, 10), Vector3d::UnitY()));
}

}  // namespace looking3d
