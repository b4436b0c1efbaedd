#pragma once
// Well-spread random numbers of a light path: Sobol's sequence in padded pairs, each pair shuffled and Owen-scrambled by a hash of
// (key, dimension). Source: Burley, "Practical Hash-based Owen Scrambling", JCGT 2020.
#include <cstdint>

#include "render/bsdf.h"

namespace looking3d {

class PathSampler {
 public:
  /// `key` is the identity of the pixel, `sample` the number of the path in it. Any 2^k consecutive samples, aligned, are stratified.
  PathSampler(uint64_t key, int sample) : key_(static_cast<uint32_t>(key ^ (key >> 32))), sample_(static_cast<uint32_t>(sample)) {}

  float next() { return next2().x(); }
  Vector2f next2();

 private:
  uint32_t key_, sample_, dimension_ = 0;
};

}  // namespace looking3d
