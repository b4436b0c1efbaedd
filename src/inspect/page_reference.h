#pragma once
// The reference as the report's page carries it: a mesh to turn, and the views in which patches are found again.
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "base/files.h"
#include "engine/reference_data.h"

namespace looking3d {

inline constexpr size_t kPageTriangles = 200'000;    ///< of a mesh that a page carries, about 3 MB
inline constexpr size_t kMostTriangles = 2'000'000;  ///< of a mesh that is simplified for a page; a larger one is left out

/// The parts' meshes of a shape in at most kPageTriangles triangles: vertices are welded at growing distances, up to 2 % of the shape's
/// radius, until they are so few. Nothing when that does not do, or the shape has more than kMostTriangles.
std::optional<std::vector<TriangleMesh>> page_meshes(const Shape& shape);

/// For web/report_3d.js: {"triangles": drawn, "vertices": base64 of int16 x, y, z (32767: 1 canonical unit), "indices": base64 of uint32
/// corners, "parts": [{"name", "first", "count"}] (corners)}. All little-endian. null where page_meshes gives none.
Json page_mesh(const Shape& shape);

/// The reference's 20 views in grey, CV_8U; none for a reference without a mesh.
std::vector<cv::Mat> page_views(const ReferenceData& reference);

}  // namespace looking3d
