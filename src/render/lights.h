#pragma once
// Light from far away: a studio (a dome with a vertical gradient and a few soft boxes over a white floor), or a photographed surrounding.
#include <vector>

#include "render/hdr_map.h"

namespace looking3d {

/// A far soft box, as a cone of directions with even radiance.
struct SoftBox {
  Vector3f direction;  ///< unit, from the object to the light
  float cos_angle;     ///< of the cone's half angle
  Vector3f radiance;
};

class Studio {
 public:
  /// One of kLightCount set-ups; key lights come from above, left or right, and differ in size, colour and contrast.
  explicit Studio(uint32_t light_id);
  /// `map` turned about the vertical; it must outlive the studio. With `white_floor`, that is what lies below the horizon.
  static Studio surrounded_by(const HdrMap& map, float turn_rad, bool white_floor);
  /// Even light from everywhere (furnace tests).
  static Studio uniform(float radiance);

  /// Radiance arriving from `direction`, the floor's reflection included below the horizon.
  Vector3f radiance(const Vector3f& direction) const;
  /// What a camera sees in the far distance.
  Vector3f backdrop(const Vector3f& direction) const;
  /// Draws a direction towards a soft box, or a bright part of the surrounding; `u` is uniform in [0,1)^2. Density per solid angle by
  /// pdf().
  Vector3f sample(Vector2f u) const;
  float pdf(const Vector3f& direction) const;
  bool can_sample() const { return map_ != nullptr || !boxes_.empty(); }
  /// Whether the light from below comes from a floor, which the object keeps light from.
  bool has_floor() const { return has_floor_; }

 private:
  Studio() = default;
  Vector3f sky(const Vector3f& direction) const;
  Vector3f map_from_world(const Vector3f& d) const {
    return {turn_.x() * d.x() - turn_.y() * d.z(), d.y(), turn_.y() * d.x() + turn_.x() * d.z()};
  }
  Vector3f world_from_map(const Vector3f& d) const {
    return {turn_.x() * d.x() + turn_.y() * d.z(), d.y(), turn_.x() * d.z() - turn_.y() * d.x()};
  }

  Vector3f zenith_ = Vector3f::Ones(), horizon_ = Vector3f::Ones(), floor_ = Vector3f::Ones();
  Vector2f key_xz_ = Vector2f::Zero();  ///< the side from which the key light comes; the walls are brighter there
  bool has_floor_ = false;
  const HdrMap* map_ = nullptr;
  Vector2f turn_ = Vector2f(1, 0);  ///< cosine and sine of the map's turn
  std::vector<SoftBox> boxes_;
  std::vector<float> chances_;  ///< of drawing each box, by power
};

}  // namespace looking3d
