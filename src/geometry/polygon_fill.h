#pragma once
// Planar regions with holes: from directed boundary segments to loops to triangles, without new vertices.
#include <Eigen/Core>
#include <optional>
#include <utility>
#include <vector>

namespace looking3d {

using BorderSegment = std::pair<int, int>;  ///< directed, by vertex index; the region lies on its left

/// Chains segments into closed loops of vertex indices. Nothing when some vertex is entered and left unequally often.
std::optional<std::vector<std::vector<int>>> trace_loops(const std::vector<BorderSegment>& segments);

/// Triangulates the region bounded by `loops` of indices into `points` (outer loops counter-clockwise, holes clockwise): ear clipping
/// after joining each hole to its outer loop. Each boundary segment ends up in exactly one triangle and all others lie in two, running
/// in opposite directions, and the signed area is that of the loops, however degenerate they are.
std::vector<Eigen::Vector3i> fill_region(const std::vector<Eigen::Vector2d>& points, const std::vector<std::vector<int>>& loops);

}  // namespace looking3d
