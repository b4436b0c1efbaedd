// Desks: a top on drawer blocks, panels, legs or frames, with a modesty panel, trays and shelves above.
#include <algorithm>
#include <cmath>

#include "shapes/furniture_parts.h"

namespace looking3d {
namespace {

enum class Side { kBlock, kHangingBlock, kPanel, kLegs, kFrame };

struct DeskPlan {
  SeatPlan top;
  FrontPlan front;
  LegPlan legs;
  double block = 0.4;  ///< width of a drawer block
};

/// Two legs near the end of the top on this side.
void add_leg_pair(ChairBuilder& builder, const DeskPlan& desk, double side) {
  LegPlacement both = corner_legs(desk.top, desk.legs, desk.legs, 0.02, {}), pair;
  for (const auto& path : both.paths)
    if (path.front().x() * side > 0) pair.paths.push_back(path);
  add_legs(builder, desk.legs, desk.legs, pair);
}

/// A box of drawers below the top, down to the floor's plinth or hanging.
void add_block(ChairBuilder& builder, const DeskPlan& desk, double side, bool hanging) {
  Rng& rng = builder.rng;
  const SeatPlan& top = desk.top;
  const double high = top.bottom() + kOverlap, x = side * (top.width / 2 - desk.block / 2 - 0.012 - (hanging ? 0.05 : 0)),
               half = desk.block / 2;
  const double z_front = top.depth / 2 - 0.03, z_back = -top.depth / 2 + 0.03;
  const int count = hanging ? rng.uniform_int(1, 2) : rng.uniform_int(2, 4);
  const double low = hanging ? high - count * rng.uniform(0.11, 0.15) : rng.uniform(0.03, 0.1);
  builder.add("body", "drawer_block", board_between({x - half, low, z_back}, {x + half, high, z_front}, 0.004));
  const bool file = !hanging && rng.bernoulli(0.4);  // the lowest is a deep one
  const double unit = (high - 0.012 - low) / (count + (file ? 0.8 : 0));
  double y = low;
  for (int i = 0; i < count; ++i) {
    const double height = unit * (file && i == 0 ? 1.8 : 1);
    add_front(builder, desk.front, FrontKind::kDrawer, {x, y + height / 2}, {desk.block - 0.01, height}, z_front);
    y += height;
  }
  if (hanging) return;
  if (rng.bernoulli(0.5)) {
    builder.add("plinth", "plinth", board_between({x - half + 0.02, 0, z_back + 0.02}, {x + half - 0.02, low + 0.006, z_front - 0.03}));
  } else {
    for (const double sx : {-1.0, 1.0})
      for (const double z : {z_back + 0.05, z_front - 0.05})
        builder.add("foot", "block_foot",
                    moved(lathe({{0.018, 0}, {0.022, 0.004}, {0.016, low + 0.004}}, 16), {x + sx * (half - 0.045), 0, z}));
  }
}

void add_side(ChairBuilder& builder, const DeskPlan& desk, Side kind, double side) {
  const SeatPlan& top = desk.top;
  const double x = side * (top.width / 2 - 0.02), z = top.depth / 2 - 0.02, y = top.bottom() + kOverlap;
  switch (kind) {
    case Side::kBlock:
      return add_block(builder, desk, side, false);
    case Side::kHangingBlock:
      add_leg_pair(builder, desk, side);
      return add_block(builder, desk, side, true);
    case Side::kPanel:
      return builder.add("side_panel", "side_panel", board_between({x - 0.014, 0, -z}, {x + 0.014, y, z}));
    case Side::kLegs:
      return add_leg_pair(builder, desk, side);
    case Side::kFrame: {
      const double t = 0.04;
      const std::vector<Vector3d> corners{{x, y - t / 2, z - 0.03}, {x, t / 2, z}, {x, t / 2, -z}, {x, y - t / 2, -z + 0.03}};
      return builder.add("leg", "sled",
                         sweep_loop(rounded_path(corners, 0.03, true, 3), rectangle_section(t, t * 0.7, 0.004), Vector3d::UnitX()));
    }
  }
}

/// A row of cells on the rear of the top.
void add_hutch(ChairBuilder& builder, const DeskPlan& desk) {
  Rng& rng = builder.rng;
  const SeatPlan& top = desk.top;
  const bool low = rng.bernoulli(0.45);
  const double w = top.width * rng.uniform(low ? 0.35 : 0.7, 0.96) / 2, height = low ? rng.uniform(0.1, 0.16) : rng.uniform(0.28, 0.55),
               deep = rng.uniform(0.18, 0.26), t = 0.018;
  const double z0 = -top.depth / 2 + 0.02, z1 = z0 + deep, y0 = top.top - 0.004, y1 = top.top + height,
               shift = low ? rng.uniform(-1, 1) * (top.width / 2 - w - 0.01) : 0;
  const int cells = low ? 1 : rng.uniform_int(1, 3);
  builder.add("board", "hutch_board", board_between({shift - w, y1 - t, z0}, {shift + w, y1, z1}));
  for (int i = 0; i <= cells; ++i) {
    const double x = shift + (2.0 * i / cells - 1) * (w - t / 2 - 0.003);
    builder.add("side_panel", "hutch_side", board_between({x - t / 2, y0, z0 + 0.003}, {x + t / 2, y1 - t + 0.004, z1 - 0.006}));
  }
  if (low) return;
  if (rng.bernoulli(0.6))
    builder.add("back_panel", "hutch_back",
                board_between({shift - w + 0.006, y0 + 0.003, z0 - 0.004}, {shift + w - 0.006, y1 - 0.006, z0 + 0.006}));
  const int shelves = rng.uniform_int(0, 2);
  for (int i = 0; i < shelves; ++i) {
    const double y = y0 + (y1 - y0) * (i + 1.0) / (shelves + 1);
    builder.add("board", "hutch_board",
                board_between({shift - w + t / 2, y - t / 2, z0 + 0.004}, {shift + w - t / 2, y + t / 2, z1 - 0.01}));
  }
}

}  // namespace

void build_desk(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  DeskPlan desk;
  SeatPlan& top = desk.top;
  top.width = top.back_width = rng.uniform(1.05, 1.7), top.depth = rng.uniform(0.52, 0.76), top.top = rng.uniform(0.71, 0.77);
  top.thickness = rng.uniform(0.02, 0.045), top.front = top.rear = rng.uniform(30, 60);
  desk.front = draw_front_plan(rng), desk.block = rng.uniform(0.3, 0.42), desk.legs = draw_leg_plan(rng);
  if (desk.legs.style == LegStyle::kHairpin || desk.legs.style == LegStyle::kCabriole || desk.legs.style == LegStyle::kSabre)
    desk.legs.style = LegStyle::kSquare;
  desk.legs.thickness *= rng.uniform(1.0, 1.4);
  builder.add("table_top", "top",
              moved(pad({top.width, top.thickness, top.depth}, {.edge = rng.uniform(0.15, 0.9), .front = top.front, .rear = top.rear}),
                    {0, top.top - top.thickness / 2, 0}));
  const double weights[] = {3, 1.5, 1.5, 2, 1.2};
  const auto right = static_cast<Side>(rng.pick(weights));
  const auto left = rng.bernoulli(0.45) ? right : static_cast<Side>(rng.pick(weights));
  add_side(builder, desk, left, -1), add_side(builder, desk, right, 1);
  const double reach = top.width / 2 - 0.03, y = top.bottom();
  if (rng.bernoulli(0.6)) {
    const double z = -top.depth / 2 + rng.uniform(0.03, 0.1), drop = rng.uniform(0.12, 0.5);
    builder.add("back_panel", "modesty_panel", board_between({-reach, y - drop, z - 0.008}, {reach, y + 0.005, z + 0.008}));
  }
  const bool clear = right != Side::kHangingBlock && left != Side::kHangingBlock;
  if (clear && rng.bernoulli(0.4)) {  // a shallow drawer above the knees
    const double blocks = (right == Side::kBlock ? desk.block : 0.06) + (left == Side::kBlock ? desk.block : 0.06),
                 width = top.width - blocks - 0.06;
    const double x = ((left == Side::kBlock ? desk.block : 0.06) - (right == Side::kBlock ? desk.block : 0.06)) / 2,
                 h = rng.uniform(0.07, 0.11), z = top.depth / 2 - 0.035;
    builder.add("body", "drawer_box", board_between({x - width / 2, y - h, -top.depth * 0.2}, {x + width / 2, y + 0.005, z}));
    add_front(builder, desk.front, FrontKind::kDrawer, {x, y - h / 2}, {width - 0.01, h - 0.006}, z);
  }
  if (rng.bernoulli(0.35)) add_hutch(builder, desk);
}

}  // namespace looking3d
