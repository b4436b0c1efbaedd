// Seats: boards, saddles, cushions, drop-in pads, slats, weaves and bent plywood, all within one outline.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

/// A pad or board with the seat's outline, `shrink` inside it, between the heights low and high.
TriangleMesh seat_pad(const SeatPlan& seat, double low, double high, double shrink, PadOptions options) {
  options.front = seat.front, options.rear = seat.rear;
  const Vector3d size(seat.width - 2 * shrink, high - low, seat.depth - 2 * shrink);
  const double rear_share = seat.back_width / seat.width;
  return deformed(pad(size, options), [&](const Vector3d& p) {
    const double s = p.z() / seat.depth + 0.5;
    return Vector3d(p.x() * (rear_share + std::clamp(s, 0.0, 1.0) * (1 - rear_share)), p.y() + (low + high) / 2, p.z());
  });
}

void add_saddle(ChairBuilder& builder, const SeatPlan& seat, Rng& rng) {
  // Two hollows left and right of a ridge that fades towards the rear.
  const double dip = rng.uniform(0.008, 0.016), ridge = rng.uniform(0.0, 0.9);
  const TriangleMesh board = seat_pad(seat, seat.bottom(), seat.top, 0, {.edge = rng.uniform(0.3, 0.9)});
  builder.add("seat_surface", "seat", deformed(board, [&](const Vector3d& p) {
                if (p.y() < seat.top - seat.thickness * 0.3) return p;
                const double u = p.x() / std::max(0.05, seat.half_width_at(p.z())), v = 2 * p.z() / seat.depth;
                const double bowl = std::max(0.0, 1 - u * u) * std::max(0.0, 1 - v * v * v * v);
                const double rise = ridge * std::exp(-u * u / 0.04) * std::clamp(0.5 + v, 0.0, 1.0);
                return Vector3d(p.x(), p.y() - 1.4 * dip * bowl * (1 - rise), p.z());
              }));
}

void add_cushioned(ChairBuilder& builder, const SeatPlan& seat, Rng& rng) {
  const double board = std::min(seat.thickness * rng.uniform(0.25, 0.5), 0.03);
  builder.add("seat_frame", "seat_board", seat_pad(seat, seat.bottom(), seat.bottom() + board, 0, {.edge = 0.3}));
  PadOptions padding = draw_padding(rng);
  padding.waterfall = rng.bernoulli(0.4) ? board * 0.5 : 0;
  builder.add("seat_surface", "cushion",
              seat_pad(seat, seat.bottom() + board - kOverlap / 2, seat.top, rng.uniform(-0.004, 0.012), padding));
}

void add_drop_in(ChairBuilder& builder, const SeatPlan& seat, Rng& rng) {
  add_apron(builder, seat, seat.thickness, 0.0);
  PadOptions padding{.edge = 0.8, .crown = rng.uniform(0.008, 0.025)};
  const bool hard = rng.bernoulli(0.4);
  if (hard) padding = {.edge = 0.4, .crown = -rng.uniform(0, 0.012)};
  builder.add("seat_surface", hard ? "seat" : "cushion",
              seat_pad(seat, seat.top - 0.02, seat.top + (hard ? 0.002 : 0.012), 0.009, padding));
}

void add_slatted(ChairBuilder& builder, const SeatPlan& seat, Rng& rng) {
  const int count = rng.uniform_int(5, 10);
  const double rail = seat.thickness - 0.012, y = seat.bottom() + rail / 2, dip = rng.uniform(0, 0.012), gap = rng.uniform(0.12, 0.4);
  const double pitch = seat.depth / count, inset = rng.uniform(0.02, 0.03);
  const auto sag = [&](double z) { return dip * std::max(0.0, 1 - std::pow(2 * z / seat.depth, 2)); };
  const Section section = rectangle_section(0.024, rail, 0.003);
  for (const double side : {-1.0, 1.0}) {
    std::vector<Vector3d> path;
    for (int i = 0; i <= 6; ++i) {
      const double z = seat.depth * (i / 6.0 - 0.5) * 0.97;
      const double half = seat.back_width / 2 + (z / seat.depth + 0.5) * (seat.width - seat.back_width) / 2;
      path.emplace_back(side * (half - inset), y - sag(z), z);
    }
    builder.add("seat_frame", "seat_rail", sweep(path, section, Vector3d::UnitY()));
  }
  const bool round = rng.bernoulli(0.2);
  for (int i = 0; i < count; ++i) {
    const double z = -seat.depth / 2 + pitch * (i + 0.5), half = std::max(seat.half_width_at(z), 0.06), width = pitch * (1 - gap);
    const Vector3d left(-half, seat.top - 0.009 - sag(z), z), right(half, seat.top - 0.009 - sag(z), z);
    builder.add("seat_surface", "seat_slat",
                sweep({left, right}, round ? circle_section(0.009, 12) : rectangle_section(width, 0.018, 0.004), Vector3d::UnitY()));
  }
}

/// A frame of rails with a grid of straps, cane or wire between them.
void add_woven(ChairBuilder& builder, const SeatPlan& seat, Rng& rng) {
  const double rail = seat.thickness, sag = rng.uniform(0.004, 0.015);
  add_apron(builder, seat, rail, 0.0);
  const int n = rng.uniform_int(5, 12);
  const SheetOptions options = lattice(n, n + rng.uniform_int(-2, 2), rng.uniform(0.35, 0.75), 0.005);
  builder.add("seat_surface", "seat_weave",
              sheet(
                  [&](double u, double v) {
                    const double z = -v * (seat.depth / 2 - 0.008);  // so that its front is up
                    const double half = seat.back_width / 2 + (z / seat.depth + 0.5) * (seat.width - seat.back_width) / 2 - 0.008;
                    return Vector3d(u * half, seat.top - rail * 0.15 - sag * (1 - u * u) * (1 - v * v), z);
                  },
                  options));
}

void add_ply(ChairBuilder& builder, const SeatPlan& seat, Rng& rng) {
  const double dish = rng.uniform(0.003, 0.009), roll = rng.uniform(0.0, 0.014);
  SheetOptions options{.thickness = seat.thickness, .columns = 12, .rows = 12, .front = seat.rear, .rear = seat.front};
  builder.add("seat_surface", "seat_ply",
              sheet(
                  [&](double u, double v) {
                    const double z = -v * seat.depth / 2, s = z / seat.depth + 0.5;
                    const double half = (seat.back_width + s * (seat.width - seat.back_width)) / 2;
                    const double lip = std::pow(std::max(0.0, (s - 0.88) / 0.12), 2);
                    return Vector3d(u * half, seat.top - seat.thickness / 2 - dish * (1 - u * u) * (1 - lip) - roll * lip, z);
                  },
                  options));
}

}  // namespace

void ChairBuilder::add(const std::string& label, const std::string& group, TriangleMesh mesh) {
  shape_.parts.push_back({group + "_" + std::to_string(++counts_[group]), label, group, std::move(mesh)});
}

void ChairBuilder::relabel(const std::string& from, const std::string& to) {
  for (Part& part : shape_.parts)
    if (part.label == from) part.label = to;
}

Shape ChairBuilder::finish(const std::string& id, const std::string& family) {
  shape_.id = id;
  shape_.family = family;
  normalise(shape_);
  return std::move(shape_);
}

Vector2d SeatPlan::shaped(double x, double z) const {
  const Vector2d p = superellipse(2 * x / width, 2 * z / depth, front, rear);
  const double s = std::clamp(p.y() / 2 + 0.5, 0.0, 1.0);
  return {p.x() / 2 * (back_width + s * (width - back_width)), p.y() * depth / 2};
}

double SeatPlan::half_width_at(double z) const {
  const double v = std::clamp(2 * z / depth, -1.0, 1.0), p = v > 0 ? front : rear;
  const double outline = std::pow(std::max(0.0, 1 - std::pow(std::abs(v), p)), 1 / p);
  return outline * (back_width + (v + 1) / 2 * (width - back_width)) / 2;
}

Vector3d SeatPlan::corner(double side_x, double side_z, double inset, double y) const {
  const Vector2d p = shaped(side_x * width / 2, side_z * depth / 2);
  return {p.x() - side_x * inset, y, p.y() - side_z * inset};
}

Vector2d SeatPlan::outline(double angle) const {
  const Vector2d direction(std::sin(angle), std::cos(angle));
  const Vector2d on_square = direction / std::max(std::abs(direction.x()), std::abs(direction.y()));
  return shaped(on_square.x() * width / 2, on_square.y() * depth / 2);
}

SeatPlan draw_seat_plan(Rng& rng) {
  SeatPlan seat;
  seat.width = rng.uniform(0.4, 0.52);
  seat.depth = rng.uniform(0.38, 0.48);
  seat.back_width = seat.width * rng.uniform(0.8, 1.0);
  seat.top = rng.uniform(0.42, 0.49);
  const double weights[] = {5, 2, 1.5, 1.5};
  switch (rng.pick(weights)) {
    case 0:  // a rectangle or trapezoid with more or less rounded corners
      seat.front = rng.uniform(8, 24), seat.rear = rng.uniform(10, 30);
      break;
    case 1:  // a bell: round front, straight rear
      seat.front = rng.uniform(2.4, 4.5), seat.rear = rng.uniform(8, 16);
      break;
    case 2:  // round
      seat.front = seat.rear = rng.uniform(2, 2.4), seat.depth = seat.width *= 0.95, seat.back_width = seat.width;
      break;
    default:  // a cushion's squircle
      seat.front = seat.rear = rng.uniform(3.2, 5.5);
  }
  return seat;
}

void set_thickness(SeatPlan& seat, SeatStyle style, Rng& rng) {
  const bool angular = style == SeatStyle::kDropIn || style == SeatStyle::kWoven || style == SeatStyle::kSlatted;
  seat.soft = style == SeatStyle::kCushion;
  seat.open = angular;
  if (angular) seat.front = std::max(seat.front, 14.0), seat.rear = std::max(seat.rear, 14.0);
  const auto range = [&]() -> std::pair<double, double> {
    switch (style) {
      case SeatStyle::kBoard:
        return {0.02, 0.034};
      case SeatStyle::kSaddle:
        return {0.034, 0.05};
      case SeatStyle::kCushion:
        return {0.055, 0.1};
      case SeatStyle::kPly:
        return {0.01, 0.014};
      default:
        return {0.035, 0.06};
    }
  }();
  seat.thickness = rng.uniform(range.first, range.second);
}

PadOptions draw_padding(Rng& rng) {
  PadOptions padding{.edge = rng.uniform(0.6, 0.98), .crown = rng.uniform(0.006, 0.025)};
  if (rng.bernoulli(0.3)) padding.welt = rng.uniform(0.003, 0.006), padding.edge = rng.uniform(0.45, 0.7);
  if (rng.bernoulli(0.2)) {
    padding.tufts_x = rng.uniform_int(2, 3), padding.tufts_z = rng.uniform_int(2, 3), padding.crown += 0.008;
  } else if (rng.bernoulli(0.18)) {
    padding.channels = rng.uniform_int(3, 6);
  }
  return padding;
}

void add_seat(ChairBuilder& builder, const SeatPlan& seat, SeatStyle style) {
  Rng rng = builder.rng.fork("seat");
  switch (style) {
    case SeatStyle::kBoard:
      builder.add("seat_surface", "seat",
                  seat_pad(seat, seat.bottom(), seat.top, 0, {.edge = rng.uniform(0.2, 1.0), .crown = -rng.uniform(0, 0.009)}));
      return;
    case SeatStyle::kSaddle:
      return add_saddle(builder, seat, rng);
    case SeatStyle::kCushion:
      return add_cushioned(builder, seat, rng);
    case SeatStyle::kDropIn:
      return add_drop_in(builder, seat, rng);
    case SeatStyle::kSlatted:
      return add_slatted(builder, seat, rng);
    case SeatStyle::kWoven:
      return add_woven(builder, seat, rng);
    case SeatStyle::kPly:
      return add_ply(builder, seat, rng);
  }
}

void add_apron(ChairBuilder& builder, const SeatPlan& seat, double height, double inset) {
  const double y = (inset > 0 ? seat.bottom() + kOverlap : seat.top) - height / 2;
  const double z = seat.depth / 2 - inset - 0.011, slope = (seat.width - seat.back_width) / 2;
  const auto half_at = [&](double at) { return seat.back_width / 2 + (at / seat.depth + 0.5) * slope - inset - 0.011; };
  const Section section = rectangle_section(0.022, height, 0.003);
  const auto rail = [&](const Vector3d& a, const Vector3d& b) {
    builder.add("seat_frame", "apron", sweep({a, b}, section, Vector3d::UnitY()));
  };
  const double x_front = half_at(z), x_back = half_at(-z), e = 0.011;  // front and rear rail run to the outer edges
  rail({-x_front - e, y, z}, {x_front + e, y, z});
  rail({-x_back - e, y, -z}, {x_back + e, y, -z});
  rail({-x_back, y, -z}, {-x_front, y, z});
  rail({x_back, y, -z}, {x_front, y, z});
}

}  // namespace looking3d
