#pragma once
// Members: the closed, outward-oriented solids that furniture is composed of. Lengths in metres, +Y up.
#include <functional>
#include <vector>

#include "geometry/mesh.h"

namespace looking3d {

using Eigen::Vector2d;
using Eigen::Vector3d;

struct RoundedBoxOptions {
  double radius = 0.005;         ///< of all edges; clipped to half of the smallest side
  int round_segments = 2;        ///< facets across a rounded edge
  int divisions[3] = {1, 1, 1};  ///< subdivisions along x, y, z, for deforming the box afterwards
};
/// A box centred at 0 with rounded edges and corners.
TriangleMesh rounded_box(const Vector3d& size, const RoundedBoxOptions& options = {});

/// Moves each vertex. `map` must keep orientation and not fold the surface.
TriangleMesh deformed(TriangleMesh mesh, const std::function<Vector3d(const Vector3d&)>& map);

/// Cross-section in the plane across the path, counter-clockwise and convex.
using Section = std::vector<Vector2d>;
Section circle_section(double radius, int sides = 16);
Section rectangle_section(double width, double height, double corner_radius, int corner_segments = 2);

/// Sweeps a section along a path (at least two points) with rotation-minimising frames, closed by flat caps. `scale(s)` multiplies the
/// section at s in [0, 1] along the path. `up` fixes the section's second axis at the start.
TriangleMesh sweep(const std::vector<Vector3d>& path, const Section& section, const Vector3d& up = Vector3d::UnitZ(),
                   const std::function<double(double)>& scale = nullptr);
/// The same along a closed loop (first point not repeated), without caps.
TriangleMesh sweep_loop(const std::vector<Vector3d>& loop, const Section& section, const Vector3d& up);

/// Smooth curve through the points (Catmull-Rom), `steps` pieces a span.
std::vector<Vector3d> spline(const std::vector<Vector3d>& points, int steps = 6);

/// Solid of revolution about +Y: (radius, y) from bottom to top, closed by flat discs.
TriangleMesh lathe(const std::vector<Vector2d>& profile, int sides = 24);

TriangleMesh moved(const TriangleMesh& mesh, const Vector3d& offset);
TriangleMesh turned(const TriangleMesh& mesh, double angle_rad, const Vector3d& axis, const Vector3d& centre = Vector3d::Zero());

}  // namespace looking3d
