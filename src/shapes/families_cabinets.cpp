// Cabinets: wardrobes, sideboards, chests and dressers: a grid of cells with doors, drawers, and open ones.
#include <algorithm>
#include <cmath>

#include "shapes/furniture_parts.h"

namespace looking3d {
namespace {

enum class Cell { kDoor, kDoors, kDrawers, kOpen };

struct CabinetPlan {
  double w = 0.5, low = 0.1, high = 1, d = 0.2, t = 0.018;  ///< half width, heights of its body, half depth, thickness of its boards
  int columns = 2, rows = 1;
  std::vector<double> x, y;  ///< middle lines of the uprights and of the boards
};

CabinetPlan draw_cabinet(Rng& rng) {
  CabinetPlan plan;
  const double kinds[] = {2, 2, 2, 1.5};
  const size_t kind = rng.pick(kinds);  // sideboard, chest, wardrobe, small one
  const double sizes[][4] = {{0.55, 0.85, 0.6, 0.85}, {0.35, 0.55, 0.75, 1.15}, {0.35, 0.6, 1.5, 1.9}, {0.2, 0.28, 0.45, 0.75}};
  plan.w = rng.uniform(sizes[kind][0], sizes[kind][1]), plan.high = rng.uniform(sizes[kind][2], sizes[kind][3]);
  plan.low = rng.bernoulli(0.6) ? rng.uniform(0.08, 0.22) : rng.uniform(0.03, 0.07);
  plan.d = rng.uniform(0.16, kind == 3 ? 0.22 : 0.27), plan.t = rng.uniform(0.015, 0.026);
  plan.columns = kind == 0 ? rng.uniform_int(2, 4) : kind == 3 ? 1 : rng.uniform_int(1, 3);
  plan.rows = kind == 0 ? rng.uniform_int(1, 2) : kind == 3 ? rng.uniform_int(1, 2) : rng.uniform_int(1, 3);
  const auto lines = [&](double from, double to, int cells, double spread) {
    std::vector<double> result{from}, sizes_of;
    double sum = 0;
    for (int i = 0; i < cells; ++i) sizes_of.push_back(rng.uniform(1, 1 + spread)), sum += sizes_of.back();
    for (const double s : sizes_of) result.push_back(result.back() + s / sum * (to - from));
    return result;
  };
  plan.x = lines(-plan.w + plan.t / 2, plan.w - plan.t / 2, plan.columns, rng.bernoulli(0.6) ? 0 : 0.8);
  plan.y = lines(plan.low + plan.t / 2, plan.high - plan.t / 2, plan.rows, rng.bernoulli(0.4) ? 0 : 1.4);
  return plan;
}

void add_carcass(ChairBuilder& builder, const CabinetPlan& p) {
  Rng& rng = builder.rng;
  const double t = p.t, over = rng.bernoulli(0.5) ? rng.uniform(0.004, 0.03) : 0.002;
  for (size_t i = 0; i < p.x.size(); ++i) {
    const bool outer = i == 0 || i + 1 == p.x.size();
    builder.add("side_panel", outer ? "side_panel" : "divider",
                board_between({p.x[i] - t / 2, p.low + (outer ? 0 : 0.005), -p.d + (outer ? 0 : 0.006)},
                              {p.x[i] + t / 2, p.high - (outer ? t * 0.7 : 0.008), p.d - (outer ? 0 : 0.004)}));
  }
  builder.add("board", "top",
              board_between({-p.w - over, p.high - t, -p.d - 0.003}, {p.w + over, p.high + t * rng.uniform(0.0, 0.6), p.d + 0.004 + over}));
  for (size_t i = 0; i + 1 < p.y.size(); ++i) {
    const bool lowest = i == 0;
    builder.add(
        "board", lowest ? "bottom" : "board",
        board_between({-p.w + t * 0.4, p.y[i] - t / 2 + (lowest ? 0.002 : 0), -p.d + 0.004}, {p.w - t * 0.4, p.y[i] + t / 2, p.d - 0.002}));
  }
  builder.add("back_panel", "back_panel",
              board_between({-p.w + 0.004, p.low + 0.004, -p.d - 0.002}, {p.w - 0.004, p.high - t * 0.6, -p.d + 0.009}, 0.002));
}

void fill_cell(ChairBuilder& builder, const CabinetPlan& p, const FrontPlan& front, Cell cell, size_t column, size_t row) {
  Rng& rng = builder.rng;
  const double x0 = p.x[column], x1 = p.x[column + 1], y0 = p.y[row], y1 = p.y[row + 1];
  const Vector2d centre((x0 + x1) / 2, (y0 + y1) / 2), size(x1 - x0 + p.t * 0.4, y1 - y0 + p.t * 0.4);
  switch (cell) {
    case Cell::kDoor:
      return add_front(builder, front, rng.bernoulli(0.5) ? FrontKind::kDoorHingedLeft : FrontKind::kDoorHingedRight, centre, size, p.d);
    case Cell::kDoors:
      for (const double side : {-1.0, 1.0})
        add_front(builder, front, side < 0 ? FrontKind::kDoorHingedLeft : FrontKind::kDoorHingedRight,
                  centre + Vector2d(side * size.x() / 4, 0), {size.x() / 2, size.y()}, p.d);
      return;
    case Cell::kDrawers: {
      const int count = std::clamp(static_cast<int>(size.y() / rng.uniform(0.15, 0.26)), 1, 5);
      for (int i = 0; i < count; ++i)
        add_front(builder, front, FrontKind::kDrawer, centre + Vector2d(0, ((i + 0.5) / count - 0.5) * size.y()),
                  {size.x(), size.y() / count}, p.d);
      return;
    }
    case Cell::kOpen: {
      const int shelves = size.y() > 0.35 ? rng.uniform_int(1, 2) : rng.uniform_int(0, 1);
      for (int i = 0; i < shelves; ++i) {
        const double y = y0 + (y1 - y0) * (i + 1.0) / (shelves + 1);
        builder.add("board", "inner_board", board_between({x0, y - p.t * 0.4, -p.d + 0.005}, {x1, y + p.t * 0.4, p.d - 0.02}));
      }
    }
  }
}

void add_support(ChairBuilder& builder, const CabinetPlan& p) {
  Rng& rng = builder.rng;
  if (p.low < 0.075)
    return builder.add("plinth", "plinth", board_between({-p.w + 0.02, 0, -p.d + 0.02}, {p.w - 0.02, p.low + 0.008, p.d - 0.04}));
  SeatPlan plan;
  plan.width = plan.back_width = 2 * p.w, plan.depth = 2 * p.d, plan.top = p.low + p.t, plan.thickness = p.t, plan.front = plan.rear = 60;
  if (rng.bernoulli(0.15)) return add_sled(builder, plan, 0.022);
  const LegPlan legs = draw_foot_plan(rng);
  const double out = rng.bernoulli(0.5) ? rng.uniform(0.02, 0.05) : 0;
  const LegPlacement placement = corner_legs(plan, legs, legs, 0.02 + out, {out, out * 0.4, out * 0.4});
  add_legs(builder, legs, legs, placement);
  if (rng.bernoulli(0.3)) add_leg_bars(builder, placement, BarStyle::kBox, 0.02, false);
}

}  // namespace

void build_cabinet(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const CabinetPlan plan = draw_cabinet(rng);
  add_carcass(builder, plan);
  const FrontPlan front = draw_front_plan(rng);
  const double open = rng.uniform(0.1, 1.2);
  for (size_t c = 0; c + 1 < plan.x.size(); ++c)
    for (size_t r = 0; r + 1 < plan.y.size(); ++r) {
      const double w = plan.x[c + 1] - plan.x[c], h = plan.y[r + 1] - plan.y[r];
      const double weights[] = {w < 0.65 ? 1.5 : 0.2, w > 0.4 ? 1.8 : 0, h < 1.1 ? 1.8 : 0.3, open};
      fill_cell(builder, plan, front, static_cast<Cell>(rng.pick(weights)), c, r);
    }
  add_support(builder, plan);
  builder.relabel("seat_frame", "frame");
}

}  // namespace looking3d
