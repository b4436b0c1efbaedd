#include "pose/mesh_raster.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "base/check.h"

namespace looking3d {
namespace {

using Eigen::Vector3f;

constexpr float kNearest = 0.05f;  ///< depth, canonical units: nothing of an object is this near to its camera

/// First and last pixel whose centre lies in [low, high], within [0, size).
struct Span {
  int first, last;
  Span(float low, float high, int size)
      : first(static_cast<int>(std::ceil(std::clamp(low, 0.0f, static_cast<float>(size)) - 0.5f))),
        last(static_cast<int>(std::floor(std::clamp(high, 0.0f, static_cast<float>(size)) - 0.5f))) {}
};

/// Projects vertices to (x px, y px, 1 / z).
void project(const TriangleMesh& mesh, const Camera& camera, const Eigen::Isometry3d& world_from_mesh, std::vector<Vector3f>& projected) {
  const Eigen::Isometry3f camera_from_mesh = (camera.camera_from_world * world_from_mesh).cast<float>();
  const auto focal = static_cast<float>(camera.focal_px);
  const Eigen::Vector2f centre = camera.centre_px.cast<float>();
  projected.resize(mesh.vertices.size());
  for (size_t i = 0; i < projected.size(); ++i) {
    const Vector3f x = camera_from_mesh * mesh.vertices[i];
    const float inverse = x.z() > kNearest ? 1 / x.z() : 0;
    projected[i] = {focal * x.x() * inverse + centre.x(), focal * x.y() * inverse + centre.y(), inverse};
  }
}

/// Fills the triangle of projected corners, nearest wins. Pixels on an edge belong to both of its triangles.
void fill(const Vector3f& a, const Vector3f& b, const Vector3f& c, cv::Mat& inverse_depth) {
  const Span rows(std::min({a.y(), b.y(), c.y()}), std::max({a.y(), b.y(), c.y()}), inverse_depth.rows);
  const Vector3f ab = b - a, ac = c - a;
  const float area = ab.x() * ac.y() - ab.y() * ac.x();
  if (rows.first > rows.last || std::abs(area) < 1e-9f) return;
  // 1/z as a plane over the image.
  const float slope_x = (ab.z() * ac.y() - ac.z() * ab.y()) / area, slope_y = (ac.z() * ab.x() - ab.z() * ac.x()) / area;
  const float nearest = std::max({a.z(), b.z(), c.z()});  // slivers seen from the side have slopes beyond float's precision
  const std::array<const Vector3f*, 4> corners{&a, &b, &c, &a};
  for (int y = rows.first; y <= rows.last; ++y) {
    // The row's stretch inside the triangle lies between the two edges that cross it.
    const float row = static_cast<float>(y) + 0.5f;
    float left = 1e30f, right = -1e30f;
    for (int k = 0; k < 3; ++k) {
      const Vector3f &p = *corners[k], &q = *corners[k + 1];
      if ((p.y() > row && q.y() > row) || (p.y() < row && q.y() < row) || p.y() == q.y()) continue;
      const float x = p.x() + (q.x() - p.x()) * ((row - p.y()) / (q.y() - p.y()));
      left = std::min(left, x), right = std::max(right, x);
    }
    const Span columns(left, right, inverse_depth.cols);
    auto* pixels = inverse_depth.ptr<float>(y);
    float value = a.z() + slope_x * (static_cast<float>(columns.first) + 0.5f - a.x()) + slope_y * (row - a.y());
    for (int x = columns.first; x <= columns.last; ++x, value += slope_x) pixels[x] = std::max(pixels[x], std::min(value, nearest));
  }
}

cv::Rect fill_all(const TriangleMesh& mesh, const std::vector<Vector3f>& projected, cv::Mat& inverse_depth) {
  float left = 1e30f, right = -1e30f, top = 1e30f, bottom = -1e30f;
  for (const Vector3f& p : projected) {
    if (p.z() == 0) continue;
    left = std::min(left, p.x()), right = std::max(right, p.x());
    top = std::min(top, p.y()), bottom = std::max(bottom, p.y());
  }
  const Span columns(left, right, inverse_depth.cols), rows(top, bottom, inverse_depth.rows);
  if (columns.first > columns.last || rows.first > rows.last) return {};
  for (const Eigen::Vector3i& t : mesh.triangles) {
    const Vector3f &a = projected[static_cast<size_t>(t[0])], &b = projected[static_cast<size_t>(t[1])],
                   &c = projected[static_cast<size_t>(t[2])];
    if (a.z() > 0 && b.z() > 0 && c.z() > 0) fill(a, b, c, inverse_depth);
  }
  return {columns.first, rows.first, columns.last - columns.first + 1, rows.last - rows.first + 1};
}

}  // namespace

MeshRaster::MeshRaster(const TriangleMesh& mesh, const Camera& camera)
    : mesh_(&mesh), camera_(camera), inverse_depth_(cv::Mat::zeros(camera.height, camera.width, CV_32F)) {}

cv::Rect MeshRaster::draw(const Eigen::Isometry3d& world_from_mesh) {
  inverse_depth_(drawn_).setTo(0);
  project(*mesh_, camera_, world_from_mesh, projected_);
  drawn_ = fill_all(*mesh_, projected_, inverse_depth_);
  return drawn_;
}

cv::Rect draw_over(cv::Mat& inverse_depth, const TriangleMesh& mesh, const Camera& camera) {
  L3D_CHECK_EQ(inverse_depth.type(), CV_32F);
  L3D_CHECK_EQ(inverse_depth.rows, camera.height);
  L3D_CHECK_EQ(inverse_depth.cols, camera.width);
  std::vector<Vector3f> projected;
  project(mesh, camera, Eigen::Isometry3d::Identity(), projected);
  return fill_all(mesh, projected, inverse_depth);
}

TriangleMesh coarser(const TriangleMesh& mesh, double cell) {
  L3D_CHECK(cell > 0, "the size of a cell");
  // Vertices of one cell become their mean; cells are numbered as they come.
  std::unordered_map<uint64_t, int> cells;
  cells.reserve(mesh.vertices.size());
  std::vector<int> cell_of(mesh.vertices.size()), members;
  TriangleMesh coarse;
  for (size_t i = 0; i < mesh.vertices.size(); ++i) {
    const Vector3f& v = mesh.vertices[i];
    uint64_t key = 0;  // 21 bits of each coordinate: more than a canonical object has cells
    for (int k = 0; k < 3; ++k) key = key << 21 | (static_cast<uint64_t>(std::floor(v[k] / cell) + (1 << 20)) & 0x1fffff);
    const auto [at, fresh] = cells.try_emplace(key, static_cast<int>(cells.size()));
    if (fresh) coarse.vertices.emplace_back(0, 0, 0), members.push_back(0);
    cell_of[i] = at->second;
    coarse.vertices[static_cast<size_t>(at->second)] += v;
    ++members[static_cast<size_t>(at->second)];
  }
  for (size_t i = 0; i < members.size(); ++i) coarse.vertices[i] /= static_cast<float>(members[i]);
  // Of triangles that came to have the same corners one is enough: which side it faces does not matter here.
  std::vector<std::array<int, 3>> triangles;
  for (const Eigen::Vector3i& t : mesh.triangles) {
    std::array<int, 3> corners{cell_of[static_cast<size_t>(t[0])], cell_of[static_cast<size_t>(t[1])], cell_of[static_cast<size_t>(t[2])]};
    std::sort(corners.begin(), corners.end());
    if (corners[0] != corners[1] && corners[1] != corners[2]) triangles.push_back(corners);
  }
  std::sort(triangles.begin(), triangles.end());
  triangles.erase(std::unique(triangles.begin(), triangles.end()), triangles.end());
  for (const auto& t : triangles) coarse.triangles.emplace_back(t[0], t[1], t[2]);
  return coarse;
}

}  // namespace looking3d
