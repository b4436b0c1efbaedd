#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// Moves a mesh from the back's own frame (origin at the seat's rear edge on the sitting surface, x across, y up, z forward).
TriangleMesh place(const SeatPlan& seat, const BackPlan& plan, const TriangleMesh& mesh) {
  return moved(turned(mesh, -plan.recline_rad, Vector3d::UnitX()), {0, seat.top, -seat.depth / 2 + plan.post / 2});
}

/// Bends a board so that its sides come forward: z += curve * (2x / width)^2.
TriangleMesh bent(const TriangleMesh& mesh, double width, double curve) {
  return deformed(mesh, [=](const Vector3d& p) { return Vector3d(p.x(), p.y(), p.z() + curve * std::pow(2 * p.x() / width, 2)); });
}

TriangleMesh bent_board(double width, double height, double thickness, double curve, double y, double radius = 0.006) {
  RoundedBoxOptions options{.radius = std::min(radius, thickness * 0.45), .round_segments = 2, .divisions = {12, 3, 1}};
  return moved(bent(rounded_box({width, height, thickness}, options), width, curve), {0, y, 0});
}

class BackMaker {
 public:
  BackMaker(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan)
      : builder_(builder), seat_(seat), plan_(plan), rng_(builder.rng.fork("back")), foot_(-seat.thickness * 0.6) {}

  void panel() {
    const double lift = rng_.bernoulli(0.4) ? rng_.uniform(0.06, 0.16) : 0;
    if (lift > 0) posts(lift + plan_.height * 0.4, 0.6);
    const double bottom = lift > 0 ? lift : foot_;
    add("back_surface", "back_panel",
        bent_board(plan_.width, plan_.height - bottom, plan_.thickness, plan_.curve, (plan_.height + bottom) / 2, plan_.thickness * 0.45));
  }

  void horizontal_slats() {
    posts(plan_.height, 1.0);
    const double span = plan_.height * rng_.uniform(0.55, 0.8), pitch = span / plan_.count, height = pitch * rng_.uniform(0.35, 0.8);
    for (int i = 0; i < plan_.count; ++i) {
      const double shift = plan_.asymmetric && i == plan_.count - 1 ? -0.25 * pitch : 0;
      const double y = plan_.height - height / 2 - 0.01 - i * pitch + shift;
      add("back_connector", "back_slat", bent_board(inner_width(), height, plan_.thickness * 0.8, -plan_.curve, y));
    }
  }

  void vertical_slats() {
    posts(plan_.height, 1.0);
    const double rail = rng_.uniform(0.035, 0.08), low = rng_.bernoulli(0.6) ? rng_.uniform(0.04, 0.14) : -1;
    add("back_frame", "back_rail", bent_board(inner_width(), rail, plan_.thickness, 0, plan_.height - rail / 2 - 0.004));
    if (low > 0) add("back_frame", "back_rail", bent_board(inner_width(), rail * 0.6, plan_.thickness, 0, low));
    const double bottom = low > 0 ? low : foot_, top = plan_.height - rail + 0.01;
    const double pitch = inner_width() / plan_.count, width = pitch * rng_.uniform(0.25, 0.65);
    for (int i = 0; i < plan_.count; ++i) {
      const double shift = plan_.asymmetric && i == 0 ? 0.3 * pitch : 0;
      const double x = (i + 0.5) * pitch - inner_width() / 2 + shift;
      add("back_connector", "back_slat",
          moved(rounded_box({width, top - bottom, plan_.thickness * 0.6}, {.radius = 0.003}), {x, (top + bottom) / 2, 0}));
    }
  }

  void spindles() {
    posts(plan_.height, 1.0);
    const double rail = rng_.uniform(0.04, 0.09), bow = rng_.uniform(0, 0.05);
    TriangleMesh top = bent_board(inner_width() + 2 * plan_.post, rail, plan_.thickness, 0, plan_.height);
    top = deformed(top, [&](const Vector3d& p) {
      const double u = 2 * p.x() / (inner_width() + 2 * plan_.post);
      return Vector3d(p.x(), p.y() + bow * (1 - u * u), p.z());
    });
    add("back_frame", "back_rail", top);
    const double pitch = inner_width() / plan_.count, radius = rng_.uniform(0.005, 0.009);
    const bool beaded = rng_.bernoulli(0.4);
    for (int i = 0; i < plan_.count; ++i) {
      const double x = (i + 0.5) * pitch - inner_width() / 2 + (plan_.asymmetric && i == 0 ? 0.25 * pitch : 0);
      spindle({x * 0.92, foot_, 0}, {x, plan_.height, 0}, radius, beaded);
    }
  }

  void hoop() {
    const double half = plan_.width / 2, r = std::max(0.009, plan_.post * 0.4);
    const double power = rng_.uniform(2.0, 3.5);
    std::vector<Vector3d> path;
    for (int i = 0; i <= 24; ++i) {
      const double a = kPi * i / 24;  // superellipse from the right foot over the top to the left foot
      const double c = std::cos(a), s = std::sin(a);
      path.emplace_back(half * std::copysign(std::pow(std::abs(c), 2 / power), c), foot_ + (plan_.height - foot_) * std::pow(s, 2 / power),
                        0);
    }
    add("back_frame", "hoop", sweep(path, circle_section(r, 12)));
    const double pitch = plan_.width * 0.86 / plan_.count;
    for (int i = 0; i < plan_.count; ++i) {
      const double x = (i + 0.5) * pitch - plan_.width * 0.43;
      const double c = std::pow(std::abs(x) / half, power);
      spindle({x * 0.85, foot_, 0}, {x, foot_ + (plan_.height - foot_) * std::pow(1 - c, 1 / power), 0}, r * 0.6, false);
    }
  }

  void padded_frame() {
    posts(plan_.height * rng_.uniform(0.8, 1.0), 1.0);
    const double low = plan_.height * rng_.uniform(0.15, 0.4), depth = rng_.uniform(0.03, 0.06);
    const Vector3d size(plan_.width * 0.98, plan_.height - low, depth);
    // A cushion's crown points up; stand it against the posts.
    const TriangleMesh pad = turned(cushion({size.x(), size.z(), size.y()}, 0.9, 0.015), kPi / 2, Vector3d::UnitX());
    add("back_surface", "back_cushion", moved(bent(pad, plan_.width, plan_.curve * 0.6), {0, low + size.y() / 2, plan_.post * 0.4}));
    if (rng_.bernoulli(0.4)) add("back_frame", "back_rail", bent_board(inner_width(), 0.03, plan_.thickness, 0, low + 0.05));
  }

  void cushion_back() {
    const double depth = rng_.uniform(0.06, 0.11), height = plan_.height - foot_;
    const TriangleMesh pad = turned(cushion({plan_.width, depth, height}, 0.85, 0.02), kPi / 2, Vector3d::UnitX());
    add("back_surface", "back_cushion", moved(bent(pad, plan_.width, plan_.curve), {0, foot_ + height / 2, depth * 0.2}));
  }

  void barrel() {
    // A shell that wraps around the seat: a board bent into an arc, lower at the sides.
    const double arc = rng_.uniform(1.6, 2.8), fall = rng_.uniform(0.0, 0.55),
                 radius = plan_.width / 2 / std::sin(std::min(arc / 2, kPi / 2));
    const double bottom = foot_, height = plan_.height * 0.8 - bottom;
    RoundedBoxOptions options{.radius = plan_.thickness * 0.45, .round_segments = 2, .divisions = {24, 4, 1}};
    const TriangleMesh board = deformed(rounded_box({arc, height, plan_.thickness * 1.3}, options), [&](const Vector3d& p) {
      const double u = 2 * p.x() / arc, v = p.y() / height + 0.5;
      const double y = bottom + v * height * (1 - fall * u * u);
      const double r = radius - p.z();
      return Vector3d(r * std::sin(p.x()), y, radius - r * std::cos(p.x()));
    });
    add("back_surface", "back_shell", board);
  }

  void cross_frame() {
    posts(plan_.height, 1.0);
    const double rail = rng_.uniform(0.04, 0.07), low = plan_.height * rng_.uniform(0.2, 0.35);
    add("back_frame", "back_rail", bent_board(inner_width(), rail, plan_.thickness, 0, plan_.height - rail / 2));
    add("back_frame", "back_rail", bent_board(inner_width(), rail * 0.7, plan_.thickness, 0, low));
    const double half = inner_width() / 2, top = plan_.height - rail;
    const Section section = rectangle_section(plan_.thickness * 0.6, rng_.uniform(0.02, 0.04), 0.003);
    add("back_connector", "back_cross", sweep({{-half, low, 0}, {half, top, 0}}, section, Vector3d::UnitY()));
    add("back_connector", "back_cross", sweep({{half, low, 0.002}, {-half, top, 0.002}}, section, Vector3d::UnitY()));
  }

  void low_rail() {
    const double height = plan_.height * rng_.uniform(0.4, 0.65);
    posts(height, 1.0);
    add("back_frame", "back_rail", bent_board(plan_.width, height * rng_.uniform(0.25, 0.5), plan_.thickness, plan_.curve, height * 0.85));
  }

 private:
  double inner_width() const { return plan_.width - plan_.post * 0.8; }

  void add(const std::string& label, const std::string& group, const TriangleMesh& mesh) {
    builder_.add(label, group, place(seat_, plan_, mesh));
  }

  void posts(double height, double spread) {
    const bool is_round = rng_.fork("post section").bernoulli(0.5);
    const Section section = is_round ? circle_section(plan_.post / 2) : rectangle_section(plan_.post, plan_.post * 0.8, 0.004);
    const double x = (plan_.width - plan_.post) / 2 * spread;
    for (const double side : {1.0, -1.0}) add("back_frame", "back_post", sweep({{side * x, foot_, 0}, {side * x, height, 0}}, section));
  }

  void spindle(const Vector3d& from, const Vector3d& to, double radius, bool beaded) {
    std::vector<Vector3d> path{from, to};
    if (beaded) path = spline({from, from + (to - from) / 3, from + (to - from) * 2 / 3, to}, 5);
    add("back_connector", "spindle", sweep(path, circle_section(radius, 10), Vector3d::UnitZ(), [&](double s) {
          return beaded ? 0.75 + 0.7 * std::pow(std::sin(kPi * s), 4) : 1.0;
        }));
  }

  ChairBuilder& builder_;
  const SeatPlan& seat_;
  const BackPlan& plan_;
  Rng rng_;
  const double foot_;  ///< lower end of the members, inside the seat
};

}  // namespace

Vector3d on_back(const SeatPlan& seat, const BackPlan& plan, const Vector3d& x_in_back) {
  const Vector3d leaning = Eigen::AngleAxisd(-plan.recline_rad, Vector3d::UnitX()) * x_in_back;
  return leaning + Vector3d(0, seat.top, -seat.depth / 2 + plan.post / 2);
}

BackPlan draw_back_plan(Rng& rng, const SeatPlan& seat) {
  BackPlan plan;
  plan.style = static_cast<BackStyle>(rng.uniform_int(0, 9));
  plan.width = seat.back_width * rng.uniform(0.86, 1.0);
  plan.height = rng.uniform(0.34, 0.6);
  plan.recline_rad = rng.uniform(0.04, 0.28);
  plan.thickness = rng.uniform(0.014, 0.028);
  plan.curve = rng.uniform(0.0, 0.05);
  plan.post = rng.uniform(0.022, 0.042);
  const bool thin = plan.style == BackStyle::kSpindles || plan.style == BackStyle::kHoop;
  plan.count = thin ? rng.uniform_int(4, 9) : rng.uniform_int(2, 6);
  plan.asymmetric = rng.bernoulli(0.06);
  return plan;
}

void add_back(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan) {
  BackMaker make(builder, seat, plan);
  switch (plan.style) {
    case BackStyle::kPanel:
      return make.panel();
    case BackStyle::kHorizontalSlats:
      return make.horizontal_slats();
    case BackStyle::kVerticalSlats:
      return make.vertical_slats();
    case BackStyle::kSpindles:
      return make.spindles();
    case BackStyle::kHoop:
      return make.hoop();
    case BackStyle::kPaddedFrame:
      return make.padded_frame();
    case BackStyle::kCushion:
      return make.cushion_back();
    case BackStyle::kBarrel:
      return make.barrel();
    case BackStyle::kCrossFrame:
      return make.cross_frame();
    case BackStyle::kLowRail:
      return make.low_rail();
  }
}

ArmPlan draw_arm_plan(Rng& rng) {
  ArmPlan plan;
  plan.style = static_cast<ArmStyle>(rng.uniform_int(0, 4));
  plan.height = rng.uniform(0.16, 0.26);
  plan.thickness = rng.uniform(0.02, 0.036);
  plan.width = rng.uniform(0.03, 0.07);
  if (rng.bernoulli(0.05)) (rng.bernoulli(0.5) ? plan.left : plan.right) = false;  // a tablet-arm or conversation chair
  return plan;
}

void add_arms(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& back, const ArmPlan& plan) {
  Rng rng = builder.rng.fork("arms");
  const double y = seat.top + plan.height, t = plan.thickness;
  const double front = seat.depth * rng.uniform(0.1, 0.45), overhang = rng.uniform(0.0, 0.06), droop = rng.uniform(-0.01, 0.03);
  const double splay = rng.uniform(0, 0.025);
  const bool round_section = rng.bernoulli(0.5);
  const Section post = round_section ? circle_section(t / 2) : rectangle_section(t, t, 0.004);
  for (const double side : {-1.0, 1.0}) {
    if (side < 0 ? !plan.left : !plan.right) continue;
    const double x_seat = side * (seat.half_width_at(front) - t * 0.35), x = x_seat + side * splay;
    // The rest starts inside the back's side, where the back is at arm height.
    const double x_back = side * (back.width / 2 - 0.012);
    const Vector3d rear = on_back(seat, back, {x_back, plan.height / std::cos(back.recline_rad), 0});
    const Vector3d fore(x, y - droop, front + overhang);
    const Vector3d post_foot(x_seat, seat.bottom() + seat.thickness * 0.3, front), post_top(x, y - droop, front);
    switch (plan.style) {
      case ArmStyle::kPost:
      case ArmStyle::kTwoPosts:
        builder.add("arm_support", "arm_support", sweep({post_foot, post_top}, post));
        builder.add("armrest", "armrest",
                    sweep(spline({rear, (rear + fore) / 2 + Vector3d(side * 0.008, 0.004, 0), fore}, 6),
                          rectangle_section(plan.width, t * 0.8, t * 0.3), Vector3d::UnitY()));
        if (plan.style == ArmStyle::kTwoPosts) {
          const double z = -seat.depth * 0.15, x2 = side * (seat.half_width_at(z) - t * 0.35);
          const double s = std::clamp((z - rear.z()) / (fore.z() - rear.z()), 0.0, 1.0);
          const Vector3d top = rear + s * (fore - rear);
          builder.add("arm_support", "arm_support", sweep({{x2, seat.bottom() + seat.thickness * 0.3, z}, top}, post));
        }
        break;
      case ArmStyle::kLoop: {
        const double bend = std::min(0.07, plan.height * 0.4);
        builder.add("armrest", "arm_loop",
                    sweep(spline({post_foot, post_top - Vector3d(0, bend, 0), post_top + Vector3d(0, -bend * 0.2, -bend * 0.3),
                                  post_top + Vector3d(0, 0, -bend * 1.2), rear},
                                 7),
                          circle_section(t / 2, 14), Vector3d::UnitX()));
        break;
      }
      case ArmStyle::kPanel: {
        const double depth = front - rear.z(), z = (front + rear.z()) / 2, height = y - seat.bottom();
        builder.add("arm_support", "arm_panel",
                    moved(rounded_box({t, height, depth}, {.radius = t * 0.3}), {x_seat, seat.bottom() + height / 2, z}));
        break;
      }
      case ArmStyle::kPadded: {
        builder.add("arm_support", "arm_support", sweep({post_foot, post_top}, post));
        builder.add("armrest", "armrest", sweep({rear, fore}, rectangle_section(plan.width * 0.6, t * 0.6, 0.004), Vector3d::UnitY()));
        const double length = (fore - rear).norm() * 0.7;
        builder.add("armrest", "arm_pad",
                    moved(cushion({plan.width * 1.2, t, length}, 0.8, 0.003), (rear + fore) / 2 + Vector3d(0, t * 0.7, 0.02)));
        break;
      }
    }
  }
}

}  // namespace looking3d
