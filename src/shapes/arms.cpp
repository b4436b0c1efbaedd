// Arms of chairs: rests on posts, bent loops, panels, scrolls, office T-arms, rows of spindles.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// One arm; x grows outward, so that both sides share all numbers but the sign of x.
class ArmMaker {
 public:
  ArmMaker(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& back, const ArmPlan& plan, double side)
      : builder_(builder), seat_(seat), back_(back), plan_(plan), rng_(builder.rng.fork("arms")), side_(side) {
    const double reach = seat.corner(1, 1, 0.03, 0).z();
    front_ = reach * rng_.uniform(0.35, 1.0);
    const double overhang = rng_.uniform(0.01, 0.06), droop = rng_.uniform(-0.015, 0.03), splay = rng_.uniform(0, 0.03);
    const double x_seat = seat_edge(front_) - plan.thickness * 0.4;
    foot_ = at(x_seat, seat.bottom() + seat.thickness * 0.3, front_);
    top_ = at(x_seat + splay, seat.top + plan.height - droop, front_);
    tip_ = top_ + Vector3d(0, 0, overhang);
    const double y = plan.height / std::cos(back.recline_rad + back.bend_rad / 2), half = side_of_back(back, y);
    joins_ = half > 0.1 && y < back.height * 0.9;
    rear_ = joins_ ? on_back(seat, back, Vector3d(side * half, y, 0))
                   : at(seat_edge(-front_ * 0.7) - plan.thickness * 0.4, seat.top + plan.height, -front_ * 0.7);
  }

  void make() {
    switch (plan_.style) {
      case ArmStyle::kLoop:
        return loop();
      case ArmStyle::kPanel:
        return panel();
      case ArmStyle::kTee:
        return tee();
      default:
        posts();
        rest();
    }
  }

 private:
  Vector3d at(double x, double y, double z) const { return {side_ * x, y, z}; }
  /// Half of the seat's width at z, where its rounded corners do not count: arms reach beyond them.
  double seat_edge(double z) const {
    return seat_.half_width_at(std::clamp(z, seat_.corner(1, -1, 0, 0).z(), seat_.corner(1, 1, 0, 0).z()));
  }
  bool round() const { return rng_.fork("section").bernoulli(0.5); }
  Section post_section() const {
    const double t = plan_.thickness;
    return round() ? circle_section(t / 2, 12) : rectangle_section(t, t, 0.004);
  }
  /// The rest's middle line from the back to its tip.
  Vector3d along(double s) const {
    return spline({rear_, (rear_ + tip_) / 2 + at(0.012, 0.004, 0), tip_}, 20)[static_cast<size_t>(std::lround(s * 40))];
  }

  void post(const Vector3d& foot, const Vector3d& top, double slim) {
    const double bow = rng_.fork("bow").bernoulli(0.3) ? rng_.fork("bow by").uniform(-0.02, 0.03) : 0;
    std::vector<Vector3d> path = straight(foot, top, 8);
    for (size_t i = 0; i < path.size(); ++i) path[i].z() += bow * std::sin(kPi * static_cast<double>(i) / 8);
    builder_.add("arm_support", "arm_support", sweep(path, post_section(), Vector3d::UnitZ(), tapered_to(slim)));
  }

  void posts() {
    post(foot_, top_, rng_.fork("slim").uniform(0.7, 1.0));
    const int more = plan_.style == ArmStyle::kTwoPosts || !joins_ ? 1 : plan_.style == ArmStyle::kSpindled ? 4 : 0;
    for (int i = 1; i <= more; ++i) {
      const double s = more == 1 ? (joins_ ? 0.4 : 0.04) : 1 - static_cast<double>(i) / (more + 1);
      const Vector3d top = along(s);
      const Vector3d foot = at(seat_edge(top.z()) - plan_.thickness * 0.4, foot_.y(), top.z());
      if (more == 1)
        post(foot, top, 0.9);
      else
        builder_.add("arm_support", "arm_spindle", sweep({foot, top}, circle_section(plan_.thickness * 0.25, 9)));
    }
  }

  void rest() {
    const double t = plan_.thickness;
    std::vector<Vector3d> path = spline({rear_, (rear_ + tip_) / 2 + at(0.012, 0.004, 0), tip_}, 8);
    const double broad = rng_.fork("paddle").uniform(0.0, 0.5);
    if (plan_.style == ArmStyle::kScroll) {
      const double r = 0.03;
      for (int i = 1; i <= 12; ++i) {
        const double a = 1.5 * kPi * i / 12, shrink = 1 - 0.35 * i / 12;
        path.push_back(tip_ + Vector3d(0, -r + r * shrink * std::cos(a), r * shrink * std::sin(a)));
      }
    }
    builder_.add("armrest", "armrest", sweep(path, rectangle_section(plan_.width, t * 0.8, t * 0.3, 3), Vector3d::UnitY(), [&](double s) {
                   return Vector2d(0.75 + broad * std::sin(kPi * std::min(1.0, 0.15 + s * 0.75)), 1);
                 }));
    if (plan_.style != ArmStyle::kPadded) return;
    const Vector3d forward = (tip_ - rear_).normalized();
    const TriangleMesh soft = pad({plan_.width * 1.25, t, (tip_ - rear_).norm() * 0.65}, {.edge = 0.8, .crown = 0.003});
    const double pitch = std::asin(std::clamp(-forward.y(), -0.5, 0.5));
    builder_.add("armrest", "arm_pad",
                 moved(turned(soft, pitch, Vector3d::UnitX()), (along(0.5) + along(0.6)) / 2 + Vector3d(0, t * 0.7, 0)));
  }

  void loop() {
    std::vector<Vector3d> corners{foot_, top_, rear_};
    if (!joins_) corners.push_back(at(seat_edge(rear_.z()) - plan_.thickness * 0.4, foot_.y(), rear_.z()));
    const double t = plan_.thickness;
    const bool flat = rng_.fork("flat").bernoulli(0.35);
    builder_.add("armrest", "arm_loop",
                 sweep(rounded_path(corners, rng_.fork("bend").uniform(0.04, 0.11), false, 7),
                       flat ? rectangle_section(t * 0.6, t * 1.3, 0.004) : circle_section(t / 2, 12), Vector3d::UnitZ()));
  }

  void panel() {
    const double rear_z = joins_ ? rear_.z() : -front_, low = seat_.bottom() + seat_.thickness * 0.2,
                 slope = rng_.fork("slope").uniform(0, 0.25);
    SheetOptions options{
        .thickness = plan_.thickness * 0.8, .columns = 10, .rows = 8, .front = rng_.fork("outline").uniform(5, 20), .rear = 40};
    builder_.add("arm_support", "arm_panel",
                 sheet(
                     [&](double u, double v) {
                       const double s = (u + 1) / 2, z = front_ + s * (rear_z - front_), share = (v + 1) / 2;
                       const double high = seat_.top + plan_.height * (1 - slope * (1 - s));
                       const Vector3d below = at(seat_edge(z) - plan_.thickness * 0.4, low, z);
                       const Vector3d above(rear_.x() * s + top_.x() * (1 - s), high, z);
                       return Vector3d(below + share * (above - below));
                     },
                     options));
  }

  void tee() {
    const double x = seat_edge(0) + 0.03, t = plan_.thickness, y = seat_.bottom() - t * 0.1, high = seat_.top + plan_.height;
    builder_.add("arm_support", "arm_column",
                 sweep(rounded_path({at(x - 0.16, y, 0), at(x, y, 0), at(x + 0.005, high - 0.008, 0.01)}, 0.05, false, 6),
                       rectangle_section(t * 1.8, t * 0.7, t * 0.25), Vector3d::UnitZ()));
    builder_.add("armrest", "arm_pad",
                 moved(pad({plan_.width * 1.5, 0.028, rng_.fork("length").uniform(0.2, 0.28)}, {.edge = 0.8, .front = 5, .rear = 5}),
                       at(x + 0.005, high, 0.02)));
  }

  ChairBuilder& builder_;
  const SeatPlan& seat_;
  const BackPlan& back_;
  const ArmPlan& plan_;
  mutable Rng rng_;
  const double side_;
  double front_ = 0;
  bool joins_ = true;
  Vector3d foot_, top_, tip_, rear_;
};

}  // namespace

ArmPlan draw_arm_plan(Rng& rng) {
  ArmPlan plan;
  const double weights[] = {3, 1, 2, 1.2, 1, 1, 0, 1};
  plan.style = static_cast<ArmStyle>(rng.pick(weights));
  plan.height = rng.uniform(0.17, 0.25);
  plan.thickness = rng.uniform(0.022, 0.034);
  plan.width = rng.uniform(0.035, 0.065);
  if (rng.bernoulli(0.05)) (rng.bernoulli(0.5) ? plan.left : plan.right) = false;  // a conversation chair
  return plan;
}

void add_arms(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& back, const ArmPlan& plan) {
  if (plan.left) ArmMaker(builder, seat, back, plan, -1).make();
  if (plan.right) ArmMaker(builder, seat, back, plan, 1).make();
}

}  // namespace looking3d
