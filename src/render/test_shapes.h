#pragma once
// Plain shapes that tests of the renderer share.
#include <cmath>
#include <numbers>

#include "shapes/members.h"
#include "shapes/shape.h"

namespace looking3d {

inline constexpr float kPi = std::numbers::pi_v<float>;

inline Shape shape_of(TriangleMesh mesh) {
  Shape shape;
  shape.parts.push_back({"solid", "part", "solid", std::move(mesh)});
  return shape;
}

inline TriangleMesh sphere(double radius) {
  std::vector<Vector2d> profile;
  for (int i = 1; i < 48; ++i) profile.emplace_back(radius * std::sin(kPi * i / 48), -radius * std::cos(kPi * i / 48));
  return lathe(profile, 64);
}

}  // namespace looking3d
