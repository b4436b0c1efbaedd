// One-piece shells: a seat and back moulded from one sheet.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

/// A smooth curve through values at even parameters, evaluated at s in [0, 1] (Catmull-Rom).
template <class Value>
Value through(const std::vector<Value>& points, double s) {
  const int n = static_cast<int>(points.size());
  const double at = std::clamp(s, 0.0, 1.0) * (n - 1);
  const int i = std::min(static_cast<int>(at), n - 2);
  const double t = at - i;
  const auto p = [&](int k) -> Value {
    if (k < 0) return 2 * points[0] - points[1];
    if (k >= n) return 2 * points[static_cast<size_t>(n) - 1] - points[static_cast<size_t>(n) - 2];
    return points[static_cast<size_t>(k)];
  };
  const Value p0 = p(i - 1), p1 = p(i), p2 = p(i + 1), p3 = p(i + 2);
  return 0.5 * (2 * p1 + t * (p2 - p0) + t * t * (2 * p0 - 5 * p1 + 4 * p2 - p3) + t * t * t * (3 * p1 - p0 - 3 * p2 + p3));
}

}  // namespace

void add_shell(ChairBuilder& builder, SeatPlan& seat, bool tub) {
  Rng rng = builder.rng.fork("shell");
  const double height = rng.uniform(0.3, 0.44), lean = rng.uniform(0.12, 0.3), d = seat.depth, y = seat.top;
  const double lip = rng.uniform(0.01, 0.035), half = seat.width / 2, waist = tub ? rng.uniform(1.05, 1.2) : rng.uniform(0.8, 1.0);
  // The side view, from the front lip over the seat and around the bend up to the top: (y, z).
  const std::vector<Vector2d> side{{y - lip, d * 0.5},
                                   {y - 0.008, d * 0.36},
                                   {y - 0.028, d * 0.05},
                                   {y - 0.02, -d * 0.3},
                                   {y + 0.075, -d * 0.47},
                                   {y + height * 0.6, -d * 0.5 - height * 0.5 * lean},
                                   {y + height, -d * 0.5 - height * lean}};
  const std::vector<double> halves{half * 0.92,
                                   half,
                                   half * 1.02,
                                   half * waist,
                                   half * waist * (tub ? 1.06 : 1),
                                   half * (tub ? 1.02 : 0.96),
                                   half * rng.uniform(0.72, 0.95)};
  const double bowl = rng.uniform(0.012, 0.03), wrap = rng.uniform(0.02, 0.06),
               wing = tub ? rng.uniform(0.12, 0.2) : rng.uniform(0.03, 0.07);
  const std::vector<double> dishes{bowl * 0.3, bowl, bowl + wing * 0.35, bowl + wing, wrap + wing, wrap + wing * 0.3, wrap * 0.6};
  SheetOptions options{
      .thickness = rng.uniform(0.008, 0.014), .columns = 16, .rows = 28, .front = rng.uniform(2.8, 7), .rear = rng.uniform(3, 8)};
  const int opening = rng.uniform_int(0, 5);
  options.is_hole = [=](int column, int row) {
    if (opening == 0) return row >= 24 && row <= 25 && column >= 6 && column <= 9;  // a grip
    return opening == 1 && row >= 14 && row <= 15 && column >= 5 && column <= 10;   // a gap above the seat
  };
  const auto surface = [&](double u, double v) {
    const double s = (v + 1) / 2;
    // Towards the sitter: up on the seat, forward on the back, turning slowly so that the sheet does not fold at the bend.
    const double turn = std::numbers::pi / 2 * std::clamp((s - 0.15) / 0.8, 0.0, 1.0);
    const Vector2d at = through(side, s) + Vector2d(std::cos(turn), std::sin(turn)) * through(dishes, s) * std::pow(std::abs(u), 2.2);
    return Vector3d(-u * through(halves, s), at.x(), at.y());
  };
  builder.add("seat_surface", "shell", sheet(surface, options));
  // The underside's lowest place carries the base.
  double lowest = seat.top;
  for (int i = 0; i <= 20; ++i) lowest = std::min(lowest, surface(0, -0.6 + 0.04 * i).y() - options.thickness / 2);
  seat.thickness = seat.top - lowest;
  seat.skin = options.thickness;
  seat.front = seat.rear = 4;
  if (!rng.bernoulli(0.3)) return;
  PadOptions padding = draw_padding(rng);
  padding.front = padding.rear = 3.5, padding.crown = 0.004;
  const TriangleMesh flat = pad({seat.width * 0.66, 0.03, d * 0.62}, padding);
  builder.add("seat_surface", "cushion", deformed(flat, [&](const Vector3d& p) {
                const double rise = dishes[2] * std::pow(std::abs(p.x()) / half, 2.2);  // as the sheet below it
                return Vector3d(p.x(), p.y() + lowest + options.thickness + 0.012 + rise, p.z() + d * 0.05);
              }));
}

}  // namespace looking3d
