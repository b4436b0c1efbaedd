#include "render/lights.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "render/photo_render.h"

namespace looking3d {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr float kFloorAlbedo = 0.8f;
constexpr float kWallContrast = 0.6f;  ///< of the walls' light, towards and away from the key

struct SetUp {
  const char* name;
  float key_azimuth, key_elevation, key_angle;  ///< degrees
  float key_share;                              ///< of the light that falls on the floor
  float fill_share, warmth;                     ///< warmth > 0: redder key
  bool rim;
};

constexpr SetUp kSetUps[kLightCount] = {
    {"soft key left", -45, 50, 20, 0.45f, 0.1f, 0.02f, false},
    {"soft key right", 45, 50, 20, 0.45f, 0.1f, 0.02f, false},
    {"large box above", 10, 75, 32, 0.5f, 0.0f, 0.0f, false},
    {"hard key left", -60, 42, 9, 0.5f, 0.12f, 0.05f, false},
    {"hard key right", 60, 42, 9, 0.5f, 0.12f, 0.05f, false},
    {"two boxes", -50, 40, 17, 0.3f, 0.3f, 0.0f, false},
    {"window from the side", -85, 32, 24, 0.5f, 0.0f, -0.04f, false},
    {"rim light", 30, 55, 18, 0.35f, 0.1f, 0.02f, true},
    {"overcast", 0, 80, 45, 0.3f, 0.0f, -0.02f, false},
    {"warm evening", 70, 30, 12, 0.45f, 0.1f, 0.14f, false},
    {"cool daylight", -30, 60, 14, 0.45f, 0.05f, -0.08f, false},
    {"back light", 150, 45, 18, 0.35f, 0.25f, 0.02f, true},
};

Vector3f direction_of(float azimuth_deg, float elevation_deg) {
  const float a = azimuth_deg * kPi / 180, e = elevation_deg * kPi / 180;
  return {std::cos(e) * std::sin(a), std::sin(e), std::cos(e) * std::cos(a)};
}

/// A box whose light on the horizontal floor is `irradiance`.
SoftBox make_box(float azimuth_deg, float elevation_deg, float angle_deg, float irradiance, const Vector3f& tint) {
  SoftBox box;
  box.direction = direction_of(azimuth_deg, elevation_deg);
  const float half = angle_deg * kPi / 180, sine = std::sin(half);
  box.cos_angle = std::cos(half);
  box.radiance = tint * (irradiance / (kPi * sine * sine * std::max(0.2f, box.direction.y())));
  return box;
}

}  // namespace

std::string light_name(uint32_t light_id) {
  return kSetUps[light_id % kLightCount].name;
}

Studio::Studio(uint32_t light_id) {
  const SetUp& s = kSetUps[light_id % kLightCount];
  const Vector3f warm(1 + s.warmth, 1, 1 - 1.3f * s.warmth), neutral = Vector3f::Ones();
  // The floor receives pi in all, so that a white surface facing up has radiance near one.
  boxes_.push_back(make_box(s.key_azimuth, s.key_elevation, s.key_angle, kPi * s.key_share, warm));
  if (s.fill_share > 0) boxes_.push_back(make_box(-s.key_azimuth * 0.8f, 35, 25, kPi * s.fill_share, neutral));
  if (s.rim) boxes_.push_back(make_box(s.key_azimuth + 180, 40, 14, kPi * 0.15f, neutral));
  const float sky = 1 - s.key_share - s.fill_share - (s.rim ? 0.15f : 0);
  // With light growing linearly in the sine of the elevation, a horizontal floor sees a third of the horizon's and two of the zenith's.
  zenith_ = Vector3f::Constant(1.3f * sky);
  horizon_ = Vector3f::Constant(0.4f * sky);
  floor_ = Vector3f::Constant(kFloorAlbedo);
  has_floor_ = true;
  const Vector3f key = direction_of(s.key_azimuth, 0);
  key_xz_ = {key.x(), key.z()};
  float total = 0;
  for (const SoftBox& box : boxes_) chances_.push_back(box.radiance.y() * (1 - box.cos_angle)), total += chances_.back();
  for (float& chance : chances_) chance /= total;
}

Studio Studio::uniform(float radiance) {
  Studio studio;
  studio.zenith_ = studio.horizon_ = studio.floor_ = Vector3f::Constant(radiance);
  return studio;
}

Vector3f Studio::sky(const Vector3f& direction) const {
  const float up = std::max(0.0f, direction.y());
  const float side = 1 + kWallContrast * (direction.x() * key_xz_.x() + direction.z() * key_xz_.y());
  return side * horizon_ + up * (zenith_ - side * horizon_);
}

Studio Studio::surrounded_by(const HdrMap& map, float turn_rad, bool white_floor) {
  Studio studio;
  studio.map_ = &map;
  studio.turn_ = {std::cos(turn_rad), std::sin(turn_rad)};
  studio.floor_ = Vector3f::Constant(kFloorAlbedo);
  studio.has_floor_ = white_floor;
  return studio;
}

Vector3f Studio::backdrop(const Vector3f& direction) const {
  return map_ ? map_->out_of_focus(map_from_world(direction)) : radiance(direction);
}

Vector3f Studio::radiance(const Vector3f& direction) const {
  if (map_) return has_floor_ && direction.y() < 0 ? floor_ : map_->radiance(map_from_world(direction));
  Vector3f sum = direction.y() < 0 ? floor_ : sky(direction);
  for (const SoftBox& box : boxes_)
    if (direction.dot(box.direction) > box.cos_angle) sum += box.radiance;
  return sum;
}

Vector3f Studio::sample(Vector2f u) const {
  if (map_) return world_from_map(map_->sample(u));
  size_t i = 0;
  while (i + 1 < chances_.size() && u.x() >= chances_[i]) u.x() -= chances_[i++];
  u.x() = std::min(1.0f, u.x() / chances_[i]);
  const SoftBox& box = boxes_[i];
  const float z = 1 - u.x() * (1 - box.cos_angle), r = std::sqrt(std::max(0.0f, 1 - z * z)), phi = 2 * kPi * u.y();
  return frame_around(box.direction) * Vector3f(r * std::cos(phi), r * std::sin(phi), z);
}

float Studio::pdf(const Vector3f& direction) const {
  if (map_) return map_->pdf(map_from_world(direction));
  float density = 0;
  for (size_t i = 0; i < boxes_.size(); ++i)
    if (direction.dot(boxes_[i].direction) > boxes_[i].cos_angle) density += chances_[i] / (2 * kPi * (1 - boxes_[i].cos_angle));
  return density;
}

}  // namespace looking3d
