#include "geometry/mesh_cut.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <unordered_map>

#include "geometry/polygon_fill.h"

// How it stays watertight: every vertex of the cut is known by what makes it (mesh edge x plane, triangle x cutter edge, cutter corner)
// and made once; each region, a piece of a triangle or of a cutter's facet, is then a set of directed segments between such vertices, and
// regions that meet share a segment, run in opposite directions. Coordinates only decide the order of things along lines; where rounding
// could decide wrongly, the attempt is given up and the cutter shifted a little.

namespace looking3d {
namespace {

using Eigen::Vector2d;
using Eigen::Vector3d;
using Eigen::Vector3f;
using Eigen::Vector3i;

constexpr int kAttempts = 6;         ///< shifts of the cutter before the cut is refused
constexpr double kShift = 1e-6;      ///< first shift as a share of the cutter's size; grows tenfold every second time
constexpr double kTooClose = 1e-12;  ///< heights and gaps below this are not trusted

/// The part of a mesh edge inside the cutter, from its lower to its higher vertex.
struct EdgeCut {
  bool hit = false;
  double t[2] = {0, 1};
  int plane[2] = {-1, -1};   ///< -1: the edge's own end lies inside
  int vertex[2] = {-1, -1};  ///< where the edge goes in and comes out
};

/// Side of the polygon triangle-inside-cutter that starts in `x`: a side of the triangle (0..2), or a plane of the cutter (3 + k).
struct Side {
  Vector3d x;
  int source;
};
using Polygon = std::vector<Side>;

struct Pierce {
  double at;  ///< along the cutter's edge
  int vertex;
  int step;  ///< change of the winding number when passing it
};

uint64_t edge_key(int a, int b) {
  return static_cast<uint64_t>(std::min(a, b)) << 32 | static_cast<uint64_t>(std::max(a, b));
}

class Subtraction {
 public:
  Subtraction(const TriangleMesh& mesh, const ConvexCutter& cutter) : mesh_(mesh), planes_(cutter.planes), frame_(frame_of(cutter)) {}

  /// False when rounding could have decided something wrongly.
  bool run() {
    if (!frame_.sound) return false;
    join_vertices();
    find_closed_components();
    for (size_t t = 0; t < mesh_.triangles.size() && sound_; ++t) cut_triangle(static_cast<int>(t));
    if (sound_ && result_.touched_triangles > 0) cap();
    return sound_;
  }

  bool sound_cutter() const { return frame_.sound; }

  CutResult take() {
    if (result_.touched_triangles == 0) {
      result_.mesh = mesh_;
      return std::move(result_);
    }
    // Keep used vertices, in order.
    std::vector<int> map(x_.size(), -1);
    for (const Vector3i& t : triangles_)
      for (int k = 0; k < 3; ++k) map[t[k]] = 0;
    for (size_t i = 0; i < x_.size(); ++i) {
      if (map[i] < 0) continue;
      map[i] = static_cast<int>(result_.mesh.vertices.size());
      result_.mesh.vertices.push_back(i < mesh_.vertices.size() ? mesh_.vertices[i] : Vector3f(x_[i].cast<float>()));
    }
    for (const Vector3i& t : triangles_) result_.mesh.triangles.emplace_back(map[t[0]], map[t[1]], map[t[2]]);
    return std::move(result_);
  }

 private:
  /// Vertices as they are if the mesh closes that way, else equal positions taken as one.
  void join_vertices() {
    join_.resize(mesh_.vertices.size());
    std::iota(join_.begin(), join_.end(), 0);
    if (!topology(mesh_).watertight()) {
      std::map<std::array<float, 3>, int> first;
      for (size_t i = 0; i < join_.size(); ++i) {
        const Vector3f& v = mesh_.vertices[i];
        join_[i] = first.try_emplace({v.x(), v.y(), v.z()}, static_cast<int>(i)).first->second;
      }
    }
    for (const Vector3f& v : mesh_.vertices) x_.push_back(v.cast<double>());
    height_.resize(x_.size() * planes_.size());
    for (size_t i = 0; i < x_.size(); ++i)
      for (size_t k = 0; k < planes_.size(); ++k) height_[i * planes_.size() + k] = planes_[k].height(x_[i]);
  }

  double height(int vertex, size_t plane) const { return height_[static_cast<size_t>(vertex) * planes_.size() + plane]; }
  int corner(int triangle, int k) const { return join_[mesh_.triangles[triangle][k % 3]]; }

  /// Components by shared edges; one is closed when each edge is run through equally often both ways.
  void find_closed_components() {
    std::unordered_map<uint64_t, std::pair<int, int>> edges;  // first triangle, balance
    std::vector<int> parent(mesh_.triangles.size());
    std::iota(parent.begin(), parent.end(), 0);
    const auto find = [&](int t) {
      while (parent[t] != t) t = parent[t] = parent[parent[t]];
      return t;
    };
    for (size_t t = 0; t < mesh_.triangles.size(); ++t)
      for (int k = 0; k < 3; ++k) {
        const int a = corner(static_cast<int>(t), k), b = corner(static_cast<int>(t), k + 1);
        const auto [edge, fresh] = edges.try_emplace(edge_key(a, b), static_cast<int>(t), 0);
        edge->second.second += a < b ? 1 : a > b ? -1 : 0;
        if (!fresh) parent[find(static_cast<int>(t))] = find(edge->second.first);
      }
    closed_.assign(mesh_.triangles.size(), true);
    for (const auto& [key, edge] : edges)
      if (edge.second != 0) closed_[find(edge.first)] = false;
    for (size_t t = 0; t < closed_.size(); ++t) closed_[t] = closed_[find(static_cast<int>(t))];
  }

  const EdgeCut& edge_cut(int a, int b) {
    const auto [found, fresh] = edges_.try_emplace(edge_key(a, b));
    EdgeCut& cut = found->second;
    if (!fresh) return cut;
    if (a > b) std::swap(a, b);
    bool close = false;
    for (size_t k = 0; k < planes_.size(); ++k) {
      const double ha = height(a, k), hb = height(b, k);
      close = close || std::min(std::abs(ha), std::abs(hb)) < kTooClose;
      if (ha >= 0 && hb >= 0) return cut;
      if (ha < 0 && hb < 0) continue;
      const double t = ha / (ha - hb);
      const int end = ha > 0 ? 0 : 1;
      if (end == 0 ? t > cut.t[0] : t < cut.t[1]) cut.t[end] = t, cut.plane[end] = static_cast<int>(k);
    }
    cut.hit = cut.t[0] < cut.t[1];
    if (std::abs(cut.t[1] - cut.t[0]) < kTooClose) sound_ = false;
    if (!cut.hit) return cut;
    if (close) sound_ = false;
    for (int end = 0; end < 2; ++end) cut.vertex[end] = cut.plane[end] < 0 ? (end == 0 ? a : b) : add(x_[a] + cut.t[end] * (x_[b] - x_[a]));
    return cut;
  }

  int add(const Vector3d& x) {
    x_.push_back(x);
    return static_cast<int>(x_.size()) - 1;
  }

  /// The triangle inside the cutter, side by side (Sutherland and Hodgman 1974).
  Polygon clip(int triangle) {
    Polygon polygon;
    for (int k = 0; k < 3; ++k) polygon.push_back({x_[corner(triangle, k)], k});
    for (size_t p = 0; p < planes_.size() && !polygon.empty(); ++p) {
      Polygon kept;
      for (size_t i = 0; i < polygon.size(); ++i) {
        const Side &side = polygon[i], &next = polygon[(i + 1) % polygon.size()];
        const double ha = planes_[p].height(side.x), hb = planes_[p].height(next.x);
        if (std::abs(ha) < kTooClose) sound_ = false;
        const Vector3d crossing = side.x + (next.x - side.x) * (ha / (ha - hb));
        if (ha < 0) kept.push_back(side);
        if (ha < 0 && hb >= 0) kept.push_back({crossing, static_cast<int>(p) + 3});
        if (ha >= 0 && hb < 0) kept.push_back({crossing, side.source});
      }
      polygon = std::move(kept);
    }
    return polygon;
  }

  void cut_triangle(int t) {
    const bool outside = [&] {
      for (size_t k = 0; k < planes_.size(); ++k)
        if (height(corner(t, 0), k) > kTooClose && height(corner(t, 1), k) > kTooClose && height(corner(t, 2), k) > kTooClose) return true;
      return false;
    }();
    const Polygon inside = outside ? Polygon() : clip(t);
    if (!sound_) return;
    if (inside.empty()) {
      for (int k = 0; k < 3 && !outside; ++k) sound_ = sound_ && !edge_cut(corner(t, k), corner(t, k + 1)).hit;
      triangles_.push_back(mesh_.triangles[t]);
      return;
    }
    ++result_.touched_triangles;
    result_.closed = result_.closed && closed_[t];
    count_removed(t, inside);
    const std::vector<int> ids = name_corners(t, inside);
    if (!sound_) return;

    // What is left: the triangle's sides outside the cutter, and the clipped polygon's new sides turned round.
    std::vector<BorderSegment> border;
    for (int k = 0; k < 3; ++k) {
      const int a = corner(t, k), b = corner(t, k + 1);
      const EdgeCut& cut = edge_cut(a, b);
      const int in = cut.vertex[a < b ? 0 : 1], out = cut.vertex[a < b ? 1 : 0];
      if (!cut.hit) border.emplace_back(a, b);
      if (cut.hit && in != a) border.emplace_back(a, in);
      if (cut.hit && out != b) border.emplace_back(out, b);
    }
    for (size_t i = 0; i < inside.size(); ++i) {
      if (inside[i].source < 3) continue;
      const int a = ids[i], b = ids[(i + 1) % ids.size()];
      border.emplace_back(b, a);
      if (closed_[t]) facets_[inside[i].source - 3].emplace_back(a, b);
    }
    const Vector3d ab = x_[corner(t, 1)] - x_[corner(t, 0)], ac = x_[corner(t, 2)] - x_[corner(t, 0)];
    fill(border, ab.cross(ac));
  }

  void count_removed(int t, const Polygon& inside) {
    for (size_t i = 1; i + 1 < inside.size(); ++i) {
      result_.removed_area += (inside[i].x - inside[0].x).cross(inside[i + 1].x - inside[0].x).norm() / 2;
      if (closed_[t]) result_.removed_volume += inside[0].x.dot(inside[i].x.cross(inside[i + 1].x)) / 6;
    }
  }

  /// The vertex at the start of each side, by what meets there; makes those inside the triangle, and records them on the cutter's edges.
  std::vector<int> name_corners(int t, const Polygon& polygon) {
    std::vector<int> ids;
    std::array<bool, 3> seen{};
    for (size_t i = 0; i < polygon.size(); ++i) {
      const int before = polygon[(i + polygon.size() - 1) % polygon.size()].source, after = polygon[i].source;
      if (after < 3) seen[after] = true;
      if (before < 3 && after < 3) {
        ids.push_back(corner(t, after));
        sound_ = sound_ && after == (before + 1) % 3;
      } else if (before < 3 || after < 3) {
        const int k = std::min(before, after), a = corner(t, k), b = corner(t, k + 1);
        const EdgeCut& cut = edge_cut(a, b);
        const int end = (after < 3) == (a < b) ? 0 : 1;
        sound_ = sound_ && cut.hit && cut.plane[end] == std::max(before, after) - 3;
        ids.push_back(cut.vertex[end]);
      } else {
        const int k = before - 3, l = after - 3, vertex = add(polygon[i].x);
        sound_ = sound_ && k != l;
        ids.push_back(vertex);
        // The corner turns left from k to l, seen from outside: along normal_k x normal_l the line leaves the solid there.
        const Vector3d along = planes_[std::min(k, l)].normal.cross(planes_[std::max(k, l)].normal);
        if (closed_[t]) pierces_[{std::min(k, l), std::max(k, l)}].push_back({along.dot(polygon[i].x), vertex, k < l ? -1 : 1});
      }
    }
    for (int k = 0; k < 3; ++k) sound_ = sound_ && seen[k] == edge_cut(corner(t, k), corner(t, k + 1)).hit;
    return ids;
  }

  /// How often the closed components wind around a point (sum of solid angles; van Oosterom and Strackee 1983).
  int winding_number(const Vector3d& x) {
    double sum = 0;
    for (size_t t = 0; t < mesh_.triangles.size(); ++t) {
      if (!closed_[t]) continue;
      const Vector3d a = x_[corner(static_cast<int>(t), 0)] - x, b = x_[corner(static_cast<int>(t), 1)] - x,
                     c = x_[corner(static_cast<int>(t), 2)] - x;
      const double la = a.norm(), lb = b.norm(), lc = c.norm();
      sum += std::atan2(a.dot(b.cross(c)), la * lb * lc + a.dot(b) * lc + b.dot(c) * la + c.dot(a) * lb);
    }
    const double turns = sum / (2 * std::numbers::pi);
    if (std::abs(turns - std::round(turns)) > 0.1) sound_ = false;
    return static_cast<int>(std::lround(turns));
  }

  /// Winding numbers of all corners of the cutter: of one by its solid angles, of the others by the surfaces passed on the way.
  std::vector<int> wind_corners() {
    std::vector<int> winding(frame_.corners.size());
    std::vector<bool> known(frame_.corners.size());
    known[0] = true;
    winding[0] = winding_number(frame_.corners[0]);
    for (bool grown = true; grown;) {
      grown = false;
      for (const CutterEdge& edge : frame_.edges) {
        int change = 0;
        for (const Pierce& pierce : pierces_[{edge.k, edge.l}]) change += pierce.step;
        if (known[edge.from] && known[edge.to]) {
          sound_ = sound_ && winding[edge.to] == winding[edge.from] + change;
        } else if (known[edge.from] || known[edge.to]) {
          const bool forward = known[edge.from];
          (forward ? winding[edge.to] : winding[edge.from]) = forward ? winding[edge.from] + change : winding[edge.to] - change;
          known[edge.from] = known[edge.to] = grown = true;
        }
      }
    }
    return winding;
  }

  /// Closes the cut with the cutter's facets inside the solid.
  void cap() {
    const std::vector<int> winding = wind_corners();
    std::map<int, int> corner_vertex;
    const auto vertex_of = [&](int corner) {
      const auto [found, fresh] = corner_vertex.try_emplace(corner, 0);
      if (fresh) found->second = add(frame_.corners[corner]);
      return found->second;
    };
    // The cutter's edges inside the solid bound the facets on both sides.
    for (const CutterEdge& edge : frame_.edges) {
      auto& pierces = pierces_[{edge.k, edge.l}];
      std::sort(pierces.begin(), pierces.end(), [](const Pierce& a, const Pierce& b) { return a.at < b.at; });
      int depth = winding[edge.from], start = depth != 0 ? vertex_of(edge.from) : -1;
      for (size_t i = 0; i <= pierces.size(); ++i) {
        const bool last = i == pierces.size();
        const int end = !last ? pierces[i].vertex : depth != 0 ? vertex_of(edge.to) : -1;
        for (int copy = 0; copy < std::abs(depth); ++copy) {
          facets_[edge.l].emplace_back(depth > 0 ? start : end, depth > 0 ? end : start);
          facets_[edge.k].emplace_back(depth > 0 ? end : start, depth > 0 ? start : end);
        }
        if (last) break;
        depth += pierces[i].step;
        start = end;
      }
    }
    const size_t before = triangles_.size();
    for (const auto& [plane, segments] : facets_) fill(segments, -planes_[plane].normal);
    for (size_t t = before; t < triangles_.size(); ++t)
      result_.removed_volume -= x_[triangles_[t][0]].dot(x_[triangles_[t][1]].cross(x_[triangles_[t][2]])) / 6;
  }

  /// Fills the region left of the segments, seen against `normal`.
  void fill(const std::vector<BorderSegment>& segments, const Vector3d& normal) {
    const auto loops = trace_loops(segments);
    if (!loops) sound_ = false;
    if (!sound_) return;
    const Vector3d w = normal.norm() > 1e-30 ? Vector3d(normal.normalized()) : Vector3d(0, 0, 1), u = w.unitOrthogonal(), v = w.cross(u);
    std::map<int, int> local;
    std::vector<int> vertices;
    std::vector<Vector2d> points;
    std::vector<std::vector<int>> local_loops = *loops;
    for (auto& loop : local_loops)
      for (int& i : loop) {
        const auto [found, fresh] = local.try_emplace(i, static_cast<int>(points.size()));
        if (fresh) vertices.push_back(i), points.emplace_back(u.dot(x_[i] - x_[vertices[0]]), v.dot(x_[i] - x_[vertices[0]]));
        i = found->second;
      }
    for (const Vector3i& t : fill_region(points, local_loops))
      if (t[0] != t[1] && t[1] != t[2] && t[2] != t[0]) triangles_.emplace_back(vertices[t[0]], vertices[t[1]], vertices[t[2]]);
  }

  const TriangleMesh& mesh_;
  const std::vector<HalfSpace>& planes_;
  const CutterFrame frame_;
  std::vector<int> join_;       ///< vertex that stands for each of the mesh's
  std::vector<Vector3d> x_;     ///< the mesh's vertices, then those of the cut
  std::vector<double> height_;  ///< vertex x plane
  std::vector<bool> closed_;    ///< triangle belongs to a closed component
  std::unordered_map<uint64_t, EdgeCut> edges_;
  std::map<std::pair<int, int>, std::vector<Pierce>> pierces_;
  std::map<int, std::vector<BorderSegment>> facets_;  ///< border of the solid inside each facet of the cutter
  std::vector<Vector3i> triangles_;
  CutResult result_;
  bool sound_ = true;
};

}  // namespace

std::string name_of(CutRefusal refusal) {
  return refusal == CutRefusal::kUnsoundCutter ? "unsound_cutter" : "not_watertight";
}

Result<CutResult, CutRefusal> subtract(const TriangleMesh& mesh, const ConvexCutter& cutter) {
  Eigen::AlignedBox3d box;
  for (const Vector3d& corner : frame_of(cutter).corners) box.extend(corner);
  if (box.isEmpty()) return CutRefusal::kUnsoundCutter;
  bool sound_cutter = false;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ConvexCutter shifted = cutter;
    Rng rng(identity(0, "cutter shift", attempt));
    const double shift = attempt == 0 ? 0 : box.diagonal().norm() * kShift * std::pow(10.0, (attempt - 1) / 2);
    for (HalfSpace& plane : shifted.planes) plane.offset += shift * rng.uniform(-1, 1);
    Subtraction subtraction(mesh, shifted);
    if (subtraction.run()) return subtraction.take();
    sound_cutter = sound_cutter || subtraction.sound_cutter();
  }
  return sound_cutter ? CutRefusal::kNotWatertight : CutRefusal::kUnsoundCutter;
}

}  // namespace looking3d
