#pragma once
// Sixteen floats at a time, for kernels written by hand. Functions that use them carry LOOKING3D_CLONES and are compiled twice: for
// processors with AVX-512 and for all others; what they call must be inlined (LOOKING3D_INLINE) to be compiled with them.
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LOOKING3D_CLONES __attribute__((target_clones("arch=x86-64-v4", "default")))
#else
#define LOOKING3D_CLONES
#endif
#define LOOKING3D_INLINE inline __attribute__((always_inline))

namespace looking3d {

inline constexpr int64_t kLanes = 16;

/// Rounded up to whole lanes.
inline int64_t padded(int64_t count) {
  return (count + kLanes - 1) / kLanes * kLanes;
}

using Lanes = float __attribute__((vector_size(64)));
using IntLanes = int32_t __attribute__((vector_size(64)));
using LooseLanes = float __attribute__((vector_size(64), aligned(4)));  ///< in memory, at any address

LOOKING3D_INLINE void add_to(float* at, const Lanes& x) {
  *reinterpret_cast<LooseLanes*>(at) += x;
}

/// e^x to 2 units in the last place for x <= 0; below -87: e^-87. Cody-Waite reduction and the polynomial of Cephes' expf.
LOOKING3D_INLINE void exponential(Lanes& x) {
  constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: adding it rounds to whole numbers
  x = x < -87.0f ? Lanes{} - 87.0f : x;
  const Lanes shifted = x * 1.44269504f + kShift, whole = shifted - kShift;
  const Lanes r = x - whole * 0.693359375f + whole * 2.12194440e-4f;
  Lanes p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const IntLanes power = ((IntLanes)shifted - 0x4B400000 + 127) << 23;  // casts of vectors keep the bits
  x = p * (Lanes)power;
}

LOOKING3D_INLINE float sum_of(const Lanes& x) {
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += x[i];
  return sum;
}

LOOKING3D_INLINE float largest_of(const Lanes& x) {
  float largest = x[0];
  for (int i = 1; i < kLanes; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

}  // namespace looking3d
