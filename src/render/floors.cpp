#include "render/floors.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/random.h"
#include "render/noise.h"

namespace looking3d {
namespace {

struct Tint {
  const char* name;
  float r, g, b;  ///< sRGB, 0..255
};
constexpr Tint kWoods[] = {{"oak", 178, 140, 98},      {"pale oak", 205, 176, 138}, {"walnut", 108, 76, 54}, {"ash", 196, 172, 138},
                           {"smoked oak", 98, 78, 62}, {"pine", 212, 172, 120},     {"teak", 150, 104, 66},  {"grey oak", 158, 146, 132}};
constexpr Tint kStones[] = {{"grey", 150, 149, 146},      {"white", 222, 220, 215}, {"black", 52, 52, 54},        {"sand", 198, 184, 160},
                            {"terracotta", 172, 104, 76}, {"slate", 88, 93, 98},    {"pale grey", 190, 189, 185}, {"green", 96, 116, 104}};
constexpr Tint kYarns[] = {{"grey", 132, 131, 130}, {"beige", 190, 176, 154}, {"anthracite", 62, 62, 65}, {"blue", 70, 88, 118},
                           {"rust", 142, 78, 56},   {"moss", 98, 104, 76},    {"cream", 212, 204, 188},   {"wine", 98, 42, 50}};
constexpr const char* kKindNames[kFloorKinds] = {"planks", "parquet", "tiles", "carpet", "concrete", "terrazzo", "plain"};

float linear_from_srgb(float v) {
  return std::pow(v / 255, 2.2f);
}

float at2(const Vector2f& p, float frequency, float layer) {
  return noise(p.x() * frequency, p.y() * frequency, layer);
}

/// 0 in the joint between two cells of size `unit`, 1 inside them.
float inside_joint(const Vector2f& in_cell, const Vector2f& unit, float gap) {
  const Vector2f edge = in_cell.cwiseMin(unit - in_cell);
  return smooth_step(0.3f * gap, gap, edge.minCoeff());
}

}  // namespace

Floor::Floor(uint32_t id) : id_(id), kind_(static_cast<FloorKind>(id % kFloorKinds)) {
  Rng rng(identity(0, "floor", id));
  const auto uniform = [&](double low, double high) { return static_cast<float>(rng.uniform(low, high)); };
  const bool wood = kind_ == FloorKind::kPlanks || kind_ == FloorKind::kParquet;
  const Tint& tint = wood ? rng.pick_from(kWoods) : kind_ == FloorKind::kCarpet ? rng.pick_from(kYarns) : rng.pick_from(kStones);
  const float light = std::exp(uniform(-0.2, 0.2)), warm = uniform(-0.05, 0.05);
  colour_ = light * Vector3f(linear_from_srgb(tint.r) * (1 + warm), linear_from_srgb(tint.g), linear_from_srgb(tint.b) * (1 - warm));
  colour_ = colour_.cwiseMin(0.8f);
  second_ = colour_ * uniform(0.45, 0.7);
  const float turn = uniform(0, 2 * std::numbers::pi);
  turn_ = {std::cos(turn), std::sin(turn)};
  offset_ = {uniform(-50, 50), uniform(-50, 50)};
  contrast_ = uniform(0.25, 0.7);
  gap_ = uniform(0.006, 0.016);
  roughness_ = wood                            ? uniform(0.25, 0.6)
               : kind_ == FloorKind::kCarpet   ? 1.0f
               : kind_ == FloorKind::kConcrete ? uniform(0.35, 0.75)
                                               : uniform(0.15, 0.55);
  if (kind_ == FloorKind::kPlanks) unit_ = {uniform(2.2, 4.2), uniform(0.2, 0.4)};
  if (kind_ == FloorKind::kParquet) unit_ = Vector2f::Constant(uniform(0.5, 0.9));
  if (kind_ == FloorKind::kTiles) {
    const float side = uniform(0.35, 1.1);
    unit_ = {side * (rng.bernoulli(0.3) ? 2.0f : 1.0f), side};
  }
}

std::string Floor::name() const {
  return std::string(kKindNames[static_cast<int>(kind_)]) + " " + std::to_string(id_);
}

SurfaceSample Floor::at(const Vector2f& xz, bool fine) const {
  const Vector2f p = Vector2f(turn_.x() * xz.x() - turn_.y() * xz.y(), turn_.y() * xz.x() + turn_.x() * xz.y()) + offset_;
  const auto sample = [&] {
    switch (kind_) {
      case FloorKind::kPlanks:
        return planks(p);
      case FloorKind::kParquet:
        return parquet(p);
      case FloorKind::kTiles:
        return tiles(p);
      case FloorKind::kCarpet:
        return carpet(p, fine);
      default:
        return plain(p);
    }
  };
  SurfaceSample s = sample();
  s.base_colour = s.base_colour.cwiseMax(0.01f).cwiseMin(0.85f);
  s.roughness = std::clamp(s.roughness, 0.1f, 1.0f);
  return s;
}

/// One board with its grain along x: year rings cut nearly lengthwise, fibres, and a tone of its own.
SurfaceSample Floor::board(const Vector2f& p, const Vector2f& size, int row, int column) const {
  const float tone = lattice_value(row, column, 11), shift = 40 * lattice_value(row, column, 23);
  const Vector2f q(p.x() + shift, p.y() + 0.5f * shift);
  const float rings = 0.5f + 0.5f * std::sin(60 * q.y() + 14 * noise(q.x() * 0.8f, q.y() * 5, shift));
  const float fibre = noise(q.x() * 6, q.y() * 90, shift);
  SurfaceSample s;
  s.base_colour = colour_ + contrast_ * std::clamp(0.45f * rings + 0.3f * fibre, 0.0f, 1.0f) * (second_ - colour_);
  s.base_colour *= (1 + 0.16f * tone) * (1 + 0.05f * fibre) * (0.35f + 0.65f * inside_joint(p, size, gap_));
  s.roughness = roughness_ + 0.05f * fibre;
  return s;
}

SurfaceSample Floor::planks(const Vector2f& p) const {
  const float row = std::floor(p.y() / unit_.y());
  const float x = p.x() + unit_.x() * (0.5f + 0.5f * lattice_value(static_cast<int>(row), 0, 5));
  const float column = std::floor(x / unit_.x());
  return board({x - column * unit_.x(), p.y() - row * unit_.y()}, unit_, static_cast<int>(row), static_cast<int>(column));
}

/// Squares of five strips, each square turned against its neighbours.
SurfaceSample Floor::parquet(const Vector2f& p) const {
  const Vector2f cell(std::floor(p.x() / unit_.x()), std::floor(p.y() / unit_.y()));
  Vector2f q = p - cell.cwiseProduct(unit_);
  if ((static_cast<int>(cell.x()) + static_cast<int>(cell.y())) % 2 != 0) std::swap(q.x(), q.y());
  const Vector2f strip(unit_.x(), unit_.y() / 5);
  const float k = std::min(4.0f, std::floor(q.y() / strip.y()));
  return board({q.x(), q.y() - k * strip.y()}, strip, 5 * static_cast<int>(cell.y()) + static_cast<int>(k), static_cast<int>(cell.x()));
}

SurfaceSample Floor::tiles(const Vector2f& p) const {
  const Vector2f cell(std::floor(p.x() / unit_.x()), std::floor(p.y() / unit_.y()));
  const float tone = lattice_value(static_cast<int>(cell.x()), static_cast<int>(cell.y()), 3);
  const float inside = inside_joint(p - cell.cwiseProduct(unit_), unit_, 1.4f * gap_);
  const float cloud = fractal_noise({p.x() * 2.5f, p.y() * 2.5f, 20 * tone}, 4);
  SurfaceSample s;
  const Vector3f tile = (1 + 0.07f * tone + 0.22f * contrast_ * cloud) * colour_;
  s.base_colour = inside * tile + (1 - inside) * Vector3f(0.3f, 0.29f, 0.27f);
  s.roughness = inside * roughness_ + (1 - inside) * 0.9f;
  return s;
}

SurfaceSample Floor::carpet(const Vector2f& p, bool fine) const {
  SurfaceSample s;
  const float yarn = at2(p, 34, 1), tuft = at2(p, 75, 2), patch = fractal_noise({p.x() * 1.2f, p.y() * 1.2f, 3}, 3);
  s.base_colour = (1 + 0.22f * yarn + 0.18f * tuft + 0.12f * patch) * colour_;
  s.roughness = 1, s.specular = 0.01f;
  if (fine) s.bump = 0.25f * Vector3f(at2(p, 60, 4), 0, at2(p, 60, 5));
  return s;
}

/// Concrete, terrazzo, and floors of one colour.
SurfaceSample Floor::plain(const Vector2f& p) const {
  SurfaceSample s;
  const float cloud = fractal_noise({p.x() * 0.9f, p.y() * 0.9f, 1}, 5), grain = at2(p, 40, 2);
  s.base_colour = colour_;
  s.roughness = roughness_;
  if (kind_ == FloorKind::kConcrete) {
    s.base_colour *= 1 + 0.35f * contrast_ * cloud + 0.06f * grain;
    s.roughness += 0.15f * cloud;
  } else if (kind_ == FloorKind::kTerrazzo) {
    const float chip = smooth_step(0.25f, 0.35f, at2(p, 55, 4)), dark = smooth_step(0.4f, 0.5f, at2(p, 70, 9));
    s.base_colour = (1 - chip) * s.base_colour + chip * (0.6f * s.base_colour + Vector3f::Constant(0.2f));
    s.base_colour = (1 - 0.35f * dark) * s.base_colour;
  } else {
    s.base_colour *= 1 + 0.04f * cloud;
  }
  return s;
}

}  // namespace looking3d
