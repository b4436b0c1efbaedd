#include "geometry/polygon_fill.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace looking3d {
namespace {

using Eigen::Vector2d;
using Eigen::Vector3i;
using Loop = std::vector<int>;
using Points = std::vector<Vector2d>;

/// Twice the signed area of a triangle.
double turn(const Vector2d& a, const Vector2d& b, const Vector2d& c) {
  return (b.x() - a.x()) * (c.y() - a.y()) - (b.y() - a.y()) * (c.x() - a.x());
}

double signed_area(const Points& points, const Loop& loop) {
  double sum = 0;
  for (size_t i = 1; i + 1 < loop.size(); ++i) sum += turn(points[loop[0]], points[loop[i]], points[loop[i + 1]]) / 2;
  return sum;
}

bool inside(const Points& points, const Loop& loop, const Vector2d& x) {
  bool odd = false;
  for (size_t i = 0; i < loop.size(); ++i) {
    const Vector2d &a = points[loop[i]], &b = points[loop[(i + 1) % loop.size()]];
    if ((a.y() > x.y()) != (b.y() > x.y()) && x.x() < a.x() + (b.x() - a.x()) * (x.y() - a.y()) / (b.y() - a.y())) odd = !odd;
  }
  return odd;
}

bool cross(const Vector2d& a, const Vector2d& b, const Vector2d& c, const Vector2d& d) {
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

/// Joins a hole to its outer loop by the shortest bridge that crosses nothing (or the shortest at all).
void join_hole(const Points& points, Loop& outer, const Loop& hole, const std::vector<Loop>& others) {
  const auto blocked = [&](int p, int q) {
    const auto hits = [&](const Loop& loop) {
      for (size_t i = 0; i < loop.size(); ++i) {
        const int a = loop[i], b = loop[(i + 1) % loop.size()];
        if (a == p || a == q || b == p || b == q) continue;
        if (cross(points[p], points[q], points[a], points[b])) return true;
      }
      return false;
    };
    return hits(outer) || hits(hole) || std::any_of(others.begin(), others.end(), hits);
  };
  struct Bridge {
    double length;
    size_t from, to;
  };
  std::vector<Bridge> bridges;
  for (size_t i = 0; i < outer.size(); ++i)
    for (size_t j = 0; j < hole.size(); ++j) bridges.push_back({(points[outer[i]] - points[hole[j]]).squaredNorm(), i, j});
  std::sort(bridges.begin(), bridges.end(), [](const Bridge& a, const Bridge& b) { return a.length < b.length; });
  Bridge best = bridges.front();
  for (const Bridge& bridge : bridges)
    if (!blocked(outer[bridge.from], hole[bridge.to])) {
      best = bridge;
      break;
    }
  Loop detour;
  for (size_t j = 0; j <= hole.size(); ++j) detour.push_back(hole[(best.to + j) % hole.size()]);
  detour.push_back(outer[best.from]);
  outer.insert(outer.begin() + static_cast<long>(best.from) + 1, detour.begin(), detour.end());
}

/// Ear clipping of one loop, best-shaped ears first. Loops that rounding has tangled lose their flattest corner instead.
class EarClipper {
 public:
  EarClipper(const Points& points, Loop ring) : points_(points), ring_(std::move(ring)) {
    Vector2d low = points_[ring_[0]], high = low;
    for (const int i : ring_) low = low.cwiseMin(points_[i]), high = high.cwiseMax(points_[i]);
    tolerance_ = 1e-13 * (high - low).squaredNorm();
  }

  void clip_into(std::vector<Vector3i>& out) {
    std::vector<double> quality;
    const auto rate_all = [&](double tolerance) {
      quality.clear();
      for (size_t i = 0; i < ring_.size(); ++i) quality.push_back(ear_quality(i, tolerance));
      return static_cast<size_t>(std::max_element(quality.begin(), quality.end()) - quality.begin());
    };
    rate_all(tolerance_);
    while (ring_.size() > 3) {
      auto best = static_cast<size_t>(std::max_element(quality.begin(), quality.end()) - quality.begin());
      if (quality[best] <= 0) best = rate_all(tolerance_);
      if (quality[best] <= 0) best = rate_all(-tolerance_);
      if (quality[best] <= 0) best = flattest();
      out.emplace_back(at(best, -1), at(best, 0), at(best, 1));
      ring_.erase(ring_.begin() + static_cast<long>(best));
      quality.erase(quality.begin() + static_cast<long>(best));
      for (const size_t i : {best % ring_.size(), (best + ring_.size() - 1) % ring_.size()}) quality[i] = ear_quality(i, tolerance_);
    }
    out.emplace_back(ring_[0], ring_[1], ring_[2]);
  }

 private:
  int at(size_t i, int step) const { return ring_[(i + ring_.size() + static_cast<size_t>(step + 1) - 1) % ring_.size()]; }

  /// Area over squared longest side; 0 when the corner is no ear: reflex, or another vertex lies in its triangle.
  double ear_quality(size_t i, double tolerance) const {
    const int ia = at(i, -1), ib = at(i, 0), ic = at(i, 1);
    const Vector2d &a = points_[ia], &b = points_[ib], &c = points_[ic];
    const double area = turn(a, b, c);
    if (ia == ic || area <= std::abs(tolerance)) return 0;
    for (const int j : ring_) {
      if (j == ia || j == ib || j == ic) continue;
      const Vector2d& x = points_[j];
      if (turn(a, b, x) >= -tolerance && turn(b, c, x) >= -tolerance && turn(c, a, x) >= -tolerance) return 0;
    }
    return area / std::max({(b - a).squaredNorm(), (c - b).squaredNorm(), (a - c).squaredNorm()});
  }

  size_t flattest() const {
    size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < ring_.size(); ++i) {
      const double area = std::abs(turn(points_[at(i, -1)], points_[at(i, 0)], points_[at(i, 1)]));
      if (area < least) least = area, best = i;
    }
    return best;
  }

  const Points& points_;
  Loop ring_;
  double tolerance_;
};

}  // namespace

std::optional<std::vector<Loop>> trace_loops(const std::vector<BorderSegment>& segments) {
  std::multimap<int, int> next(segments.begin(), segments.end());
  std::vector<Loop> loops;
  while (!next.empty()) {
    Loop loop;
    const int start = next.begin()->first;
    for (int at = start;;) {
      const auto step = next.find(at);
      if (step == next.end()) return std::nullopt;
      loop.push_back(at);
      at = step->second;
      next.erase(step);
      if (at == start) break;
    }
    loops.push_back(std::move(loop));
  }
  return loops;
}

std::vector<Vector3i> fill_region(const Points& points, const std::vector<Loop>& loops) {
  std::vector<Loop> outers, holes;
  for (const Loop& loop : loops)
    if (loop.size() > 2) (signed_area(points, loop) >= 0 ? outers : holes).push_back(loop);
  std::vector<std::vector<Loop>> holes_of(outers.size());
  std::vector<Vector3i> triangles;
  for (const Loop& hole : holes) {
    int owner = -1;
    double least = std::numeric_limits<double>::infinity();
    for (size_t o = 0; o < outers.size(); ++o) {
      const double area = signed_area(points, outers[o]);
      if (area < least && inside(points, outers[o], points[hole[0]])) owner = static_cast<int>(o), least = area;
    }
    if (owner >= 0) {
      holes_of[owner].push_back(hole);
      continue;
    }
    // A hole in nothing (an inside-out mesh): fill it and turn it over.
    const size_t before = triangles.size();
    EarClipper(points, Loop(hole.rbegin(), hole.rend())).clip_into(triangles);
    for (size_t t = before; t < triangles.size(); ++t) std::swap(triangles[t][1], triangles[t][2]);
  }
  for (size_t o = 0; o < outers.size(); ++o) {
    while (!holes_of[o].empty()) {
      const Loop hole = std::move(holes_of[o].back());
      holes_of[o].pop_back();
      join_hole(points, outers[o], hole, holes_of[o]);
    }
    EarClipper(points, outers[o]).clip_into(triangles);
  }
  return triangles;
}

}  // namespace looking3d
