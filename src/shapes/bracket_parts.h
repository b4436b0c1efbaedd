#pragma once
// What brackets are composed of: floor plates, uprights with holes, gussets, bosses.
#include <vector>

#include "shapes/machine_parts.h"

namespace looking3d {

inline constexpr double kSink = 0.004;  ///< how deep one plate is let into another

/// A base plate on the floor.
struct Base {
  double w = 0.8, d = 0.5, t = 0.07;  ///< width along x, depth along z, thickness
  double corner = 0.05;
  std::vector<Vector2d> holes;  ///< (x, z)
  double hole_radius = 0.03;
  double shift_z = 0;
};
Base draw_base(Rng& rng);
/// The plate with its holes, and `more` openings in its own plane.
TriangleMesh base_mesh(const Base& base, const std::vector<Outline>& more = {});
/// Which of the holes have bolts: all, none, or a random half.
void add_base_bolts(ChairBuilder& builder, const Base& base, const FastenerPlan& fasteners);

/// The outline of an upright plate over its foot line y = 0: square, round-headed, tapered, with cut corners, or stepped.
Outline web_outline(Rng& rng, double w, double h);

/// Holes of an upright plate: one bore, a pair, a row, a square of four, slots.
struct WebHoles {
  std::vector<Outline> outlines;
  std::vector<Vector2d> round;  ///< centres that may take a bolt
  double radius = 0.03, bore = 0;
  Vector2d bore_at{0, 0};
};
WebHoles draw_web_holes(Rng& rng, double w, double h);
/// Bolts through the round holes of the upright of thickness t whose foot line has its middle at `foot`, with nuts behind.
void add_web_bolts(ChairBuilder& builder, const WebHoles& holes, const FastenerPlan& fasteners, const Vector3d& foot, double t);

/// A rib in the corner between floor plate and upright, in the plane z-y, its right angle at the origin: reaching `deep` along +Z.
TriangleMesh gusset(Rng rng, double deep, double tall, double t);
/// A raised ring around a bore in the plane z = 0, towards +Z.
TriangleMesh boss(double bore, double outer, double length);

}  // namespace looking3d
