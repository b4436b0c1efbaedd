// Tables: dining, coffee, side, console and bar tables on legs, trestles, pedestals, frames, panels and drums.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/furniture_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

enum class TopStyle { kBoard, kPlanks, kSlats, kFramed, kTray, kDouble };
struct TablePlan {
  SeatPlan top;  ///< the table top takes the place of a seat
  TopStyle style = TopStyle::kBoard;
  bool round = false;
};

TablePlan draw_table(Rng& rng) {
  TablePlan table;
  SeatPlan& top = table.top;
  const double weights[] = {3, 2, 2.5, 1.5, 1, 1};
  const size_t use = rng.pick(weights);
  const double sizes[][6] = {{1.2, 2.0, 0.75, 0.95, 0.71, 0.77},   {0.7, 1.15, 0.7, 1.15, 0.7, 0.77}, {0.7, 1.2, 0.45, 0.7, 0.34, 0.48},
                             {0.38, 0.55, 0.36, 0.52, 0.48, 0.66}, {0.9, 1.4, 0.3, 0.42, 0.74, 0.86}, {0.55, 0.8, 0.5, 0.7, 0.95, 1.1}};
  const auto& s = sizes[use];
  top.width = rng.uniform(s[0], s[1]), top.depth = rng.uniform(s[2], s[3]), top.top = rng.uniform(s[4], s[5]);
  table.round = use != 0 && use != 4 && rng.bernoulli(0.45);
  if (table.round) {
    top.depth = top.width = (top.width + top.depth) / 2, top.front = top.rear = 2;
    if (rng.bernoulli(0.25)) top.depth = top.width * rng.uniform(0.6, 0.8);  // oval
  } else {
    top.front = top.rear = rng.bernoulli(0.2) ? rng.uniform(4, 9) : rng.uniform(16, 60);
  }
  top.back_width = top.width;
  top.thickness = rng.log_uniform(0.016, 0.06) * std::clamp(std::sqrt(top.width), 0.7, 1.2);
  const bool angular = top.front > 12;
  const double styles[] = {4, angular ? 1.5 : 0.0, angular ? 1.0 : 0.0, angular ? 1.0 : 0.0, 0.8, 1};
  table.style = static_cast<TopStyle>(rng.pick(styles));
  if (table.style != TopStyle::kBoard) top.thickness = std::max(top.thickness, 0.028);
  return table;
}

/// Boards side by side or with gaps, on battens that run across them.
void add_planks(ChairBuilder& builder, const SeatPlan& top, Rng& rng, bool gaps) {
  const bool along = rng.bernoulli(0.75);  // the grain runs along x
  const int count = gaps ? rng.uniform_int(6, 11) : rng.uniform_int(3, 6);
  const double across = along ? top.depth : top.width, length = along ? top.width : top.depth, pitch = across / count;
  const double width = pitch * (gaps ? rng.uniform(0.6, 0.85) : 0.99), t = top.thickness * 0.6;
  const auto place = [&](double u, double v, double y, const Vector3d& size) {
    const Vector3d turned_size = along ? size : Vector3d(size.z(), size.y(), size.x());
    return moved(rounded_box(turned_size, {.radius = 0.003}), along ? Vector3d(u, y, v) : Vector3d(v, y, u));
  };
  for (int i = 0; i < count; ++i)
    builder.add("table_top", gaps ? "top_slat" : "plank", place(0, -across / 2 + pitch * (i + 0.5), top.top - t / 2, {length, t, width}));
  const double batten = top.thickness - t + 0.004;
  for (const double u : {-0.36, 0.36})
    builder.add("seat_frame", "batten", place(u * length, 0, top.bottom() + batten / 2, {0.05, batten, across * 0.96}));
  // Where legs stand in the corners, they need something above them.
  for (const double u : {-1.0, 1.0})
    builder.add("seat_frame", "batten", place(u * (length / 2 - 0.045), 0, top.bottom() + batten / 2, {0.07, batten, across * 0.96}));
}

void add_table_top(ChairBuilder& builder, const TablePlan& table) {
  Rng rng = builder.rng.fork("top");
  const SeatPlan& top = table.top;
  const auto slab = [&](double low, double high, double shrink, double edge) {
    return moved(pad({top.width - 2 * shrink, high - low, top.depth - 2 * shrink}, {.edge = edge, .front = top.front, .rear = top.rear}),
                 {0, (low + high) / 2, 0});
  };
  switch (table.style) {
    case TopStyle::kBoard:
      return builder.add("table_top", "top", slab(top.bottom(), top.top, 0, rng.uniform(0.15, 1)));
    case TopStyle::kPlanks:
      return add_planks(builder, top, rng, false);
    case TopStyle::kSlats:
      return add_planks(builder, top, rng, true);
    case TopStyle::kFramed: {
      const double rail = rng.uniform(0.05, 0.09), x = top.width / 2, z = top.depth / 2, y = top.top - top.thickness / 2;
      const Section section = rectangle_section(rail, top.thickness, 0.004);
      for (const double side : {-1.0, 1.0}) {
        builder.add("seat_frame", "top_rail",
                    sweep({{-x, y, side * (z - rail / 2)}, {x, y, side * (z - rail / 2)}}, section, Vector3d::UnitY()));
        builder.add(
            "seat_frame", "top_rail",
            sweep({{side * (x - rail / 2), y, -z + rail * 0.9}, {side * (x - rail / 2), y, z - rail * 0.9}}, section, Vector3d::UnitY()));
      }
      const double drop = rng.uniform(0.002, 0.006);
      return builder.add(
          "table_top", "top",
          board_between({-x + rail * 0.9, top.bottom() + 0.004, -z + rail * 0.9}, {x - rail * 0.9, top.top - drop, z - rail * 0.9}));
    }
    case TopStyle::kTray: {
      const double rim = rng.uniform(0.02, 0.05);
      builder.add("table_top", "top", slab(top.bottom(), top.top, 0, 0.3));
      std::vector<Vector3d> loop;
      for (int i = 0; i < 64; ++i) {
        const Vector2d p = top.outline(2 * kPi * i / 64);
        loop.emplace_back(p.x() * 0.985, top.top + rim / 2 - 0.004, p.y() * 0.985);
      }
      return builder.add("seat_frame", "rim", sweep_loop(loop, rectangle_section(0.014, rim, 0.003), Vector3d::UnitY()));
    }
    case TopStyle::kDouble: {
      const double split = top.bottom() + top.thickness * rng.uniform(0.35, 0.6), shrink = rng.uniform(0.02, 0.06) * top.width;
      builder.add("table_top", "top", slab(split - 0.002, top.top, 0, rng.uniform(0.2, 0.9)));
      return builder.add("seat_frame", "under_top", slab(top.bottom(), split, shrink, 0.4));
    }
  }
}

LegPlan draw_table_legs(Rng& rng, const SeatPlan& top) {
  LegPlan legs = draw_leg_plan(rng);
  const double heavy = std::clamp(std::sqrt(top.width * top.top) * rng.uniform(1.0, 1.9), 0.9, 2.0);
  if (legs.style == LegStyle::kHairpin) {
    legs.thickness = rng.uniform(0.011, 0.016);
  } else {
    legs.thickness *= heavy;
  }
  return legs;
}

void add_apron_drawers(ChairBuilder& builder, const SeatPlan& top, double height, double inset, double half) {
  const FrontPlan front = draw_front_plan(builder.rng);
  const int count = half > 0.4 ? builder.rng.uniform_int(1, 3) : 1;
  const double width = 2 * half * 0.86 / count, y = top.bottom() + kOverlap - height / 2;
  for (int i = 0; i < count; ++i)
    add_front(builder, front, FrontKind::kDrawer, {(i - (count - 1) / 2.0) * width, y}, {width * 0.9, height * 0.84},
              top.depth / 2 - inset);
}

/// A board between the legs, not far above the floor.
void add_lower_shelf(ChairBuilder& builder, const LegPlacement& legs, const SeatPlan& top) {
  Rng& rng = builder.rng;
  const double y = top.top * rng.uniform(0.18, 0.4), t = rng.uniform(0.014, 0.024);
  Vector3d reach = Vector3d::Zero();
  for (size_t i = 0; i < legs.paths.size(); ++i) reach = reach.cwiseMax(legs.at_height(i, y).cwiseAbs());
  if (rng.bernoulli(0.3)) {  // slats on two rails
    const int count = rng.uniform_int(5, 9);
    for (const double side : {-1.0, 1.0})
      builder.add(
          "leg_bar", "shelf_rail",
          board_between({side * reach.x() - 0.011, y - t - 0.02, -reach.z()}, {side * reach.x() + 0.011, y - t + 0.004, reach.z()}));
    for (int i = 0; i < count; ++i) {
      const double pitch = 2 * reach.z() / count, z = -reach.z() + pitch * (i + 0.5);
      builder.add("shelf", "shelf_slat", board_between({-reach.x(), y - t, z - pitch * 0.36}, {reach.x(), y, z + pitch * 0.36}));
    }
    return;
  }
  builder.add("shelf", "shelf", board_between({-reach.x(), y - t, -reach.z()}, {reach.x(), y, reach.z()}));
}

void add_table_legs(ChairBuilder& builder, const TablePlan& table) {
  Rng& rng = builder.rng;
  const SeatPlan& top = table.top;
  LegPlan legs = draw_table_legs(rng, top);
  const bool hairpin = legs.style == LegStyle::kHairpin, solid = table.style != TopStyle::kPlanks && table.style != TopStyle::kSlats;
  if (table.round) {
    if (hairpin || legs.style == LegStyle::kCabriole) legs.style = LegStyle::kRoundTapered, legs.thickness = rng.uniform(0.035, 0.06);
    const double counts[] = {2, 4, 0.5}, radius = std::min(top.width, top.depth) / 2;
    const int count = 3 + static_cast<int>(rng.pick(counts));
    const LegPlacement placement = ring_legs(legs, radius * rng.uniform(0.5, 0.8), radius * rng.uniform(0.75, 1.0),
                                             top.bottom() + top.grip(), count, rng.bernoulli(0.5) ? 0 : kPi / count);
    add_legs(builder, legs, legs, placement);
    const double bars[] = {2, 1, count == 4 ? 1.0 : 0, 1};
    const size_t kind = rng.pick(bars);
    if (kind == 1) add_leg_bars(builder, placement, BarStyle::kBox, std::max(0.014, legs.thickness * 0.5), rng.bernoulli(0.5));
    if (kind == 2) add_leg_bars(builder, placement, BarStyle::kCross, std::max(0.014, legs.thickness * 0.5), rng.bernoulli(0.5));
    if (kind == 3) {
      const double y = top.top * rng.uniform(0.2, 0.4);
      const Vector3d at = placement.at_height(0, y);
      builder.add("shelf", "shelf",
                  moved(lathe({{std::hypot(at.x(), at.z()) * 1.02, 0},
                               {std::hypot(at.x(), at.z()) * 1.03, 0.01},
                               {std::hypot(at.x(), at.z()) * 1.02, 0.018}},
                              40),
                        {0, y, 0}));
    }
    return;
  }
  const double out = solid && rng.bernoulli(0.35) ? rng.uniform(0.02, 0.12) * top.top : 0;
  const double inset = hairpin ? 0.05 : out > 0 ? rng.uniform(0.03, 0.1) : rng.uniform(0.004, solid ? 0.06 : 0.02);
  const LegPlacement placement = corner_legs(top, legs, legs, inset, {out, out, out});
  add_legs(builder, legs, legs, placement);
  if (hairpin) return;
  const bool apron = out < 0.05 && top.front > 9 && rng.bernoulli(0.6);
  if (apron) {
    const double height = rng.uniform(0.05, 0.12) * std::clamp(top.top / 0.7, 0.7, 1.1);
    add_apron(builder, top, height, inset + 0.008);
    if (height > 0.065 && rng.bernoulli(0.4))
      add_apron_drawers(builder, top, height, inset + 0.008, top.width / 2 - inset - legs.thickness);
  }
  const bool straight = legs.style != LegStyle::kCabriole && legs.style != LegStyle::kSabre;
  if (straight && rng.bernoulli(0.35)) return add_lower_shelf(builder, placement, top);
  if (straight && rng.bernoulli(0.5))
    add_leg_bars(builder, placement, draw_bars(rng), std::clamp(legs.thickness * rng.uniform(0.5, 0.7), 0.014, 0.035), rng.bernoulli(0.3));
}

/// A column's outline between two heights: plain, waisted, vase-like, ringed or stepped.
std::vector<Vector2d> column_profile(Rng& rng, double radius, double low, double high) {
  const int kind = rng.uniform_int(0, 4);
  std::vector<Vector2d> profile;
  const int n = 24;
  const double waist = rng.uniform(0.5, 0.8), phase = rng.uniform(0.2, 0.45);
  for (int i = 0; i <= n; ++i) {
    const double s = static_cast<double>(i) / n;
    double r = radius;
    if (kind == 1) r *= waist + (1 - waist) * std::pow(std::abs(2 * s - 1), 2.0);
    if (kind == 2) r *= 0.6 + 0.75 * std::exp(-std::pow((s - phase) / 0.16, 2)) + 0.2 * std::pow(s, 8);
    if (kind == 3) r *= 0.8 + 0.25 * (std::fmod(s * 5, 1.0) > 0.7 ? 1.0 : 0.0);
    if (kind == 4) r *= 1.25 - 0.6 * s;
    profile.emplace_back(r, low + s * (high - low));
  }
  return profile;
}

/// One column on a disc, a plate, or feet; `x` is where it stands, `reach` how far its foot spreads.
void add_column_base(ChairBuilder& builder, const SeatPlan& top, double x, double reach, Rng rng) {
  const double r = std::clamp(reach * rng.uniform(0.1, 0.26), 0.02, 0.11), y = top.bottom() + top.grip();
  const double kinds[] = {1.5, 1, 2.5, 0.8};
  const size_t kind = rng.pick(kinds);
  double low = 0.012;
  if (kind == 0) {
    const double rise = rng.uniform(0, 0.06), edge = rng.uniform(0.008, 0.02);
    std::vector<Vector2d> profile{{reach * 0.98, 0}, {reach, edge * 0.4}, {reach, edge}};
    for (const double s : {0.85, 0.6, 0.4, 0.25}) profile.emplace_back(reach * s, edge + 0.003 + rise * std::pow(1 - s, 2) * 1.6);
    builder.add("pedestal", "disc", moved(lathe(profile, 40), {x, 0, 0})), low = edge;
  } else if (kind == 1) {
    const double t = rng.uniform(0.01, 0.03);
    builder.add("pedestal", "plate", board_between({x - reach * 0.85, 0, -reach * 0.85}, {x + reach * 0.85, t, reach * 0.85}, 0.004)),
        low = t - 0.004;
  } else if (kind == 2) {
    const int feet = rng.bernoulli(0.35) ? 3 : 4;
    const double hub = rng.uniform(0.12, 0.3) * top.top, thick = rng.uniform(0.035, 0.06) * std::clamp(top.top / 0.7, 0.6, 1.1),
                 lift = rng.uniform(-0.02, 0.12);
    const double phase = rng.bernoulli(0.5) ? kPi / feet : 0;
    low = std::max(0.02, hub - thick * 0.9);
    for (int i = 0; i < feet; ++i) {
      const double angle = phase + 2 * kPi * i / feet;
      const Vector3d out(std::sin(angle), 0, std::cos(angle)), at(x, 0, 0);
      const std::vector<Vector3d> path =
          spline({at + out * r * 0.3 + Vector3d(0, hub, 0), at + out * reach * 0.55 + Vector3d(0, hub * 0.6 + lift, 0),
                  at + out * reach * 0.97 + Vector3d(0, thick * 0.34, 0)},
                 7);
      TriangleMesh foot = sweep(path, rectangle_section(thick * 0.8, thick * 1.1, thick * 0.2), Vector3d::UnitY(), tapered_to(0.6));
      for (auto& v : foot.vertices) v.y() = std::max(v.y(), 0.0f);
      const float lowest = static_cast<float>(bounding_box(foot).min().y());
      for (auto& v : foot.vertices) v.y() -= lowest;
      builder.add("foot", "pedestal_foot", foot);
    }
  } else {  // crossed beams on the floor
    const double t = rng.uniform(0.04, 0.07);
    for (const bool along : {false, true})
      builder.add("foot", "pedestal_foot",
                  along ? board_between({x - reach, 0, -t / 2}, {x + reach, t, t / 2}, 0.006)
                        : board_between({x - t / 2, 0, -reach}, {x + t / 2, t * 0.98, reach}, 0.006));
    low = t * 0.6;
  }
  if (kind != 0 && rng.bernoulli(0.3)) {
    builder.add("pedestal", "column", moved(rounded_box({r * 1.8, y - low, r * 1.8}, {.radius = 0.006}), {x, (y + low) / 2, 0}));
  } else {
    builder.add("pedestal", "column", moved(lathe(column_profile(rng, r, low, y), 28), {x, 0, 0}));
  }
  if (rng.bernoulli(0.5)) {
    const double half = std::min(reach * rng.uniform(0.35, 0.7), std::min(top.width, top.depth) * 0.36), t = rng.uniform(0.012, 0.03);
    builder.add("seat_frame", "head_plate",
                board_between({x - half, top.bottom() - t + 0.004, -half}, {x + half, top.bottom() + top.grip() * 0.8, half}, 0.004));
  }
}

void add_table_pedestal(ChairBuilder& builder, const TablePlan& table) {
  const SeatPlan& top = table.top;
  const Rng rng = builder.rng.fork("column");
  const double narrow = std::min(top.width, top.depth);
  if (top.width < 1.35 * top.depth) return add_column_base(builder, top, 0, narrow * builder.rng.uniform(0.3, 0.42), rng);
  const double x = top.width * builder.rng.uniform(0.24, 0.32);
  for (const double side : {-1.0, 1.0}) add_column_base(builder, top, side * x, std::min(narrow * 0.42, x * 0.8), rng);
  if (builder.rng.bernoulli(0.6)) {
    const double y = top.top * builder.rng.uniform(0.3, 0.5);
    builder.add("leg_bar", "stretcher", board_between({-x, y - 0.035, -0.015}, {x, y + 0.035, 0.015}));
  }
}

/// Frames of flat bar or square tube, as of steel, one below each end: rectangles, trapezoids, an X or a V.
void add_end_frames(ChairBuilder& builder, const SeatPlan& top) {
  Rng& rng = builder.rng;
  const double t = rng.uniform(0.025, 0.07), wide = rng.uniform(0.6, 1.6) * t, half_top = top.depth * rng.uniform(0.3, 0.46),
               half_low = half_top * rng.uniform(0.6, 1.15), y = top.bottom() + kOverlap - t / 2;
  const double x = top.width / 2 - rng.uniform(0.03, 0.22) * top.width;
  const Section section = rectangle_section(t, wide, 0.004);  // up is X
  const int kind = rng.uniform_int(0, 2);
  for (const double side : {-1.0, 1.0}) {
    const Vector3d at(side * x, 0, 0);
    if (kind == 0) {
      builder.add("leg", "sled",
                  sweep_loop(rounded_path({at + Vector3d(0, y, half_top), at + Vector3d(0, t / 2, half_low),
                                           at + Vector3d(0, t / 2, -half_low), at + Vector3d(0, y, -half_top)},
                                          t * 0.6, true, 3),
                             section, Vector3d::UnitX()));
      continue;
    }
    for (const double lean : {-1.0, 1.0}) {
      const double foot = kind == 1 ? -lean * half_low : lean * half_low * 0.35;
      const Vector3d shift(kind == 1 ? lean * wide * 0.4 : 0, 0, 0);
      TriangleMesh leg = sweep({at + shift + Vector3d(0, y + t * 0.3, lean * half_top), at + shift + Vector3d(0, -t * 0.3, foot)}, section,
                               Vector3d::UnitX());
      for (auto& v : leg.vertices) v.y() = std::clamp(v.y(), 0.0f, static_cast<float>(top.bottom() + top.grip()));
      builder.add("leg", "leg_tube", leg);
    }
    builder.add("seat_frame", "plate",
                board_between(at + Vector3d(-wide * 0.9, top.bottom() - 0.006, -half_top),
                              at + Vector3d(wide * 0.9, top.bottom() + 0.004, half_top), 0.002));
  }
  if (rng.bernoulli(0.5)) {
    const double at = kind == 1 ? (y + t / 2) / 2 : t / 2;
    builder.add("leg_bar", "tube_bar", sweep({{-x, at, 0}, {x, at, 0}}, rectangle_section(t * 0.7, t * 0.7, 0.003), Vector3d::UnitY()));
  }
}

/// A drum, a block or a box on a plinth below the top.
void add_solid_base(ChairBuilder& builder, const SeatPlan& top) {
  Rng& rng = builder.rng;
  const double y = top.bottom() + top.grip(), reach = std::min(top.width, top.depth) * rng.uniform(0.28, 0.42);
  if (rng.bernoulli(0.6)) {
    std::vector<Vector2d> profile = column_profile(rng, reach, 0, y);
    const bool ribbed = rng.bernoulli(0.5);
    const int ribs = rng.uniform_int(12, 24);
    builder.add("pedestal", "drum", deformed(lathe(profile, ribbed ? 4 * ribs : 40), [&](const Vector3d& p) {
                  if (!ribbed) return p;
                  const double s = 1 + 0.03 * std::cos(ribs * std::atan2(p.z(), p.x()));
                  return Vector3d(p.x() * s, p.y(), p.z() * s);
                }));
    return;
  }
  const double w = top.width * rng.uniform(0.3, 0.42), d = top.depth * rng.uniform(0.3, 0.42), plinth = rng.uniform(0.03, 0.06);
  builder.add("pedestal", "plinth", board_between({-w * 0.85, 0, -d * 0.85}, {w * 0.85, plinth + 0.004, d * 0.85}));
  builder.add("pedestal", "block", board_between({-w, plinth, -d}, {w, y, d}, 0.006));
}

}  // namespace

void build_table(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const TablePlan table = draw_table(rng);
  add_table_top(builder, table);
  const bool open = table.style == TopStyle::kSlats || table.style == TopStyle::kPlanks || table.style == TopStyle::kFramed;
  const bool long_one = table.top.width > 1.3 * table.top.depth, cornered = table.top.front > 9;
  const double weights[] = {6,
                            cornered && long_one ? 1.6 : 0,
                            open ? 0.0 : 2.2,
                            cornered && !open ? 1.3 : 0,
                            cornered && !open ? 0.7 : 0,
                            open                  ? 0.0
                            : table.top.top < 0.5 ? 0.9
                                                  : 0.1};
  switch (table.round ? (rng.bernoulli(0.5) ? 0 : rng.bernoulli(0.2) ? 5 : 2) : rng.pick(weights)) {
    case 0:
      add_table_legs(builder, table);
      break;
    case 1:
      add_trestles(builder, table.top);
      break;
    case 2:
      add_table_pedestal(builder, table);
      break;
    case 3:
      add_end_frames(builder, table.top);
      break;
    case 4:
      add_panel_sides(builder, table.top, rng.uniform(0.02, 0.045));
      break;
    default:
      add_solid_base(builder, table.top);
  }
  builder.relabel("seat_frame", "frame");
}

}  // namespace looking3d
