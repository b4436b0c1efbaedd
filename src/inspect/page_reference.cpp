#include "inspect/page_reference.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "inspect/page.h"
#include "render/reference_views.h"

namespace looking3d {
namespace {

static_assert(std::endian::native == std::endian::little, "a page's numbers are little-endian");

constexpr double kFinestWeld = 0.00125, kCoarsestWeld = 0.02;  ///< canonical units

template <class Number>
std::string base64_of(const std::vector<Number>& numbers) {
  return base64({reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)});
}

size_t triangle_count(const std::vector<TriangleMesh>& meshes) {
  size_t count = 0;
  for (const TriangleMesh& mesh : meshes) count += mesh.triangles.size();
  return count;
}

}  // namespace

std::optional<std::vector<TriangleMesh>> page_meshes(const Shape& shape) {
  if (shape.parts.empty() || shape.triangle_count() > kMostTriangles) return {};
  std::vector<TriangleMesh> meshes;
  for (const Part& part : shape.parts) meshes.push_back(part.mesh);
  for (double distance = kFinestWeld; triangle_count(meshes) > kPageTriangles; distance *= 2) {
    if (distance > kCoarsestWeld) return {};
    for (TriangleMesh& mesh : meshes) mend(mesh, distance);
  }
  return meshes;
}

Json page_mesh(const Shape& shape) {
  const auto meshes = page_meshes(shape);
  if (!meshes) return nullptr;
  constexpr double kUnit = std::numeric_limits<int16_t>::max();
  std::vector<int16_t> coordinates;
  std::vector<uint32_t> corners;
  Json parts = Json::array();
  for (size_t i = 0; i < meshes->size(); ++i) {
    const TriangleMesh& mesh = (*meshes)[i];
    const size_t before = coordinates.size() / 3;
    parts.push_back({{"name", shape.parts[i].name}, {"first", corners.size()}, {"count", 3 * mesh.triangles.size()}});
    for (const Eigen::Vector3f& vertex : mesh.vertices)
      for (const float x : vertex) coordinates.push_back(static_cast<int16_t>(std::lround(kUnit * std::clamp(double(x), -1.0, 1.0))));
    for (const Eigen::Vector3i& triangle : mesh.triangles)
      for (const int corner : triangle) corners.push_back(static_cast<uint32_t>(before + static_cast<size_t>(corner)));
  }
  return {{"triangles", corners.size() / 3}, {"vertices", base64_of(coordinates)}, {"indices", base64_of(corners)}, {"parts", parts}};
}

std::vector<cv::Mat> page_views(const ReferenceData& reference) {
  std::vector<cv::Mat> views;
  if (!reference.has_mesh()) return views;
  for (const ReferenceView& view : render_reference_views(reference.scene, reference.shape.all_vertices())) views.push_back(view.grey);
  return views;
}

}  // namespace looking3d
