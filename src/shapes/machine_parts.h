#pragma once
// Machine parts and assemblies: brackets, flanges, gears, pipes. Drawn about a metre in size, standing on the floor y = 0, front +Z.
#include "shapes/chair_parts.h"
#include "shapes/solids.h"

namespace looking3d {

/// The fasteners of one assembly.
struct FastenerPlan {
  BoltStyle style = BoltStyle::kHexagon;
  double radius = 0.03;  ///< of the shank
  bool washers = false;
};
FastenerPlan draw_fasteners(Rng& rng, double radius);
/// A bolt whose head lies on the surface at `at` and looks along `axis`, its shank `length` deep; a washer below where the plan has them.
void add_bolt(ChairBuilder& builder, const FastenerPlan& plan, const Vector3d& at, const Vector3d& axis, double length);
void add_nut(ChairBuilder& builder, const FastenerPlan& plan, const Vector3d& at, const Vector3d& axis);

void build_bracket(ChairBuilder& builder);
void build_flange(ChairBuilder& builder);
void build_gear(ChairBuilder& builder);
void build_pipes(ChairBuilder& builder);

}  // namespace looking3d
