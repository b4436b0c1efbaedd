// Shelves: bookcases, ladders, racks of posts, boards on brackets before a wall, cubes.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/furniture_parts.h"
#include "shapes/solids.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// Heights of `count` boards between two heights: even, growing downwards, or uneven.
std::vector<double> board_heights(Rng& rng, double low, double high, int count) {
  std::vector<double> gaps;
  const int kind = rng.uniform_int(0, 2);
  double sum = 0;
  for (int i = 0; i + 1 < count; ++i) {
    gaps.push_back(kind == 0 ? 1 : kind == 1 ? 1.5 - 0.8 * i / count : rng.uniform(0.6, 1.5));
    sum += gaps.back();
  }
  std::vector<double> heights{low};
  for (const double gap : gaps) heights.push_back(heights.back() + gap / sum * (high - low));
  return heights;
}

void add_feet(ChairBuilder& builder, double w, double d, double low, Rng& rng) {
  SeatPlan plan;
  plan.width = plan.back_width = 2 * w, plan.depth = 2 * d, plan.top = low + 0.02, plan.thickness = 0.02, plan.front = plan.rear = 60;
  LegPlan legs = draw_foot_plan(rng);
  legs.thickness = std::min(legs.thickness, 0.5 * d);
  const double out = rng.bernoulli(0.4) ? 0.03 : 0;
  add_legs(builder, legs, legs, corner_legs(plan, legs, legs, 0.02 + out * 0.3, {out * 0.6, out * 0.3, out * 0.3}));
}

/// Upright panels with boards between them.
void build_bookcase(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double w = rng.uniform(0.3, 0.65), h = rng.uniform(0.7, 1.9), d = rng.uniform(0.12, 0.2), t = rng.uniform(0.015, 0.03);
  const double lift = rng.bernoulli(0.35) ? rng.uniform(0.08, 0.18) : 0;
  const int count = std::clamp(static_cast<int>(h / rng.uniform(0.25, 0.42)), 2, 6) + 1;
  const bool crowned = rng.bernoulli(0.5);  // the top lies over the sides
  const double side_top = crowned ? h - t + 0.004 : h;
  const double profile = rng.uniform(0, 1);
  for (const double side : {-1.0, 1.0}) {
    const double x = side * (w - t / 2);
    if (profile < 0.7) {
      builder.add("side_panel", "side_panel", board_between({x - t / 2, lift, -d}, {x + t / 2, side_top, d}));
    } else {  // sides that grow shallower upwards, or have a wavy edge
      const double top = profile < 0.85 ? rng.fork("slant").uniform(0.4, 0.8) : 1, wave = profile < 0.85 ? 0 : 0.025;
      RoundedBoxOptions box{.radius = 0.003};
      box.divisions[1] = 24;
      builder.add("side_panel", "side_panel",
                  deformed(moved(rounded_box({t, side_top - lift, 2 * d}, box), {x, (side_top + lift) / 2, 0}), [&](const Vector3d& p) {
                    const double s = p.y() / side_top,
                                 front = d * (1 + s * (top - 1)) * 2 - d - wave * (1 - std::cos(2 * kPi * s * (count - 1)));
                    return p.z() > 0 ? Vector3d(p.x(), p.y(), p.z() / d * front) : p;
                  }));
    }
  }
  const double plinth = lift > 0 ? 0.01 : rng.bernoulli(0.5) ? rng.uniform(0.03, 0.08) : 0.004;
  const std::vector<double> heights = board_heights(rng, lift + plinth, h - t, count);
  const double shallow = profile < 0.7 ? 0 : 0.35 * d;
  const bool asymmetric = rng.bernoulli(0.2);
  for (int i = 0; i < count; ++i) {
    const bool top = i + 1 == count;
    const double reach = top && crowned ? w + rng.fork("cornice").uniform(-0.002, 0.02) : w - t * 0.5;
    const double cut = profile < 0.85 && profile >= 0.7 ? 1 - 0.6 * heights[static_cast<size_t>(i)] / h : 1;
    const double front = (d - 0.006 - shallow) * (profile >= 0.7 && profile < 0.85 ? std::max(0.2, cut) : 1);
    builder.add("board", "board",
                board_between({-reach, heights[static_cast<size_t>(i)], -d + 0.004},
                              {reach, heights[static_cast<size_t>(i)] + t, top && crowned ? d + 0.006 : front}));
  }
  if (plinth > 0.02 && lift == 0)
    builder.add("plinth", "plinth",
                board_between({-w + t * 0.6, 0.002, d * 0.5 - shallow}, {w - t * 0.6, plinth + 0.004, d * 0.5 + 0.018 - shallow}));
  if (rng.bernoulli(0.4)) {  // dividers, in all rows or here and there
    for (int i = 0; i + 1 < count; ++i) {
      if (asymmetric && rng.bernoulli(0.5)) continue;
      const double x = asymmetric ? rng.uniform(-0.5, 0.5) * w : 0;
      builder.add("side_panel", "divider",
                  board_between({x - t * 0.4, heights[static_cast<size_t>(i)] + t - 0.003, -d + 0.008},
                                {x + t * 0.4, heights[static_cast<size_t>(i) + 1] + 0.003,
                                 (d - 0.02 - shallow) * (profile >= 0.7 && profile < 0.85 ? 0.3 : 1)}));
    }
  }
  const double backs[] = {4, 1.5, 1};
  switch (rng.pick(backs)) {
    case 0:
      builder.add("back_panel", "back_panel",
                  board_between({-w + 0.004, lift + 0.003, -d - 0.004}, {w - 0.004, h - 0.006, -d + 0.008}, 0.002));
      break;
    case 1:  // a cross of flat bars
      for (const double s : {-1.0, 1.0})
        builder.add(
            "brace", "brace_bar",
            sweep({{-s * (w - t * 0.5), lift + 0.05, -d + 0.002 + s * 0.003}, {s * (w - t * 0.5), h - 0.05, -d + 0.002 + s * 0.003}},
                  rectangle_section(0.006, 0.024, 0.001), Vector3d::UnitY()));
      break;
    default:
      break;
  }
  if (lift > 0) add_feet(builder, w, d, lift, rng);
}

/// Two leaning or A-shaped ladders carry boards that grow deeper downwards.
void build_ladder(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double w = rng.uniform(0.25, 0.5), h = rng.uniform(1.0, 1.8), deep = rng.uniform(0.32, 0.48),
               shallow = deep * rng.uniform(0.35, 0.6), t = rng.uniform(0.022, 0.036);
  const bool leaning = rng.bernoulli(0.6), symmetric = !leaning;
  const int count = rng.uniform_int(3, 5);
  const double z_back = -deep / 2;
  const auto depth_at = [&](double y) { return deep + (shallow - deep) * y / h; };
  const Section section = rng.bernoulli(0.5) ? rectangle_section(t, t * 1.3, 0.003) : circle_section(t / 2, 14);
  for (const double side : {-1.0, 1.0}) {
    const double x = side * w;
    const auto post = [&](double z_low, double z_high) {
      TriangleMesh mesh = sweep({{x, -t * 0.2, z_low}, {x, h, z_high}}, section, Vector3d::UnitX());
      for (auto& v : mesh.vertices) v.y() = std::max(v.y(), 0.0f);
      builder.add("post", "post", mesh);
    };
    if (symmetric) {
      post(-deep / 2, -shallow / 2), post(deep / 2, shallow / 2);
    } else {
      post(z_back, z_back), post(z_back + deep, z_back + shallow);
    }
  }
  const std::vector<double> heights = board_heights(rng, h * rng.uniform(0.08, 0.2), h * rng.uniform(0.86, 0.97), count);
  const bool rims = rng.bernoulli(0.4);
  for (const double y : heights) {
    const double d = depth_at(y), low = symmetric ? -d / 2 : z_back, high = low + d;
    for (const double side : {-1.0, 1.0})
      builder.add("brace", "rung",
                  sweep({{side * w, y - 0.012, low}, {side * w, y - 0.012, high}}, circle_section(t * 0.38, 10), Vector3d::UnitY()));
    builder.add(
        "board", "board",
        board_between({-w - (rims ? 0 : t * 0.2), y - 0.008, low + t * 0.3}, {w + (rims ? 0 : t * 0.2), y + 0.012, high - t * 0.3}));
    if (rims) builder.add("back_panel", "rim", board_between({-w, y + 0.004, low + t * 0.3}, {w, y + 0.05, low + t * 0.3 + 0.012}));
  }
}

/// Posts at the corners with boards, wire or plates between them.
void build_rack(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double w = rng.uniform(0.25, 0.6), h = rng.uniform(0.6, 1.7), d = rng.uniform(0.14, 0.26), t = rng.uniform(0.018, 0.04);
  const int count = std::clamp(static_cast<int>(h / rng.uniform(0.28, 0.45)), 2, 5) + 1;
  const bool round = rng.bernoulli(0.5), angle_iron = !round && rng.bernoulli(0.4), wire = rng.bernoulli(0.3);
  for (const double sx : {-1.0, 1.0})
    for (const double sz : {-1.0, 1.0}) {
      if (angle_iron) {
        const Outline profile{{0, 0}, {t * 1.4, 0}, {t * 1.4, 0.005}, {0.005, 0.005}, {0.005, t * 1.4}, {0, t * 1.4}};
        TriangleMesh post = moved(laid(extruded(profile, h)), {0, h / 2, 0});  // legs of the angle along +X and -Z
        post = sx < 0 ? post : turned(post, sz > 0 ? kPi / 2 : kPi, Vector3d::UnitY());
        post = sx < 0 && sz < 0 ? turned(post, -kPi / 2, Vector3d::UnitY()) : post;
        builder.add("post", "post_tube", moved(post, {sx * (w + 0.003), 0, sz * (d + 0.003)}));
      } else {
        TriangleMesh post = sweep({{sx * w, 0, sz * d}, {sx * w, h, sz * d}},
                                  round ? circle_section(t / 2, 14) : rectangle_section(t, t, 0.003), Vector3d::UnitZ());
        builder.add("post", round ? "post_tube" : "post", post);
      }
    }
  const std::vector<double> heights = board_heights(rng, h * rng.uniform(0.05, 0.16), h - rng.uniform(0.0, 0.12) - 0.03, count);
  for (const double y : heights) {
    if (wire) {
      SheetOptions grid = lattice(rng.fork("u").uniform_int(6, 10), rng.fork("v").uniform_int(2, 4), 0.22, 0.008);
      builder.add("board", "board_lattice", sheet([&](double u, double v) { return Vector3d(u * w, y, -v * d); }, grid));
      continue;
    }
    builder.add("board", "board", board_between({-w - 0.001, y, -d - 0.001}, {w + 0.001, y + 0.018, d + 0.001}));
  }
  if (rng.bernoulli(0.45))  // crosses behind or on the sides
    for (const double s : {-1.0, 1.0})
      builder.add("brace", "brace_bar",
                  sweep({{-s * w, heights.front() + 0.01, -d - 0.002 + s * 0.003}, {s * w, heights.back(), -d - 0.002 + s * 0.003}},
                        rectangle_section(0.006, 0.02, 0.001), Vector3d::UnitY()));
  if (rng.bernoulli(0.25))
    for (const double sx : {-1.0, 1.0})
      builder.add("brace", "side_bar",
                  sweep({{sx * w, (heights[0] + heights[1]) / 2, -d}, {sx * w, (heights[0] + heights[1]) / 2, d}},
                        circle_section(0.008, 10), Vector3d::UnitY()));
}

/// A bracket below a board, its back at z = 0 and its arm towards +Z, at height 0 of the board's underside.
TriangleMesh shelf_bracket(int style, double deep, double tall, double t) {
  switch (style) {
    case 0: {  // a curved console
      Outline outline{{0, 0}, {deep, 0}, {deep, -t}};
      for (int i = 1; i <= 8; ++i) {
        const double a = kPi / 2 * i / 8;
        outline.emplace_back(deep - (deep - t) * std::sin(a), -t - (tall - t) * (1 - std::cos(a)));
      }
      outline.emplace_back(0, -tall);
      std::reverse(outline.begin(), outline.end());
      return turned(extruded(outline, t), -kPi / 2, Vector3d::UnitY());
    }
    case 1: {  // an L with a strut
      TriangleMesh mesh = board_between({-t / 2, -t * 0.5, 0}, {t / 2, 0, deep}, 0.001);
      append(mesh, board_between({-t / 2, -tall, 0}, {t / 2, 0, t * 0.5}, 0.001));
      append(mesh, sweep({{0, -tall * 0.9, t * 0.25}, {0, -t * 0.3, deep * 0.85}}, rectangle_section(t * 0.6, t * 0.6, 0.001),
                         Vector3d::UnitX()));
      return mesh;
    }
    default: {  // a plate with its corner cut off
      const Outline outline{{0, 0}, {0, -tall}, {t, -tall}, {deep, -t}, {deep, 0}};
      return turned(extruded(outline, t, {.bevel = 0.001}), -kPi / 2, Vector3d::UnitY());
    }
  }
}

/// A panel or two rails that stand on the floor, with boards on brackets.
void build_wall_boards(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double w = rng.uniform(0.35, 0.7), h = rng.uniform(0.8, 1.4), t = rng.uniform(0.016, 0.03);
  const bool rails = rng.bernoulli(0.4);
  if (rails) {
    for (const double side : {-1.0, 1.0})
      builder.add("post", "wall_rail", board_between({side * w * 0.66 - 0.03, 0, -0.03}, {side * w * 0.66 + 0.03, h, 0}));
    builder.add("plinth", "floor_rail", board_between({-w * 0.9, 0, -0.12}, {w * 0.9, 0.03, 0.14}));
    builder.add("brace", "wall_bar", board_between({-w * 0.66, h - 0.06, -0.026}, {w * 0.66, h - 0.02, -0.004}));
  } else {
    builder.add("back_panel", "wall_panel", board_between({-w, 0, -0.03}, {w, h, 0}));
    if (rng.bernoulli(0.6)) builder.add("plinth", "floor_rail", board_between({-w * 0.96, 0, -0.1}, {w * 0.96, 0.03, 0.12}));
  }
  const int count = rng.uniform_int(2, 4), style = rng.uniform_int(0, 2);
  const std::vector<double> heights = board_heights(rng, h * 0.28, h * rng.uniform(0.78, 0.9), count);
  const bool staggered = !rails && rng.bernoulli(0.4);
  const double bracket = rng.uniform(0.018, 0.032);
  for (size_t i = 0; i < heights.size(); ++i) {
    const double deep = rng.uniform(0.16, 0.28), half = staggered ? w * rng.uniform(0.4, 0.75) : w * 0.95,
                 x = staggered ? (i % 2 == 0 ? -1 : 1) * (w * 0.96 - half) : 0;
    builder.add("board", "board", board_between({x - half, heights[i], -0.003}, {x + half, heights[i] + t, deep}));
    const double at = rails ? w * 0.66 : half * 0.72;
    const int brackets = !rails && half > 0.5 && rng.bernoulli(0.4) ? 3 : 2;
    for (int b = 0; b < brackets; ++b)
      builder.add("bracket", "bracket_plate",
                  moved(shelf_bracket(style, deep * 0.85, deep * rng.fork("tall").uniform(0.5, 0.95), bracket),
                        {x + at * (2.0 * b / (brackets - 1) - 1), heights[i] + 0.003, -0.004}));
    if (rng.bernoulli(0.25))
      builder.add(
          "brace", "gallery_rail",
          board_between({x - half + 0.01, heights[i] + t - 0.003, deep - 0.014}, {x + half - 0.01, heights[i] + t + 0.03, deep - 0.004}));
  }
  if (rng.bernoulli(0.3)) {
    const int hooks = rng.uniform_int(3, 6);
    builder.add("board", "hook_board", board_between({-w * 0.8, h * 0.13, -0.004}, {w * 0.8, h * 0.2, 0.016}));
    for (int i = 0; i < hooks; ++i) {
      const double x = w * 0.7 * (2.0 * i / (hooks - 1) - 1), y = h * 0.165;
      builder.add(
          "hook", "hook_tube",
          sweep(spline({{x, y, 0.01}, {x, y - 0.02, 0.05}, {x, y + 0.02, 0.075}}, 6), circle_section(0.007, 10), Vector3d::UnitX()));
    }
  }
}

/// Open boxes side by side and one above the other, some left out.
void build_cubes(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const int columns = rng.uniform_int(2, 4), rows = rng.uniform_int(2, 4);
  const double side = rng.uniform(0.26, 0.38), d = rng.uniform(0.12, 0.18), t = rng.uniform(0.014, 0.024);
  std::vector<int> heights;
  const bool stairs = rng.bernoulli(0.45);
  for (int c = 0; c < columns; ++c) heights.push_back(stairs ? std::clamp(rows - c + rng.uniform_int(-1, 1), 1, rows) : rows);
  const double x0 = -columns * side / 2;
  for (int c = 0; c <= columns; ++c) {
    const int tall = std::max(c < columns ? heights[static_cast<size_t>(c)] : 0, c > 0 ? heights[static_cast<size_t>(c) - 1] : 0);
    builder.add("side_panel", "divider", board_between({x0 + c * side - t / 2, 0, -d}, {x0 + c * side + t / 2, tall * side + t * 0.98, d}));
  }
  const FrontPlan front = draw_front_plan(rng);
  const double closed = rng.bernoulli(0.5) ? rng.uniform(0.1, 0.4) : 0, back = rng.uniform(0.2, 1);
  for (int c = 0; c < columns; ++c)
    for (int r = 0; r <= heights[static_cast<size_t>(c)]; ++r) {
      const double low = x0 + c * side, y = r * side;
      builder.add("board", "board", board_between({low + t * 0.3, y, -d + 0.003}, {low + side - t * 0.3, y + t, d - 0.003}));
      if (r == heights[static_cast<size_t>(c)]) continue;
      if (rng.bernoulli(back))
        builder.add("back_panel", "back_panel",
                    board_between({low + t * 0.3, y + t * 0.4, -d + 0.004}, {low + side - t * 0.3, y + side + t * 0.6, -d + 0.014}));
      if (rng.bernoulli(closed))
        add_front(builder, front, rng.bernoulli(0.5) ? FrontKind::kDoorHingedLeft : FrontKind::kDrawer,
                  {low + side / 2, y + side / 2 + t / 2}, {side - t * 0.2, side - t * 0.2}, d);
    }
}

}  // namespace

void build_shelf(ChairBuilder& builder) {
  const double weights[] = {3, 1.5, 2, 1.6, 1.4};
  switch (builder.rng.pick(weights)) {
    case 0:
      return build_bookcase(builder);
    case 1:
      return build_ladder(builder);
    case 2:
      return build_rack(builder);
    case 3:
      return build_wall_boards(builder);
    default:
      return build_cubes(builder);
  }
}

}  // namespace looking3d
