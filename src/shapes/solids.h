#pragma once
// Solids that machine parts are composed of: plates with holes, fasteners, and how they are put in place. Lengths in metres, +Y up.
#include <vector>

#include "shapes/members.h"

namespace looking3d {

/// A closed line in a plane, counter-clockwise, that does not cross itself.
using Outline = std::vector<Vector2d>;
Outline circle_outline(const Vector2d& centre, double radius, int sides = 24);
/// A polygon with its corners rounded; radius 0 leaves them sharp.
Outline rounded_outline(const Outline& corners, double radius, int steps = 4);
/// A rectangle about `centre` with rounded corners.
Outline rectangle_outline(const Vector2d& centre, const Vector2d& size, double radius);
/// A slot with round ends from a to b.
Outline slot_outline(const Vector2d& a, const Vector2d& b, double radius);

struct ExtrusionOptions {
  double bevel = 0;                 ///< of all edges; at most a quarter of the thickness is taken
  int layers = 1;                   ///< subdivisions along z, for deforming it afterwards
  std::vector<Outline> holes = {};  ///< through it: inside the outline, apart from one another
};
/// The outline in the xy plane given a thickness along z, centred at z = 0.
TriangleMesh extruded(const Outline& outline, double thickness, const ExtrusionOptions& options = {});

/// Turns what was extruded along z: `laid` lets z become up (y becomes -z), `sideways` lets z become x (x becomes -z).
TriangleMesh laid(const TriangleMesh& mesh);
TriangleMesh sideways(const TriangleMesh& mesh);
/// Turns +Y into `axis` and moves the origin to `origin`.
TriangleMesh placed(const TriangleMesh& mesh, const Vector3d& origin, const Vector3d& axis);

// Fasteners along +Y with what lies on the plate at y = 0; their shanks reach down to -length.
enum class BoltStyle { kHexagon, kSocket, kDome, kFlanged };
TriangleMesh bolt(BoltStyle style, double shank_radius, double length);
TriangleMesh hexagon_nut(double shank_radius);  ///< with the end of a bolt that looks out of it
TriangleMesh washer(double shank_radius);
/// Height of the bolt's head over y = 0.
double head_height(BoltStyle style, double shank_radius);

/// A wheel about +Y at y = 0: rim, hub and spokes. All are pieces of one mesh.
TriangleMesh handwheel(double radius, double thickness, int spokes);

}  // namespace looking3d
