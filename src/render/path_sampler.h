#pragma once
// Well-spread random numbers of a light path: Sobol's sequence in padded pairs, each pair shuffled and Owen-scrambled by a hash of
// (key, dimension). Source: Burley, "Practical Hash-based Owen Scrambling", JCGT 2020.
#include <cstdint>

#include "render/bsdf.h"

namespace looking3d {

class PathSampler {
 public:
  /// Any 2^k consecutive samples of one `key`, aligned, are stratified.
  PathSampler(uint64_t key, uint32_t sample) : key_(static_cast<uint32_t>(key ^ (key >> 32))), sample_(sample) {}
  /// The first of `samples` paths at pixel (x, y) of a picture; the others by nth(). Pixels share one sequence along a Z-shaped curve, so
  /// that not only the samples of a pixel are stratified, but those of any aligned block of pixels together: what noise is left is
  /// fine-grained, and a filter takes it out. Source: Ahmed and Wonka, "Screen-space blue-noise diffusion of Monte Carlo sampling error",
  /// 2020.
  static PathSampler at_pixel(uint64_t picture, int x, int y, int samples);
  PathSampler nth(int sample) const {
    PathSampler other = *this;
    other.sample_ += static_cast<uint32_t>(sample);
    return other;
  }

  Vector2f next2();

 private:
  uint32_t key_, sample_, dimension_ = 0;
};

}  // namespace looking3d
