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

/// Factors of a section's first and second axis at s in [0, 1] along a path.
using Taper = std::function<Vector2d(double)>;
/// From 1 at the start to `end` at the end, on both axes.
Taper tapered_to(double end);

/// Sweeps a section along a path (at least two points) with rotation-minimising frames, closed by bevelled caps. `up` fixes the section's
/// second axis at the start.
TriangleMesh sweep(const std::vector<Vector3d>& path, const Section& section, const Vector3d& up = Vector3d::UnitZ(),
                   const Taper& taper = nullptr);
/// The same along a closed loop (first point not repeated), without caps.
TriangleMesh sweep_loop(const std::vector<Vector3d>& loop, const Section& section, const Vector3d& up);

/// Smooth curve through the points (Catmull-Rom), `steps` pieces a span.
std::vector<Vector3d> spline(const std::vector<Vector3d>& points, int steps = 6);

/// The straight line from a to b in `pieces`, for bending it afterwards.
std::vector<Vector3d> straight(const Vector3d& a, const Vector3d& b, int pieces);
/// The polyline with its corners rounded, as tubes are bent: `radius` shrinks where the sides are too short for it.
std::vector<Vector3d> rounded_path(const std::vector<Vector3d>& corners, double radius, bool closed = false, int steps = 5);

/// Solid of revolution about +Y: (radius, y) from bottom to top, closed by flat discs.
TriangleMesh lathe(const std::vector<Vector2d>& profile, int sides = 24);

/// Ring of revolution about +Y: the closed profile of (radius > 0, y) runs up on the outside and down on the inside.
TriangleMesh lathe_loop(const std::vector<Vector2d>& profile, int sides = 24);
/// A tube with open ends. Both sections have the same number of points; the bore lies within the outer one.
TriangleMesh hollow_sweep(const std::vector<Vector3d>& path, const Section& outer, const Section& bore,
                          const Vector3d& up = Vector3d::UnitY());

/// Takes the square [-1, 1]^2 to the superellipse |u|^p + |v|^p <= 1 with p = `front` for v > 0 and `rear` for v < 0: 2 is a circle, 12 a
/// square with rounded corners.
Vector2d superellipse(double u, double v, double front, double rear);

/// A curved sheet: plywood, moulded shells, slings, splats, lattices.
struct SheetOptions {
  double thickness = 0.012;
  int columns = 12, rows = 12;                      ///< cells along u and v
  std::vector<double> u_lines = {}, v_lines = {};   ///< instead of even cells: ascending from -1 to 1
  double front = 40, rear = 40;                     ///< exponents of its outline, see superellipse()
  std::function<bool(int, int)> is_hole = nullptr;  ///< cells (column, row) left out; no two holes or islands may meet in a corner only
  std::function<double(double, double)> swelling = nullptr;  ///< factor of the thickness at (u, v)
};
/// The sheet over (u, v) in [-1, 1]^2 with rounded rims; the side of d/du x d/dv is its front. `surface` must be smooth and not fold.
TriangleMesh sheet(const std::function<Vector3d(double, double)>& surface, const SheetOptions& options);
/// Options of a lattice of n x m openings whose bars take `share` of the pitch.
SheetOptions lattice(int openings_u, int openings_v, double share, double thickness);

/// Something padded or a board: a block centred at 0 that lies in the xz plane, +Y its good side.
struct PadOptions {
  double edge = 0.5;             ///< roundness of the edges, share of half of the height
  double front = 12, rear = 12;  ///< exponents of the outline, see superellipse()
  double crown = 0;              ///< how far the middle of the top rises (or sinks, < 0), metres
  double welt = 0;               ///< piping along the edges: how far it stands out, metres
  int tufts_x = 0, tufts_z = 0;  ///< buttons pressed into the top
  double tuft_depth = 0.012;
  int channels = 0;      ///< stitched grooves across x
  double waterfall = 0;  ///< how far the front edge curls down, metres
};
TriangleMesh pad(const Vector3d& size, const PadOptions& options);
/// The pad standing upright: x across, y up, its good side towards +Z.
TriangleMesh upright(const TriangleMesh& pad);

TriangleMesh moved(const TriangleMesh& mesh, const Vector3d& offset);
TriangleMesh turned(const TriangleMesh& mesh, double angle_rad, const Vector3d& axis, const Vector3d& centre = Vector3d::Zero());

}  // namespace looking3d
