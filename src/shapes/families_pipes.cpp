// Pipe assemblies: a run of straights, elbows and tees over a grid, with valves, flanges, gauges, caps and supports.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

#include "base/check.h"
#include "shapes/machine_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;
using Cell = Eigen::Vector3i;

struct PipePlan {
  double r = 0.05;     ///< outer radius of the pipe
  double wall = 0.3;   ///< thickness of its wall, share of r
  double fit = 1.22;   ///< radius of fittings / r
  double bend = 1.7;   ///< radius of an elbow's middle line / r
  double pitch = 0.4;  ///< of the grid along x and z
  double rise = 0.4;   ///< of the grid along y
  double floor = 0.2;  ///< height of the lowest layer
  int collar = 0;      ///< elbows and tees end plainly, in collars, or in flanges
  FastenerPlan fasteners;

  Vector3d at(const Cell& c) const { return {c.x() * pitch, floor + c.y() * rise, c.z() * pitch}; }
};

std::vector<Cell> draw_run(Rng& rng) {
  const Cell ways[] = {{1, 0, 0}, {-1, 0, 0}, {0, 0, 1}, {0, 0, -1}, {0, 1, 0}, {0, -1, 0}};
  for (;;) {
    const int length = rng.uniform_int(3, 7);
    std::vector<Cell> run{{rng.uniform_int(0, 1), 0, rng.uniform_int(0, 1)}};
    Cell way = ways[rng.index(4)];
    for (int i = 0; i < length; ++i) {
      if (i > 0 && rng.bernoulli(0.6)) way = ways[rng.index(6)];
      const Cell next = run.back() + way;
      const bool inside = next.minCoeff() >= 0 && next.x() <= 2 && next.y() <= 2 && next.z() <= 2;
      if (!inside || std::find(run.begin(), run.end(), next) != run.end()) break;
      run.push_back(next);
    }
    int level = 0;  // horizontal pipes at the lowest layer, to stand on
    for (size_t i = 0; i + 1 < run.size(); ++i) level += run[i].y() == 0 && run[i + 1].y() == 0;
    if (run.size() >= 4 && level >= 1) return run;
  }
}

/// A fitting's end: a collar about `axis`, from `at` backwards.
TriangleMesh collar(const PipePlan& p, const Vector3d& at, const Vector3d& axis, double length) {
  const double r = p.r * (p.fit + 0.16);
  return placed(lathe({{r * 0.94, -length}, {r, -length * 0.9}, {r, -length * 0.12}, {r * 0.94, 0}}, 28), at, axis);
}

/// Two flanges face to face around the pipe, bolted.
void add_flange_pair(ChairBuilder& builder, const PipePlan& p, const Vector3d& at, const Vector3d& axis) {
  Rng& rng = builder.rng;
  const double outer = p.r * 2.35, t = p.r * 0.42, gap = p.r * 0.08, hole = p.r * 0.17;
  const int bolts = 4 + 2 * static_cast<int>(rng.fork("flange bolts").index(2));
  std::vector<Outline> holes{circle_outline({0, 0}, p.r * 0.98, 28)};
  for (int i = 0; i < bolts; ++i)
    holes.push_back(circle_outline(
        {outer * 0.76 * std::cos(2 * kPi * (i + 0.5) / bolts), outer * 0.76 * std::sin(2 * kPi * (i + 0.5) / bolts)}, hole, 14));
  const TriangleMesh plate = laid(extruded(circle_outline({0, 0}, outer, 40), t, {.bevel = p.r * 0.06, .holes = holes}));
  for (const double side : {-1.0, 1.0}) builder.add("flange", "flange", placed(moved(plate, {0, side * (t / 2 + gap / 2), 0}), at, axis));
  builder.add("gasket", "gasket",
              placed(lathe_loop({{outer * 0.6, -gap}, {outer * 0.6, gap}, {p.r * 0.97, gap}, {p.r * 0.97, -gap}}, 32), at, axis));
  FastenerPlan fasteners = p.fasteners;
  fasteners.radius = hole * 1.02, fasteners.washers = false;
  for (int i = 0; i < bolts; ++i) {
    const double a = 2 * kPi * (i + 0.5) / bolts, y = t + gap / 2;
    TriangleMesh one = moved(bolt(fasteners.style, fasteners.radius, 2 * y), {0, y - 0.001, 0});
    append(one, turned(moved(hexagon_nut(fasteners.radius), {0, y - 0.001, 0}), kPi, Vector3d::UnitX()));
    builder.add("bolt", "bolt", placed(moved(one, {outer * 0.76 * std::cos(a), 0, -outer * 0.76 * std::sin(a)}), at, axis));
  }
}

void add_elbow(ChairBuilder& builder, const PipePlan& p, const Vector3d& at, const Vector3d& from, const Vector3d& to) {
  // A quarter of a circle that leaves both arms `bend` before the corner.
  const double r = p.bend * p.r;
  const Vector3d centre = at + (from + to) * r;
  std::vector<Vector3d> arc;
  for (int i = 0; i <= 10; ++i) {
    const double a = kPi / 2 * i / 10;
    arc.push_back(centre - to * r * std::cos(a) - from * r * std::sin(a));
  }
  arc.insert(arc.begin(), arc.front() + from * p.r * 0.35), arc.push_back(arc.back() + to * p.r * 0.35);
  TriangleMesh mesh = sweep(arc, circle_section(p.r * p.fit, 20), from.cross(to));
  if (p.collar > 0)
    for (const Vector3d& way : {from, to}) append(mesh, collar(p, at + way * (r + p.r * 0.5), way, p.r * 0.6));
  builder.add("elbow", "elbow", mesh);
}

/// A sleeve with a branch; returns where the branch ends.
Vector3d add_tee(ChairBuilder& builder, const PipePlan& p, const Vector3d& at, const Vector3d& along, const Vector3d& branch) {
  const double reach = p.r * 2.1, r = p.r * p.fit;
  TriangleMesh mesh = sweep({at - along * reach, at + along * reach}, circle_section(r, 24), branch);
  append(mesh, sweep({at, at + branch * reach}, circle_section(r, 24), along));
  if (p.collar > 0) {
    append(mesh, collar(p, at + along * reach, along, p.r * 0.6)), append(mesh, collar(p, at - along * reach, -along, p.r * 0.6));
    append(mesh, collar(p, at + branch * reach, branch, p.r * 0.6));
  }
  builder.add("tee", "tee", mesh);
  return at + branch * reach;
}

/// A valve in line: its body, bonnet and stem, and a handwheel or a lever on `up`.
void add_valve(ChairBuilder& builder, const PipePlan& p, const Vector3d& at, const Vector3d& along, const Vector3d& up) {
  Rng& rng = builder.rng;
  const double r = p.r, reach = 2.3 * r;
  std::vector<Vector2d> profile{
      {r * 1.35, -reach}, {r * 1.45, -reach + 0.1 * r}, {r * 1.45, -reach + 0.6 * r}, {r * 1.2, -reach + 0.7 * r}};
  const double bulge = rng.uniform(1.5, 1.95);
  for (int i = 1; i < 8; ++i)
    profile.emplace_back(r * (1.2 + (bulge - 1.2) * std::sin(kPi * i / 8)), (-reach + 0.7 * r) * (1 - 2.0 * i / 8));
  profile.emplace_back(r * 1.2, reach - 0.7 * r), profile.emplace_back(r * 1.45, reach - 0.6 * r),
      profile.emplace_back(r * 1.45, reach - 0.1 * r), profile.emplace_back(r * 1.35, reach);
  builder.add("valve_body", "valve_body", placed(lathe(profile, 28), at, along));
  const double neck = r * (bulge + rng.uniform(0.5, 1.0)), top = neck + r * rng.uniform(0.8, 1.6);
  TriangleMesh bonnet = lathe({{r * 0.95, 0},
                               {r * 0.95, neck - 0.45 * r},
                               {r * 1.3, neck - 0.42 * r},
                               {r * 1.3, neck - 0.12 * r},
                               {r * 0.8, neck},
                               {r * 0.55, neck + 0.4 * r}},
                              24);
  builder.add("bonnet", "bonnet", placed(bonnet, at, up));
  builder.add("stem", "stem_tube", placed(lathe({{r * 0.24, neck * 0.6}, {r * 0.24, top}, {r * 0.16, top + 0.12 * r}}, 16), at, up));
  if (rng.bernoulli(0.65)) {
    builder.add("handwheel", "handwheel_ring",
                placed(moved(handwheel(r * rng.uniform(1.9, 3.0), r * 0.4, rng.uniform_int(3, 6)), {0, top - 0.15 * r, 0}), at, up));
  } else {
    const double length = r * rng.uniform(3.5, 5.5);
    TriangleMesh lever = lathe({{r * 0.5, top - 0.35 * r}, {r * 0.55, top - 0.3 * r}, {r * 0.55, top}, {r * 0.4, top + 0.1 * r}}, 20);
    append(lever, sweep(spline({{0, top - 0.1 * r, 0}, {0, top + 0.2 * r, length * 0.4}, {0, top + 0.5 * r, length}}, 5),
                        rectangle_section(r * 0.55, r * 0.28, r * 0.08), Vector3d::UnitY()));
    // The lever lies along the pipe where that is level with it.
    const Eigen::Quaterniond turn = Eigen::Quaterniond::FromTwoVectors(Vector3d::UnitY(), up);
    const Vector3d local = turn.conjugate() * along;
    builder.add("hand_lever", "lever_plate",
                placed(turned(lever, std::atan2(local.x(), local.z()) + (rng.bernoulli(0.3) ? kPi / 2 : 0), Vector3d::UnitY()), at, up));
  }
}

/// A round gauge on a stem, its face towards the front or the side.
void add_gauge(ChairBuilder& builder, const PipePlan& p, const Vector3d& at, const Vector3d& up) {
  Rng& rng = builder.rng;
  const double r = p.r * rng.uniform(1.3, 1.9), stem = p.r * rng.uniform(2.2, 3.2);
  builder.add("stem", "stem_tube", sweep({at, at + up * stem}, circle_section(p.r * 0.35, 14), Vector3d::UnitX()));
  const Vector3d facing = std::abs(up.z()) < 0.5 ? Vector3d::UnitZ() : Vector3d::UnitY();
  const Vector3d centre = at + up * (stem + r * 0.9);
  TriangleMesh gauge = lathe(
      {{r * 0.92, -p.r * 0.5}, {r, -p.r * 0.4}, {r, p.r * 0.4}, {r * 0.94, p.r * 0.5}, {r * 0.84, p.r * 0.5}, {r * 0.82, p.r * 0.36}}, 32);
  append(gauge, moved(turned(rounded_box({r * 0.08, p.r * 0.06, r * 1.1}, {.radius = 0.001}), rng.uniform(-1, 1), Vector3d::UnitY()),
                      {0, p.r * 0.38, 0}));
  builder.add("gauge", "gauge_dial", placed(gauge, centre, facing));
}

/// What closes a pipe's end, or what it ends in: a cap, a blind flange, an open flange, nothing.
void add_end(ChairBuilder& builder, const PipePlan& p, const Vector3d& at, const Vector3d& out) {
  Rng& rng = builder.rng;
  const double r = p.r;
  switch (rng.uniform_int(0, 3)) {
    case 0:
      return builder.add(
          "cap", "cap",
          placed(lathe({{r * 1.2, -r}, {r * 1.28, -r * 0.9}, {r * 1.28, r * 0.1}, {r * 0.9, r * 0.45}, {r * 0.4, r * 0.58}}, 24), at, out));
    case 1: {
      std::vector<Outline> holes{circle_outline({0, 0}, r * 0.98, 28)};
      for (int i = 0; i < 4; ++i)
        holes.push_back(
            circle_outline({r * 1.75 * std::cos(kPi / 4 + kPi / 2 * i), r * 1.75 * std::sin(kPi / 4 + kPi / 2 * i)}, r * 0.22, 14));
      return builder.add(
          "flange", "flange",
          placed(moved(laid(extruded(circle_outline({0, 0}, r * 2.3, 40), r * 0.5, {.bevel = r * 0.06, .holes = holes})), {0, -r * 0.3, 0}),
                 at, out));
    }
    case 2:
      return builder.add("cap", "cap_hexagon",
                         placed(lathe({{r * 1.3, -r * 0.8}, {r * 1.4, -r * 0.7}, {r * 1.4, r * 0.25}, {r * 1.2, r * 0.35}}, 6), at, out));
    default:
      return;
  }
}

/// A post below a level pipe, with a saddle or a clamp, on a foot.
void add_support(ChairBuilder& builder, const PipePlan& p, const Vector3d& at, const Vector3d& along, double low, int style) {
  const double r = p.r, y = at.y() - r;
  const Vector3d foot(at.x(), low, at.z()), across = along.cross(Vector3d::UnitY()).normalized();
  const double half = r * 1.7;
  builder.add("support", "support_post",
              style == 0 ? sweep({foot, foot + Vector3d(0, y - low + 0.3 * r, 0)}, circle_section(r * 0.55, 16), Vector3d::UnitX())
                         : moved(rounded_box({r * 1.1, y - low + 0.3 * r, r * 1.1}, {.radius = 0.004}),
                                 foot + Vector3d(0, (y - low + 0.3 * r) / 2, 0)));
  if (low < 0.01)
    builder.add("plate", "foot_plate",
                moved(rounded_box({2 * half, r * 0.4, 2 * half}, {.radius = 0.004}), foot + Vector3d(0, r * 0.2, 0)));
  // A band around the pipe, with ears.
  const Vector3d centre = at;
  TriangleMesh band =
      placed(lathe_loop({{r * 1.28, -r * 0.4}, {r * 1.28, r * 0.4}, {r * 0.99, r * 0.4}, {r * 0.99, -r * 0.4}}, 28), centre, along);
  if (style == 1)
    for (const double side : {-1.0, 1.0})
      append(band, sweep({centre + across * side * r * 1.2, centre + across * side * r * 2}, rectangle_section(r * 0.8, r * 0.4, 0.003),
                         Vector3d::UnitY()));
  builder.add("clamp", "clamp_ring", band);
}

/// Draws what stands at the nodes of a run and the pipes between them.
class Plumber {
 public:
  Plumber(ChairBuilder& builder, const PipePlan& plan, const std::vector<Cell>& run) : builder_(builder), p_(plan), run_(run) {}

  void build() {
    for (size_t i = 1; i + 1 < run_.size(); ++i) add_node(i);
    for (size_t i = 0; i + 1 < run_.size(); ++i) add_straight(p_.at(run_[i]), p_.at(run_[i + 1]));
    add_end(builder_, p_, p_.at(run_.front()), way(1, 0)), add_end(builder_, p_, p_.at(run_.back()), way(run_.size() - 2, run_.size() - 1));
    for (size_t i = 0; i + 1 < run_.size(); ++i) add_fitting_between(i);
  }

 private:
  Vector3d way(size_t from, size_t to) const { return (p_.at(run_[to]) - p_.at(run_[from])).normalized(); }

  bool is_taken(const Cell& cell) const {
    return std::find(run_.begin(), run_.end(), cell) != run_.end() ||
           std::find(branches_.begin(), branches_.end(), cell) != branches_.end();
  }

  /// A direction across the pipe in which the next grid point is free, upwards by preference.
  std::optional<Vector3d> free_way(const Cell& cell, const Vector3d& along) {
    std::vector<Cell> ways{{0, 1, 0}, {0, 0, 1}, {1, 0, 0}, {-1, 0, 0}, {0, 0, -1}};
    if (builder_.rng.bernoulli(0.5)) builder_.rng.shuffle(ways);
    for (const Cell& w : ways) {
      const Vector3d v = w.cast<double>();
      if (std::abs(v.dot(along)) > 0.5 || is_taken(cell + w)) continue;
      branches_.push_back(cell + w);
      return v;
    }
    return std::nullopt;
  }

  void add_straight(const Vector3d& a, const Vector3d& b) {
    const Vector3d along = (b - a).normalized();
    const auto is_elbow = [&](const Vector3d& x) {
      return std::any_of(elbows_.begin(), elbows_.end(), [&](const Vector3d& e) { return (e - x).norm() < 1e-6; });
    };
    const double cut = p_.r * p_.bend;
    const Vector3d from = a + along * (is_elbow(a) ? cut : 0), to = b - along * (is_elbow(b) ? cut : 0);
    if ((to - from).dot(along) < 0.02) return;
    builder_.add("pipe", "pipe", hollow_sweep({from, to}, circle_section(p_.r, 24), circle_section(p_.r * (1 - p_.wall), 24)));
  }

  void add_node(size_t i) {
    const Vector3d at = p_.at(run_[i]), in = way(i - 1, i), out = way(i, i + 1);
    if (in.dot(out) < 0.5) {
      elbows_.push_back(at);
      return add_elbow(builder_, p_, at, -in, out);
    }
    Rng& rng = builder_.rng;
    if (!rng.bernoulli(0.65)) return;
    const std::optional<Vector3d> branch = free_way(run_[i], out);
    if (!branch) return;
    const Vector3d end = add_tee(builder_, p_, at, out, *branch);
    const double length = p_.r * rng.uniform(0.6, 1.6);
    const double kind = rng.uniform();
    if (kind < 0.35) return add_gauge(builder_, p_, end - *branch * p_.r * 0.2, *branch);
    builder_.add("pipe", "pipe",
                 hollow_sweep({end - *branch * p_.r * 0.5, end + *branch * length}, circle_section(p_.r, 24),
                              circle_section(p_.r * (1 - p_.wall), 24)));
    add_end(builder_, p_, end + *branch * length, *branch);
  }

  /// A valve or a pair of flanges in the middle of a straight, now and then.
  void add_fitting_between(size_t i) {
    Rng& rng = builder_.rng;
    const Vector3d a = p_.at(run_[i]), b = p_.at(run_[i + 1]), along = way(i, i + 1), middle = (a + b) / 2;
    const double room = (b - a).norm();
    const double kind = rng.uniform();
    if (kind < 0.3 && room > p_.r * 8) {
      const Vector3d up = std::abs(along.y()) > 0.5 ? (rng.bernoulli(0.5) ? Vector3d::UnitZ() : Vector3d::UnitX()) : Vector3d::UnitY();
      add_valve(builder_, p_, middle, along, up), busy_.push_back(i);
    } else if (kind < 0.55) {
      add_flange_pair(builder_, p_, middle, along), busy_.push_back(i);
    }
  }

 public:
  /// Posts below the level pipes of the lowest layer: at least one; returns their places.
  void add_supports(double low) {
    Rng& rng = builder_.rng;
    const int style = rng.uniform_int(0, 1);
    int made = 0;
    for (size_t i = 0; i + 1 < run_.size(); ++i) {
      if (run_[i].y() != 0 || run_[i + 1].y() != 0) continue;
      const bool busy = std::find(busy_.begin(), busy_.end(), i) != busy_.end();
      const Vector3d a = p_.at(run_[i]), b = p_.at(run_[i + 1]);
      // Beside a valve or flange there is room near the end that is no elbow.
      const double first = busy ? 0.2 : 0.38;
      const auto clear = [&](const Vector3d& x) {
        return std::none_of(elbows_.begin(), elbows_.end(), [&](const Vector3d& e) { return (e - x).norm() < 1e-6; });
      };
      std::vector<double> places;
      if (clear(a) && (i > 0 ? !busy : true)) places.push_back(first);
      if (clear(b) && (i + 2 < run_.size() ? !busy : true)) places.push_back(1 - first);
      if (places.empty()) places.push_back(0.5);
      if (!busy && places.size() == 2 && rng.bernoulli(0.6)) places.resize(1);
      for (const double s : places) add_support(builder_, p_, a + s * (b - a), way(i, i + 1), low, style), ++made;
    }
    L3D_CHECK_GE(made, 1);
    for (size_t i = 0; i + 1 < run_.size(); ++i)
      if (may_be_propped(i) && rng.bernoulli(0.85))
        add_support(builder_, p_, (p_.at(run_[i]) + p_.at(run_[i + 1])) / 2, way(i, i + 1), low, style);
  }

 private:
  /// A level pipe above the lowest layer, nothing in its middle, and no pipe below that.
  bool may_be_propped(size_t i) const {
    const Cell a = run_[i], b = run_[i + 1];
    if (a.y() != b.y() || a.y() == 0 || std::find(busy_.begin(), busy_.end(), i) != busy_.end()) return false;
    for (size_t j = 0; j + 1 < run_.size(); ++j) {
      const Cell sum = run_[j] + run_[j + 1];
      if (sum.y() < 2 * a.y() && sum.x() == a.x() + b.x() && sum.z() == a.z() + b.z()) return false;
    }
    return true;
  }

  ChairBuilder& builder_;
  const PipePlan& p_;
  const std::vector<Cell>& run_;
  std::vector<Vector3d> elbows_;
  std::vector<Cell> branches_;
  std::vector<size_t> busy_;
};

}  // namespace

void build_pipes(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const std::vector<Cell> run = draw_run(rng);
  PipePlan p;
  p.r = rng.uniform(0.04, 0.06), p.wall = rng.uniform(0.18, 0.34), p.fit = rng.uniform(1.12, 1.3), p.bend = rng.uniform(1.5, 2.2),
  p.pitch = rng.uniform(0.4, 0.56);
  p.rise = rng.uniform(0.36, 0.54), p.floor = rng.uniform(0.18, 0.34), p.collar = rng.bernoulli(0.6) ? 1 : 0;
  p.fasteners = draw_fasteners(rng, p.r * 0.17);
  Plumber plumber(builder, p, run);
  plumber.build();
  const bool skid = rng.bernoulli(0.45);
  const double t = skid ? rng.uniform(0.03, 0.06) : 0;
  plumber.add_supports(skid ? t - 0.004 : 0);
  if (!skid) return;
  Eigen::AlignedBox2d box;
  for (const Cell& c : run) box.extend(Vector2d(p.at(c).x(), p.at(c).z()));
  const double margin = p.r * 2.2;
  const Vector2d low = box.min() - Vector2d::Constant(margin), high = box.max() + Vector2d::Constant(margin);
  if (rng.bernoulli(0.5)) {
    builder.add("plate", "base_plate",
                moved(rounded_box({high.x() - low.x(), t, high.y() - low.y()}, {.radius = 0.006}),
                      {(low.x() + high.x()) / 2, t / 2, (low.y() + high.y()) / 2}));
    return;
  }
  // A tray with a rim.
  builder.add(
      "plate", "base_plate",
      moved(laid(extruded(rectangle_outline({(low.x() + high.x()) / 2, -(low.y() + high.y()) / 2}, high - low, 0.04), t, {.bevel = 0.004})),
            {0, t / 2, 0}));
  std::vector<Vector3d> rim;
  for (const Vector2d& q :
       rectangle_outline({(low.x() + high.x()) / 2, (low.y() + high.y()) / 2}, high - low - Vector2d::Constant(0.03), 0.03))
    rim.emplace_back(q.x(), t + 0.02, q.y());
  builder.add("plate", "rim", sweep_loop(rim, rectangle_section(0.022, 0.06, 0.002), Vector3d::UnitY()));
}

}  // namespace looking3d
