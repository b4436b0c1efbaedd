#pragma once
// Furniture beside the seats: tables, desks, lamps, shelves, cabinets, and what several of them share. Lengths in metres, floor at y = 0,
// front +Z.
#include "shapes/chair_parts.h"

namespace looking3d {

/// How the fronts of one piece's drawers and doors look.
struct FrontPlan {
  int handle = 0;            ///< knob, bar, cup, lip, ring, none
  double thickness = 0.018;  ///< of the front
  double gap = 0.004;        ///< left open around it
  bool framed = false;       ///< a rim around a panel
  double size = 1;           ///< of the handles
};
FrontPlan draw_front_plan(Rng& rng);
enum class FrontKind { kDrawer, kDoorHingedLeft, kDoorHingedRight };
/// A drawer's or door's front with its handle, on a box whose face is the plane z = `face`. `centre` and `size` are those of its cell.
void add_front(ChairBuilder& builder, const FrontPlan& plan, FrontKind kind, const Vector2d& centre, const Vector2d& size, double face);

/// A board with rounded edges between two corners.
TriangleMesh board_between(const Vector3d& low, const Vector3d& high, double radius = 0.003);

void build_table(ChairBuilder& builder);
void build_desk(ChairBuilder& builder);
void build_lamp(ChairBuilder& builder);
void build_shelf(ChairBuilder& builder);
void build_cabinet(ChairBuilder& builder);

}  // namespace looking3d
