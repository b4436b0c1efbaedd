#pragma once
// Value noise that the procedural textures are made of, and the smooth step.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "render/bsdf.h"

namespace looking3d {

/// 0 below `low`, 1 above `high`, smooth between.
inline float smooth_step(float low, float high, float x) {
  const float t = std::clamp((x - low) / (high - low), 0.0f, 1.0f);
  return t * t * (3 - 2 * t);
}

/// Fixed random value of a lattice point, in [-1, 1).
inline float lattice_value(int x, int y, int z) {
  uint32_t h = static_cast<uint32_t>(x) * 0x8da6b343u ^ static_cast<uint32_t>(y) * 0xd8163841u ^ static_cast<uint32_t>(z) * 0xcb1ab31fu;
  h = (h ^ (h >> 15)) * 0x2c1b3c6du;
  h = (h ^ (h >> 12)) * 0x297a2d39u;
  return static_cast<float>((h ^ (h >> 15)) >> 8) * 0x1p-23f - 1;
}

/// Lattice values with smooth interpolation, in [-1, 1].
inline float noise(float px, float py, float pz) {
  const float fx = std::floor(px), fy = std::floor(py), fz = std::floor(pz);
  const int x = static_cast<int>(fx), y = static_cast<int>(fy), z = static_cast<int>(fz);
  const auto smooth = [](float t) { return t * t * (3 - 2 * t); };
  const auto mix = [](float a, float b, float w) { return a + w * (b - a); };
  const float u = smooth(px - fx), v = smooth(py - fy), w = smooth(pz - fz);
  const auto edge = [&](int dy, int dz) { return mix(lattice_value(x, y + dy, z + dz), lattice_value(x + 1, y + dy, z + dz), u); };
  return mix(mix(edge(0, 0), edge(1, 0), v), mix(edge(0, 1), edge(1, 1), v), w);
}
inline float noise(const Vector3f& p) {
  return noise(p.x(), p.y(), p.z());
}

/// Noise of `octaves` frequencies, each twice as high and half as strong; in [-1, 1].
inline float fractal_noise(const Vector3f& p, int octaves) {
  float sum = 0, weight = 0.5f;
  Vector3f q = p;
  for (int i = 0; i < octaves; ++i, weight *= 0.5f, q = q * 2.03f + Vector3f::Constant(17.3f)) sum += weight * noise(q);
  return sum;
}

/// What a height function adds to a unit normal: minus its slope, by differences over `step`.
template <class Height>
Vector3f bump_from(const Vector3f& p, float step, const Height& height) {
  const float h0 = height(p);
  return (Vector3f::Constant(h0) -
          Vector3f(height(p + Vector3f(step, 0, 0)), height(p + Vector3f(0, step, 0)), height(p + Vector3f(0, 0, step)))) /
         step;
}

}  // namespace looking3d
