// Backs: drawn flat (x across, y up from the seat, z forward), then bent, leaned and flared as one, so that what touches flat still
// touches.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// The middle line and height of a crest rail at u in [-1, 1]: what makes the silhouette.
struct CrestLine {
  Crest style;
  double rise;  ///< metres

  double y(double u) const {
    switch (style) {
      case Crest::kArched:
      case Crest::kDeep:
        return rise * (1 - u * u);
      case Crest::kYoke:
        return rise * (0.8 * std::pow(1 - u * u, 2) + 0.9 * std::pow(u, 6));
      case Crest::kScrolled:
        return rise * 0.5 * (1 - std::cos(2 * kPi * std::abs(u))) * (1 - 0.3 * std::abs(u));
      case Crest::kSlanted:
        return rise * u;
      default:
        return 0;
    }
  }
  /// Factor of the rail's height.
  double swell(double u) const { return style == Crest::kArched || style == Crest::kYoke ? 1 - 0.35 * u * u : 1; }
};

class BackMaker {
 public:
  BackMaker(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan, const PadOptions& padding)
      : builder_(builder), seat_(seat), plan_(plan), padding_(padding), rng_(builder.rng.fork("back")), foot_(-seat.thickness * 0.6) {}

  /// Two posts, a crest rail on or between them, perhaps a lower rail, and what fills the opening.
  void framed() {
    const bool over = plan_.crest == Crest::kTube || rng_.bernoulli(0.5);
    const double rail = plan_.crest == Crest::kDeep ? rng_.uniform(0.09, 0.15) : rng_.uniform(0.035, 0.07);
    const CrestLine crest{plan_.crest, rng_.uniform(0.012, 0.045)};
    const double half = side_of_back(plan_, 0), reach = over ? half + plan_.post * rng_.uniform(0.5, 0.9) : half;
    const double crest_y = plan_.height - rail / 2;
    const auto crest_at = [&](double x) { return crest_y + crest.y(std::clamp(x / reach, -1.0, 1.0)); };
    for (const double side : {1.0, -1.0})
      post(side * half, over ? crest_at(side * half) : crest_at(side * half) + rail * rng_.fork("ear").uniform(0.5, 0.9), !over);
    crest_rail(crest, reach, crest_y, rail);

    // Open infills hang between rails; ladders and rods need the posts alone.
    const bool needs_rail =
        plan_.infill == Infill::kLattice || plan_.infill == Infill::kPad || plan_.infill == Infill::kCross || plan_.infill == Infill::kCane;
    const bool upright_members = plan_.infill == Infill::kVerticalSlats || plan_.infill == Infill::kSpindles ||
                                 plan_.infill == Infill::kFan || plan_.infill == Infill::kSplat;
    Opening opening{foot_, [=](double) { return half; }, crest_at};
    if (needs_rail || (upright_members && (seat_.open || rng_.bernoulli(0.45)))) {
      opening.low = plan_.height * rng_.uniform(0.14, 0.34);
      builder_.add("back_frame", "back_rail",
                   placed(sweep(straight({-half, opening.low, 0}, {half, opening.low, 0}, 12),
                                rectangle_section(plan_.thickness, rng_.uniform(0.022, 0.045), 0.004), Vector3d::UnitY())));
    }
    add_infill(builder_, seat_, plan_, opening, padding_);
  }

  /// A bow from the seat over the top, with sticks or a splat inside.
  void hoop() {
    const double r = std::max(0.01, plan_.post * 0.4);
    std::vector<Vector3d> path;
    for (int i = 0; i <= 32; ++i) {
      const double a = kPi * i / 32, c = std::cos(a), s = std::sin(a), p = kHoopExponent;
      path.emplace_back(plan_.width / 2 * std::copysign(std::pow(std::abs(c), 2 / p), c),
                        foot_ + (plan_.height - foot_) * std::pow(s, 2 / p), 0);
    }
    const bool flat = rng_.bernoulli(0.3);
    const Section section = flat ? rectangle_section(r * 2.2, r * 1.5, r * 0.5) : circle_section(r, 12);
    builder_.add("back_frame", "hoop", placed(sweep(path, section)));
    const Opening opening{foot_, [this](double y) { return side_of_back(plan_, y); },
                          [this](double x) {
                            const double c = std::pow(std::min(1.0, std::abs(2 * x) / plan_.width), kHoopExponent);
                            return foot_ + (plan_.height - foot_) * std::pow(1 - c, 1 / kHoopExponent);
                          }};
    add_infill(builder_, seat_, plan_, opening, padding_);
  }

  /// A bent sheet on two posts, on a spine, or rising from the seat itself.
  void ply() {
    const double weights[] = {2, 2, 1};
    const size_t carrier = seat_.open ? 0 : rng_.pick(weights);
    const double low = carrier == 2 ? foot_ : plan_.height * rng_.uniform(0.2, 0.5), t = plan_.thickness * 0.6;
    SheetOptions options{.thickness = std::max(t, 0.008), .columns = 14, .rows = 12};
    options.front = rng_.uniform(3, 9), options.rear = carrier == 2 ? 30 : rng_.uniform(3, 9);
    const int hole = rng_.uniform_int(0, 5);
    options.is_hole = [=](int column, int row) {
      if (hole == 0) return row == 9 && column >= 5 && column <= 8;                                // a grip
      if (hole == 1) return row >= 3 && row <= 8 && column % 3 == 0 && column > 1 && column < 13;  // slits
      return false;
    };
    const double z = carrier == 2 ? 0 : plan_.post * 0.5 + options.thickness / 2 - 0.004, middle = (plan_.height + low) / 2;
    builder_.add("back_surface", "back_panel",
                 placed(sheet([&](double u, double v) { return Vector3d(u * plan_.width / 2, middle + v * (plan_.height - low) / 2, z); },
                              options)));
    const double top = low + (plan_.height - low) * rng_.uniform(0.45, 0.7);
    if (carrier == 0)
      for (const double side : {1.0, -1.0}) post(side * side_of_back(plan_, 0), top, false);
    if (carrier == 1) {
      const double w = rng_.uniform(0.03, 0.07);
      builder_.add(
          "back_connector", "spine",
          placed(sweep(straight({0, foot_, 0}, {0, top, 0}, 10), rectangle_section(w, plan_.post, plan_.post * 0.3), Vector3d::UnitZ())));
    }
  }

  /// A padded panel in front of two posts.
  void padded() {
    const double low = plan_.height * rng_.uniform(0.08, 0.4), depth = rng_.uniform(0.035, 0.06);
    const double half = side_of_back(plan_, 0);
    for (const double side : {1.0, -1.0}) post(side * half, low + (plan_.height - low) * rng_.fork("reach").uniform(0.5, 0.85), false);
    pad_between(low, plan_.height, depth, plan_.post * 0.5 + depth / 2 - 0.01);
  }

  /// An upholstered body that rises from the seat.
  void upholstered() {
    const double depth = rng_.uniform(0.06, 0.1);
    pad_between(foot_ - 0.005, plan_.height, depth, 0);
  }

  /// A shell that wraps around the rear of the seat.
  void barrel() {
    const double arc = rng_.uniform(1.8, 3.0), fall = rng_.uniform(0.0, 0.6), lean = rng_.uniform(0.0, 0.22);
    const double height = plan_.height * 0.8, power = rng_.uniform(2, 5);
    const bool soft = rng_.bernoulli(0.5);
    SheetOptions options{.thickness = soft ? rng_.uniform(0.03, 0.05) : 0.014, .columns = 28, .rows = 8, .front = 16, .rear = 40};
    const double inside = options.thickness * 0.2;
    builder_.add("back_surface", soft ? "back_cushion" : "back_shell",
                 sheet(
                     [&](double u, double v) {
                       const Vector2d edge = seat_.outline(kPi + u * arc / 2);
                       const double share = (v + 1) / 2, y = foot_ + share * (height * (1 - fall * std::pow(std::abs(u), power)) - foot_);
                       const double grow = 1 - inside / edge.norm() +
                                           std::max(0.0, y) * lean / edge.norm() * (0.4 + 0.6 * std::max(0.0, -edge.y()) / edge.norm());
                       return Vector3d(edge.x() * grow, seat_.top + y, edge.y() * grow);
                     },
                     options));
  }

 private:
  static constexpr double kHoopExponent = 2.6;
  friend double looking3d::side_of_back(const BackPlan&, double);

  TriangleMesh placed(const TriangleMesh& flat) const { return on_back(seat_, plan_, flat); }

  void post(double x, double top, bool finial) {
    const double t = plan_.post;
    const Section section = plan_.round_posts ? circle_section(t / 2, 14) : rectangle_section(t, t * 0.85, t * 0.12);
    const double end = rng_.fork("post end").uniform(0.6, 1.0);
    const bool knob = finial && plan_.round_posts && rng_.fork("finial").bernoulli(0.4);
    builder_.add("back_frame", "back_post",
                 placed(sweep(straight({x, foot_, 0}, {x, top, 0}, knob ? 24 : 12), section, Vector3d::UnitZ(), [=](double s) {
                   const double slim = 1 + s * (end - 1);
                   if (!knob || s < 0.9) return Vector2d::Constant(slim).eval();
                   const double ball = (s - 0.95) / 0.05;
                   return Vector2d::Constant(std::max(0.45, 1.15 * std::sqrt(std::max(0.0, 1 - ball * ball)))).eval();
                 })));
  }

  void crest_rail(const CrestLine& crest, double reach, double y, double rail) {
    std::vector<Vector3d> path;
    for (int i = 0; i <= 20; ++i) {
      const double u = i / 10.0 - 1;
      path.emplace_back(u * reach, y + crest.y(u), 0);
    }
    const bool tube = plan_.crest == Crest::kTube;
    const double r = plan_.post * 0.5;
    const Section section =
        tube ? circle_section(r, 14) : rectangle_section(plan_.thickness * 1.1, rail, std::min(0.012, plan_.thickness * 0.4), 3);
    builder_.add("back_frame", "crest_rail",
                 placed(sweep(path, section, Vector3d::UnitY(), [&](double s) { return Vector2d(1, tube ? 1 : crest.swell(2 * s - 1)); })));
  }

  void pad_between(double low, double high, double depth, double z) {
    PadOptions options = padding_;
    options.front = rng_.uniform(5, 14), options.rear = rng_.uniform(4, 16);  // an upright pad's front edge is its lower one
    options.crown = std::max(options.crown, 0.008);
    const TriangleMesh flat = upright(pad({plan_.width, depth, high - low}, options));
    builder_.add("back_surface", "back_cushion", placed(moved(flat, {0, (low + high) / 2, z})));
  }

  ChairBuilder& builder_;
  const SeatPlan& seat_;
  const BackPlan& plan_;
  const PadOptions& padding_;
  Rng rng_;
  const double foot_;  ///< lower end of the members, inside the seat
};

}  // namespace

Vector3d on_back(const SeatPlan& seat, const BackPlan& plan, const Vector3d& p) {
  // Dish it: the sides come forward and apart as it rises.
  const double share = std::clamp(p.y() / plan.height, 0.0, 1.2), fade = std::min(1.0, 2.5 * share);
  const double x = p.x() * (1 + plan.flare * share),
               z = p.z() + plan.curve * fade * fade * (3 - 2 * fade) * std::pow(2 * p.x() / plan.width, 2);
  // Follow the arc whose lean grows from recline at the seat by bend at the top.
  const double a = plan.recline_rad, s = p.y(), rate = s > 0 ? plan.bend_rad / plan.height : 0, b = a + rate * s;
  const bool straight_line = std::abs(rate) < 1e-6;
  const double up = straight_line ? s * std::cos(a) : (std::sin(b) - std::sin(a)) / rate;
  const double rearward = straight_line ? s * std::sin(a) : (std::cos(a) - std::cos(b)) / rate;
  return {x, seat.top + up + z * std::sin(b), plan.foot_z - rearward + z * std::cos(b)};
}

TriangleMesh on_back(const SeatPlan& seat, const BackPlan& plan, const TriangleMesh& flat) {
  return deformed(flat, [&](const Vector3d& p) { return on_back(seat, plan, p); });
}

double side_of_back(const BackPlan& plan, double y) {
  const double outer = plan.width / 2;
  switch (plan.style) {
    case BackStyle::kFramed:
      return outer - plan.post / 2;
    case BackStyle::kHoop: {
      const double p = BackMaker::kHoopExponent, s = std::clamp(y / plan.height, 0.0, 1.0);
      return outer * std::pow(1 - std::pow(s, p), 1 / p);
    }
    case BackStyle::kPly:
    case BackStyle::kPadded:
      return outer * 0.72;
    case BackStyle::kUpholstered:
      return outer - 0.03;
    default:
      return 0;
  }
}

BackPlan draw_back_plan(Rng& rng, const SeatPlan& seat) {
  BackPlan plan;
  const double styles[] = {7, 1.6, 2, 1.5, 1.2, 1.0};
  plan.style = static_cast<BackStyle>(rng.pick(styles));
  plan.crest = static_cast<Crest>(rng.index(6));
  const double infills[] = {2, 2, 1.8, 0.9, 1.5, 1, 1, 1.2, 0.35, 1, 0.9};
  plan.infill = static_cast<Infill>(rng.pick(infills));
  plan.height = rng.uniform(0.36, 0.56);
  plan.recline_rad = rng.uniform(0.05, 0.2);
  plan.bend_rad = rng.bernoulli(0.25) ? 0 : rng.uniform(0, 0.25);
  plan.thickness = rng.uniform(0.016, 0.026);
  plan.curve = rng.bernoulli(0.2) ? 0 : rng.uniform(0.008, 0.05);
  plan.flare = rng.uniform(-0.12, 0.12);
  plan.post = rng.uniform(0.024, 0.038);
  plan.round_posts = rng.bernoulli(0.45);
  const bool thin = plan.infill == Infill::kSpindles || plan.infill == Infill::kFan;
  plan.count = thin ? rng.uniform_int(5, 9) : rng.uniform_int(2, 6);
  plan.asymmetric = rng.bernoulli(0.05);
  if (plan.asymmetric && rng.bernoulli(0.5)) plan.crest = Crest::kSlanted;
  // Hoops hold sticks or splats only.
  const Infill in_hoop[] = {Infill::kSpindles, Infill::kSpindles, Infill::kFan, Infill::kSplat, Infill::kVerticalSlats};
  if (plan.style == BackStyle::kHoop && plan.infill != Infill::kSplat)
    plan.infill = rng.pick_from(in_hoop), plan.count = rng.uniform_int(4, 8);
  // Upholstery keeps to soft seats, hoops and pads to closed ones.
  if (plan.style == BackStyle::kUpholstered && !seat.soft) plan.style = BackStyle::kPly;
  if ((plan.style == BackStyle::kHoop || plan.style == BackStyle::kPadded) && seat.open) plan.style = BackStyle::kFramed;
  if (plan.style == BackStyle::kBarrel && (seat.open || seat.rear > 8)) plan.style = BackStyle::kPly;
  const Vector3d corner = seat.corner(1, -1, plan.post * 0.5 + 0.002, 0);
  plan.foot_z = corner.z();
  plan.width = 2 * corner.x() + plan.post;
  return plan;
}

void add_back(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan, const PadOptions& padding) {
  BackMaker make(builder, seat, plan, padding);
  switch (plan.style) {
    case BackStyle::kFramed:
      return make.framed();
    case BackStyle::kHoop:
      return make.hoop();
    case BackStyle::kPly:
      return make.ply();
    case BackStyle::kPadded:
      return make.padded();
    case BackStyle::kUpholstered:
      return make.upholstered();
    case BackStyle::kBarrel:
      return make.barrel();
  }
}

void add_headrest(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan, const PadOptions& padding) {
  Rng rng = builder.rng.fork("headrest");
  PadOptions options = padding;
  options.tufts_x = options.channels = 0;
  const double depth = 0.05, low = plan.height + rng.uniform(0.015, 0.05), high = low + rng.uniform(0.12, 0.17);
  const TriangleMesh flat = upright(pad({plan.width * rng.uniform(0.5, 0.75), depth, high - low}, options));
  builder.add("headrest", "headrest", on_back(seat, plan, moved(flat, {0, (low + high) / 2, 0.01})));
  for (const double x : {-0.05, 0.05})
    builder.add("back_connector", "tube_headrest_post",
                on_back(seat, plan, sweep(straight({x, plan.height - 0.08, 0.005}, {x, low + 0.04, 0.005}, 6), circle_section(0.007, 8))));
}

}  // namespace looking3d
