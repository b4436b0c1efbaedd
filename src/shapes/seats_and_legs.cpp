#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kOverlap = 0.006;  ///< how deep neighbouring members reach into each other

TriangleMesh outline_board(const SeatPlan& seat, double thickness, double radius, const std::function<double(double, double)>& lift) {
  RoundedBoxOptions options{.radius = radius, .round_segments = 2, .divisions = {8, 1, 8}};
  const TriangleMesh box = rounded_box({seat.width, thickness, seat.depth}, options);
  return deformed(box, [&](const Vector3d& p) {
    const double x = p.x() * seat.half_width_at(p.z()) / (seat.width / 2);
    const double rise = p.y() > 0 && lift ? lift(2 * p.x() / seat.width, 2 * p.z() / seat.depth) : 0;
    return Vector3d(x, p.y() + rise + seat.top - thickness / 2, p.z());
  });
}

TriangleMesh bar(const Vector3d& from, const Vector3d& to, double thickness, bool round_section) {
  return sweep({from, to}, round_section ? circle_section(thickness / 2, 12) : rectangle_section(thickness * 0.7, thickness, 0.003),
               Vector3d::UnitY());
}

}  // namespace

void ChairBuilder::add(const std::string& label, const std::string& group, TriangleMesh mesh) {
  shape_.parts.push_back({group + "_" + std::to_string(++counts_[group]), label, group, std::move(mesh)});
}

Shape ChairBuilder::finish(const std::string& id, const std::string& family) {
  shape_.id = id;
  shape_.family = family;
  normalise(shape_);
  return std::move(shape_);
}

double SeatPlan::half_width_at(double z) const {
  const double s = std::clamp(z / depth + 0.5, 0.0, 1.0);
  return (back_width + s * (width - back_width)) / 2;
}

TriangleMesh cushion(const Vector3d& size, double roundness, double crown) {
  RoundedBoxOptions options{.radius = roundness * size.minCoeff() / 2, .round_segments = 3, .divisions = {8, 2, 8}};
  return deformed(rounded_box(size, options), [&](const Vector3d& p) {
    const double u = 2 * p.x() / size.x(), v = 2 * p.z() / size.z();
    const double bulge = (1 - u * u) * (1 - v * v);
    return Vector3d(p.x(), p.y() + (p.y() > 0 ? crown * bulge * p.y() / (size.y() / 2) : 0), p.z());
  });
}

void add_seat(ChairBuilder& builder, const SeatPlan& seat, SeatStyle style) {
  Rng rng = builder.rng.fork("seat");
  switch (style) {
    case SeatStyle::kBoard:
      builder.add("seat_surface", "seat", outline_board(seat, seat.thickness, rng.uniform(0.004, seat.thickness / 2), nullptr));
      break;
    case SeatStyle::kSaddle: {
      const double dip = rng.uniform(0.008, 0.018);
      builder.add("seat_surface", "seat", outline_board(seat, seat.thickness, seat.thickness * 0.35, [dip](double u, double v) {
                    return -dip * std::max(0.0, 1 - u * u) * std::max(0.0, 1 - v * v) * 1.5;
                  }));
      break;
    }
    case SeatStyle::kCushion: {
      const double board = seat.thickness * rng.uniform(0.3, 0.5);
      SeatPlan below = seat;
      below.top = seat.bottom() + board;
      builder.add("seat_frame", "seat_frame", outline_board(below, board, 0.004, nullptr));
      const double pad = seat.thickness - board + kOverlap;
      const double crown = rng.uniform(0.008, 0.03);
      SeatPlan above = seat;
      above.width *= 0.97, above.back_width *= 0.97, above.depth *= 0.97;
      builder.add("seat_surface", "cushion", outline_board(above, pad, pad * 0.48, [crown](double u, double v) {
                    return crown * std::max(0.0, 1 - u * u) * std::max(0.0, 1 - v * v);
                  }));
      break;
    }
    case SeatStyle::kRound: {
      const double r = seat.width / 2, edge = std::min(0.012, seat.thickness / 3), dip = rng.uniform(-0.01, 0.02);
      std::vector<Vector2d> profile{{r * 0.92, seat.bottom()}, {r - edge, seat.bottom() + edge * 0.3},  {r, seat.bottom() + edge},
                                    {r, seat.top - edge},      {r - edge * 0.3, seat.top - edge * 0.3}, {r - edge, seat.top}};
      for (const double s : {0.85, 0.6, 0.3, 0.06}) profile.emplace_back(r * s, seat.top - dip * (1 - s));
      builder.add("seat_surface", "seat", lathe(profile, 32));
      break;
    }
    case SeatStyle::kSlatted: {
      const int count = rng.uniform_int(4, 8);
      const double rail = 0.03, pitch = seat.depth / count;
      for (const double side : {-1.0, 1.0}) {
        const double x0 = side * (seat.back_width / 2 - rail), x1 = side * (seat.width / 2 - rail);
        builder.add("seat_frame", "seat_rail",
                    bar({x0, seat.top - 0.035, -seat.depth / 2 + 0.01}, {x1, seat.top - 0.035, seat.depth / 2 - 0.01}, 0.045, false));
      }
      for (int i = 0; i < count; ++i) {
        const double z = -seat.depth / 2 + pitch * (i + 0.5);
        const double gap = rng.fork("gap").uniform(0.08, 0.35);
        builder.add("seat_surface", "seat_slat",
                    moved(rounded_box({2 * seat.half_width_at(z), 0.018, pitch * (1 - gap)}, {.radius = 0.004}), {0, seat.top - 0.009, z}));
      }
      break;
    }
    case SeatStyle::kPanelFrame: {
      add_apron(builder, seat, seat.thickness, 0.0);
      SeatPlan panel = seat;
      panel.width -= 0.02, panel.back_width -= 0.02, panel.depth -= 0.02;
      panel.top = seat.top - 0.002;
      const double sag = rng.uniform(0, 0.012);
      builder.add("seat_surface", "seat", outline_board(panel, 0.014, 0.004, [sag](double u, double v) {
                    return -sag * std::max(0.0, 1 - u * u) * std::max(0.0, 1 - v * v);
                  }));
      break;
    }
  }
}

void add_apron(ChairBuilder& builder, const SeatPlan& seat, double height, double inset) {
  const double y = seat.top - (inset > 0 ? seat.thickness : 0) - height / 2 + (inset > 0 ? kOverlap : 0);
  const double z_front = seat.depth / 2 - inset - 0.011, z_back = -z_front;
  const double x_front = seat.half_width_at(z_front) - inset - 0.011, x_back = seat.half_width_at(z_back) - inset - 0.011;
  const Section section = rectangle_section(0.022, height, 0.003);
  const auto rail = [&](const Vector3d& a, const Vector3d& b) {
    builder.add("seat_frame", "apron", sweep({a, b}, section, Vector3d::UnitY()));
  };
  rail({-x_front, y, z_front}, {x_front, y, z_front});
  rail({-x_back, y, z_back}, {x_back, y, z_back});
  rail({-x_back, y, z_back}, {-x_front, y, z_front});
  rail({x_back, y, z_back}, {x_front, y, z_front});
}

LegPlan draw_leg_plan(Rng& rng) {
  LegPlan plan;
  plan.style = static_cast<LegStyle>(rng.uniform_int(0, 5));
  const bool slim = rng.bernoulli(0.35);
  plan.thickness = slim ? rng.uniform(0.016, 0.024) : rng.uniform(0.028, 0.055);
  plan.taper = rng.uniform(0.4, 0.75);
  plan.bow = rng.uniform(0.03, 0.09) * (rng.bernoulli(0.5) ? 1 : -1);
  for (double& bead : plan.beads) bead = rng.uniform(0.5, 1.15);
  return plan;
}

TriangleMesh make_leg(const LegPlan& plan, const Vector3d& top, const Vector3d& foot) {
  const double t = plan.thickness;
  const auto tapered = [&](double s) { return 1 + s * (plan.taper - 1); };
  std::vector<Vector3d> path{top, foot};
  const auto resample = [&](int count, double bow) {
    path.clear();
    Vector3d outward(top.x(), 0, top.z());
    outward = outward.norm() > 1e-6 ? Vector3d(outward.normalized()) : Vector3d::UnitZ();
    const double height = (top - foot).norm();
    for (int i = 0; i <= count; ++i) {
      const double s = static_cast<double>(i) / count;
      path.push_back(top + s * (foot - top) + outward * (bow * height * std::sin(kPi * s)));
    }
  };
  switch (plan.style) {
    case LegStyle::kSquare:
      return sweep(path, rectangle_section(t, t, t * 0.1));
    case LegStyle::kSquareTapered:
      return sweep(path, rectangle_section(t, t, t * 0.12), Vector3d::UnitZ(), tapered);
    case LegStyle::kRound:
      return sweep(path, circle_section(t / 2));
    case LegStyle::kRoundTapered:
      return sweep(path, circle_section(t / 2), Vector3d::UnitZ(), tapered);
    case LegStyle::kCurved:
      resample(14, plan.bow);
      return sweep(path, rectangle_section(t, t * 0.9, t * 0.3), Vector3d::UnitZ(), tapered);
    case LegStyle::kTurned: {
      resample(36, 0);
      return sweep(path, circle_section(t / 2), Vector3d::UnitZ(), [&](double s) {
        // Square-ish blocks at both ends, beads and hollows between them, a smaller foot.
        const double x = s * 8;
        const int i = std::clamp(static_cast<int>(x), 0, 7);
        const auto radius = [&](int k) { return k <= 0 ? 1.0 : k >= 8 ? 0.6 : plan.beads[k - 1]; };
        const double f = (1 - std::cos(kPi * (x - i))) / 2;
        return radius(i) + f * (radius(i + 1) - radius(i));
      });
    }
  }
  return {};
}

Vector3d LegPlacement::at_height(size_t leg, double y) const {
  const auto& [top, foot] = legs[leg];
  const double s = (top.y() - y) / (top.y() - foot.y());
  return top + s * (foot - top);
}

LegPlacement corner_legs(const SeatPlan& seat, double inset, double splay_x, double splay_z_front, double splay_z_back) {
  const double y = seat.bottom() + std::min(seat.thickness * 0.6, 0.02);
  const double zf = seat.depth / 2 - inset, zb = -seat.depth / 2 + inset;
  const double xf = seat.half_width_at(zf) - inset, xb = seat.half_width_at(zb) - inset;
  const auto leg = [&](double x, double z, double dz) {
    return std::pair<Vector3d, Vector3d>{{x, y, z}, {x + (x > 0 ? splay_x : -splay_x), 0, z + dz}};
  };
  return {{leg(xf, zf, splay_z_front), leg(-xf, zf, splay_z_front), leg(-xb, zb, -splay_z_back), leg(xb, zb, -splay_z_back)}};
}

LegPlacement ring_legs(double top_radius, double foot_radius, double top_y, int count, double phase) {
  LegPlacement placement;
  for (int i = 0; i < count; ++i) {
    const double angle = phase + 2 * kPi * i / count;
    const Vector3d direction(std::sin(angle), 0, std::cos(angle));
    placement.legs.emplace_back(direction * top_radius + Vector3d(0, top_y, 0), direction * foot_radius);
  }
  return placement;
}

void add_legs(ChairBuilder& builder, const LegPlan& plan, const LegPlacement& placement) {
  for (const auto& [top, foot] : placement.legs) builder.add("leg", "leg", make_leg(plan, top, foot));
}

void add_leg_bars(ChairBuilder& builder, const LegPlacement& placement, BarStyle style, double thickness, bool round_section) {
  Rng rng = builder.rng.fork("bars");
  const size_t n = placement.legs.size();
  const double top = placement.legs[0].first.y();
  const double low = top * rng.uniform(0.2, 0.4), high = rng.bernoulli(0.5) ? low : low + top * rng.uniform(0.05, 0.15);
  const auto join = [&](size_t a, size_t b, double y) {
    builder.add("leg_bar", "leg_bar", bar(placement.at_height(a, y), placement.at_height(b, y), thickness, round_section));
  };
  if (style == BarStyle::kBox || n != 4) {
    if (style != BarStyle::kNone)
      for (size_t i = 0; i < n; ++i) join(i, (i + 1) % n, i % 2 == 0 ? low : high);
    return;
  }
  if (style == BarStyle::kH || style == BarStyle::kSides || style == BarStyle::kFrontAndSides) join(0, 3, low), join(1, 2, low);
  if (style == BarStyle::kFrontAndSides) join(0, 1, high);
  if (style == BarStyle::kH) {
    const Vector3d left = (placement.at_height(1, low) + placement.at_height(2, low)) / 2;
    const Vector3d right = (placement.at_height(0, low) + placement.at_height(3, low)) / 2;
    builder.add("leg_bar", "leg_bar", bar(left, right, thickness, round_section));
  }
  if (style == BarStyle::kCross) join(0, 2, low), join(1, 3, low);
}

void add_sled(ChairBuilder& builder, const SeatPlan& seat, double thickness) {
  Rng rng = builder.rng.fork("sled");
  const double corner = rng.uniform(0.03, 0.08), lean = rng.uniform(-0.03, 0.05), r = thickness / 2;
  for (const double side : {-1.0, 1.0}) {
    const double x = side * (std::min(seat.width, seat.back_width) / 2 - 0.02), zf = seat.depth / 2 - 0.02, zb = -seat.depth / 2 + 0.02;
    const double yt = seat.bottom() + r * 0.3, yb = r;
    std::vector<Vector3d> loop;
    const auto round_corner = [&](double z, double y, double sz, double sy, double start) {
      for (int i = 0; i <= 4; ++i) {
        const double a = start + kPi / 2 * i / 4;
        loop.emplace_back(x, y - sy * corner + corner * std::sin(a), z - sz * corner + corner * std::cos(a));
      }
    };
    round_corner(zf, yt, 1, 1, 0);
    round_corner(zb, yt, -1, 1, kPi / 2);
    round_corner(zb - lean, yb, -1, -1, kPi);
    round_corner(zf + lean, yb, 1, -1, 3 * kPi / 2);
    builder.add("leg", "sled", sweep_loop(loop, circle_section(r, 12), Vector3d::UnitX()));
  }
}

}  // namespace looking3d
