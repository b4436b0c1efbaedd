// What fills the opening of a back: slats, sticks, splats, crosses, lattices, pads.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

class InfillMaker {
 public:
  InfillMaker(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan, const Opening& opening, const PadOptions& padding)
      : builder_(builder), seat_(seat), plan_(plan), opening_(opening), padding_(padding), rng_(builder.rng.fork("infill")) {}

  void ladder() {
    const double from = std::max(opening_.low, plan_.height * rng_.uniform(0.15, 0.35)), to = top() - 0.05,
                 pitch = (to - from) / plan_.count;
    const double height = pitch * rng_.uniform(0.3, 0.75), arch = rng_.uniform(-0.3, 0.5) * std::min(height, 0.04),
                 swell = rng_.uniform(-0.3, 0.6);
    const bool round = height < 0.03 && rng_.bernoulli(0.4);
    for (int i = 0; i < plan_.count; ++i) {
      if (plan_.asymmetric && i == 0 && plan_.count > 2) continue;
      across(from + (i + 0.5) * pitch, round ? circle_section(0.009, 10) : rectangle_section(plan_.thickness * 0.7, height, 0.004), arch,
             swell);
    }
  }

  void rails() {
    const int count = rng_.uniform_int(1, 2);
    const double height = rng_.uniform(0.015, 0.07), gap = rng_.uniform(0.07, 0.12);
    for (int i = 0; i < count; ++i)
      across(top() - gap * (i + 1) - height / 2,
             height < 0.025 ? circle_section(0.009, 10) : rectangle_section(plan_.thickness * 0.7, height, 0.004), 0, 0);
  }

  void vertical_slats() {
    const double pitch = span() / plan_.count, width = std::min(0.09, pitch * rng_.uniform(0.3, 0.7)), waist = rng_.uniform(-0.2, 0.35);
    for (int i = 0; i < plan_.count; ++i) {
      const double x = place(i, pitch);
      const Section section = rectangle_section(width, plan_.thickness * 0.55, 0.003);
      add("back_slat", sweep(straight({x, opening_.low, 0}, {x, opening_.top(x), 0}, 10), section, Vector3d::UnitZ(),
                             [&](double s) { return Vector2d(1 - waist * std::sin(kPi * s), 1); }));
    }
  }

  void spindles(double gather) {
    const double pitch = span() / plan_.count, radius = rng_.uniform(0.0055, 0.009);
    const int style = rng_.uniform_int(0, 3);
    for (int i = 0; i < plan_.count; ++i) {
      const double x = place(i, pitch);
      stick({x * gather, opening_.low, 0}, {x, opening_.top(x), 0}, radius, style);
    }
  }

  /// A cut-out board in the middle: vase, fiddle, hourglass or plain.
  void splat() {
    const double width = span() * rng_.uniform(0.14, 0.26), depth = rng_.uniform(0.2, 0.5),
                 waves = rng_.pick_from(std::array{1.0, 1.5, 2.0, 0.5});
    const double phase = rng_.uniform(0, 2 * kPi), offset = plan_.asymmetric ? span() * 0.15 : 0;
    const int hole = rng_.uniform_int(0, 4);
    SheetOptions options{.thickness = plan_.thickness * 0.55, .columns = 9, .rows = 24};
    options.is_hole = [=](int column, int row) {
      if (hole == 0) return column == 4 && row > 4 && row < 20;
      if (hole == 1) return (column == 2 || column == 6) && row > 5 && row < 19;
      if (hole == 2) return column >= 3 && column <= 5 && row >= 14 && row <= 17;
      return false;
    };
    const double high = opening_.top(offset);
    add("splat", sheet(
                     [&](double u, double v) {
                       const double w = width * (1 - depth * std::pow(std::sin(waves * kPi * (v + 1) / 2 + phase), 2));
                       return Vector3d(offset + u * w, opening_.low + (v + 1) / 2 * (high - opening_.low), 0);
                     },
                     options));
    if (rng_.bernoulli(0.4))
      for (const double side : {-1.0, 1.0}) {
        const double x = side * span() * 0.36;
        stick({x * 0.9, opening_.low, 0}, {x, opening_.top(x), 0}, 0.007, 1);
      }
  }

  void cross() {
    const int crosses = plan_.width > 0.7 ? 3 : rng_.bernoulli(0.25) ? 2 : 1;
    const double width = span() / crosses, height = rng_.uniform(0.02, 0.036), bow = rng_.uniform(-0.02, 0.03);
    const Section section = rectangle_section(plan_.thickness * 0.6, height, 0.003);
    for (int i = 0; i < crosses; ++i)
      for (const double side : {-1.0, 1.0}) {
        const double x = -span() / 2 + width * (i + 0.5);
        std::vector<Vector3d> path;
        for (int k = 0; k <= 12; ++k) {
          const double s = k / 12.0, px = x + side * width * (s - 0.5), y = opening_.low + s * (opening_.top(px) - opening_.low);
          path.emplace_back(px, y - bow * std::sin(2 * kPi * s), 0.001 * side);
        }
        add("back_cross", sweep(path, section, Vector3d::UnitY()));
      }
  }

  void lattice_panel(bool fine) {
    const double high = lowest_top();
    const double cell = fine ? rng_.uniform(0.022, 0.034) : rng_.uniform(0.06, 0.11);
    const int nx = std::max(2, static_cast<int>(span() / cell)), ny = std::max(2, static_cast<int>((high - opening_.low) / cell));
    const SheetOptions options = lattice(nx, ny, fine ? 0.35 : rng_.uniform(0.14, 0.24), fine ? 0.005 : plan_.thickness * 0.55);
    const double half = span() / 2;
    builder_.add(fine ? "back_surface" : "back_connector", fine ? "back_weave" : "back_lattice",
                 placed(sheet([&](double u, double v) { return Vector3d(u * half, opening_.low + (v + 1) / 2 * (high - opening_.low), 0); },
                              options)));
  }

  void pad_in() {
    PadOptions options = padding_;
    options.front = options.rear = 30;
    const double high = lowest_top(), depth = rng_.uniform(0.03, 0.045);
    const TriangleMesh flat = upright(pad({span() + kOverlap, depth, high - opening_.low}, options));
    builder_.add("back_surface", "back_cushion", placed(moved(flat, {0, (high + opening_.low) / 2, 0.004})));
  }

  void diagonal() {
    const double height = rng_.uniform(0.018, 0.04), rise = plan_.height * rng_.uniform(0.12, 0.3), half = span() / 2;
    const double from = std::max(opening_.low, 0.03) + 0.02, to = lowest_top() - rise - 0.02;
    for (int i = 0; i < plan_.count; ++i) {
      const double y = from + (to - from) * (plan_.count == 1 ? 0.5 : i / (plan_.count - 1.0));
      add("back_slat", sweep(straight({-half, y, 0}, {half, y + rise, 0}, 12), rectangle_section(plan_.thickness * 0.6, height, 0.003),
                             Vector3d::UnitY()));
    }
  }

 private:
  double span() const { return 2 * opening_.side(opening_.low); }
  double top() const { return opening_.top(0); }
  double lowest_top() const {
    return std::min({opening_.top(0), opening_.top(-span() * 0.45), opening_.top(span() * 0.45), opening_.top(span() * 0.25)});
  }
  /// Where the i-th upright stands; an asymmetric design shifts them all to one side.
  double place(int i, double pitch) const {
    const double x = (i + 0.5) * pitch - span() / 2;
    return plan_.asymmetric ? x * 0.7 + span() * 0.12 : x * (plan_.style == BackStyle::kHoop ? 0.9 : 1);
  }
  TriangleMesh placed(const TriangleMesh& flat) const { return on_back(seat_, plan_, flat); }
  void add(const std::string& group, const TriangleMesh& flat) { builder_.add("back_connector", group, placed(flat)); }

  /// A member from side to side.
  void across(double y, const Section& section, double arch, double swell) {
    const double half = opening_.side(y);
    std::vector<Vector3d> path;
    for (int i = 0; i <= 14; ++i) {
      const double u = i / 7.0 - 1;
      path.emplace_back(u * half, y + arch * (1 - u * u), 0);
    }
    add("back_slat", sweep(path, section, Vector3d::UnitY(), [&](double s) { return Vector2d(1, 1 + swell * (std::sin(kPi * s) - 0.5)); }));
  }

  void stick(const Vector3d& from, const Vector3d& to, double radius, int style) {
    add("spindle", sweep(straight(from, to, style == 0 ? 8 : 16), circle_section(radius, 9), Vector3d::UnitZ(), [=](double s) {
          const double swollen = style == 1   ? 0.75 + 0.75 * std::pow(std::sin(kPi * s), 4)
                                 : style == 2 ? 0.8 + 0.7 * std::exp(-std::pow((s - 0.4) / 0.07, 2))
                                 : style == 3 ? 1.25 - 0.5 * s
                                              : 1;
          return Vector2d::Constant(swollen).eval();
        }));
  }

  ChairBuilder& builder_;
  const SeatPlan& seat_;
  const BackPlan& plan_;
  const Opening& opening_;
  const PadOptions& padding_;
  Rng rng_;
};

}  // namespace

void add_infill(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan, const Opening& opening, const PadOptions& padding) {
  InfillMaker make(builder, seat, plan, opening, padding);
  switch (plan.infill) {
    case Infill::kLadder:
      return make.ladder();
    case Infill::kVerticalSlats:
      return make.vertical_slats();
    case Infill::kSpindles:
      return make.spindles(0.92);
    case Infill::kFan:
      return make.spindles(0.5);
    case Infill::kSplat:
      return make.splat();
    case Infill::kCross:
      return make.cross();
    case Infill::kLattice:
      return make.lattice_panel(false);
    case Infill::kCane:
      return make.lattice_panel(true);
    case Infill::kPad:
      return make.pad_in();
    case Infill::kDiagonal:
      return make.diagonal();
    case Infill::kRails:
      return make.rails();
  }
}

}  // namespace looking3d
