#include "render/path_sampler.h"

#include "base/random.h"

namespace looking3d {
namespace {

uint32_t mix(uint32_t h) {
  h = (h ^ (h >> 16)) * 0x7feb352du;
  h = (h ^ (h >> 15)) * 0x846ca68bu;
  return h ^ (h >> 16);
}

uint32_t reversed(uint32_t x) {
  x = __builtin_bswap32(x);
  x = ((x & 0x0f0f0f0fu) << 4) | ((x >> 4) & 0x0f0f0f0fu);
  x = ((x & 0x33333333u) << 2) | ((x >> 2) & 0x33333333u);
  return ((x & 0x55555555u) << 1) | ((x >> 1) & 0x55555555u);
}

/// Laine and Karras' hash, in which no bit depends on a higher one: applied to reversed bits it is Owen's nested scrambling.
uint32_t scramble_reversed(uint32_t x, uint32_t seed) {
  x += seed;
  x ^= x * 0x6c50b47cu;
  x ^= x * 0xb82f1e52u;
  x ^= x * 0xc7afe638u;
  return x ^ (x * 0x8d22f6e6u);
}

/// Sobol's second dimension with its first digit in the lowest bit: digit k is the parity of the index bits that k is a subset of.
uint32_t sobol1_reversed(uint32_t index) {
  index ^= (index >> 16) & 0x0000ffffu;
  index ^= (index >> 8) & 0x00ff00ffu;
  index ^= (index >> 4) & 0x0f0f0f0fu;
  index ^= (index >> 2) & 0x33333333u;
  return index ^ ((index >> 1) & 0x55555555u);
}

/// Spreads the lowest 8 bits to the even places.
uint32_t spread(uint32_t x) {
  x = (x | (x << 4)) & 0x0f0fu;
  x = (x | (x << 2)) & 0x3333u;
  return (x | (x << 1)) & 0x5555u;
}

float unit(uint32_t x) {
  return static_cast<float>(x >> 8) * 0x1p-24f;
}

}  // namespace

PathSampler PathSampler::at_pixel(uint64_t picture, int x, int y, int samples) {
  constexpr int kTile = 64;  // pixels a side that share a sequence: 2^12 pixels of up to 2^16 samples fit into 32 bits
  const uint32_t pixel = spread(static_cast<uint32_t>(x % kTile)) | (spread(static_cast<uint32_t>(y % kTile)) << 1);
  return {identity(picture, y / kTile, x / kTile), pixel * static_cast<uint32_t>(samples)};
}

Vector2f PathSampler::next2() {
  const uint32_t seed = mix(key_ + 0x9e3779b9u * ++dimension_);
  const uint32_t index = reversed(scramble_reversed(reversed(sample_), seed));
  return {unit(reversed(scramble_reversed(index, mix(seed ^ 0x68bc21ebu)))),
          unit(reversed(scramble_reversed(sobol1_reversed(index), mix(seed ^ 0x02e5be93u))))};
}

}  // namespace looking3d
