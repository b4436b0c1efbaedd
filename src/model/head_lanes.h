#pragma once
// Rows of several attention heads side by side in vector lanes, as topk_attention works on them.
#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>

#include "model/lanes.h"

namespace looking3d {

using Bf16 = c10::BFloat16;

// Inside, channels stand in the order [channel of the head][head], heads filled up to a power of two and rows to whole lanes: then the
// products of all heads are summed lane by lane, and a head's sum is left in each lane that holds the head.

/// How q and k (of c channels a head), or v (of e), stand in memory.
struct Layout {
  Layout(int64_t heads, int64_t channels) : of_heads(heads), of_channels(channels) {
    while (lanes_heads < heads) lanes_heads *= 2;
    blocks = padded(channels * lanes_heads) / kLanes;
  }
  int64_t row() const { return blocks * kLanes; }  ///< numbers a row takes
  int64_t of_heads, of_channels, lanes_heads = 1, blocks = 0;
};

/// x [..., heads * channels] contiguous -> [rows, row()]
template <class T>
torch::Tensor in_lanes(const torch::Tensor& x, const Layout& at) {
  const int64_t rows = x.numel() / (at.of_heads * at.of_channels);
  const torch::Tensor to = torch::empty({rows, at.row()}, x.options().requires_grad(false));
  const T* from = x.data_ptr<T>();
  T* lanes = to.data_ptr<T>();
  at::parallel_for(0, rows, 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      T* row = lanes + i * at.row();
      std::fill(row, row + at.row(), T(0));
      for (int64_t head = 0; head < at.of_heads; ++head)
        for (int64_t c = 0; c < at.of_channels; ++c) row[c * at.lanes_heads + head] = from[(i * at.of_heads + head) * at.of_channels + c];
    }
  });
  return to;
}

/// The way back, [rows, row()] float -> x, of T.
template <class T>
void out_of_lanes(const torch::Tensor& lanes, const Layout& at, const torch::Tensor& x) {
  const float* from = lanes.data_ptr<float>();
  T* to = x.data_ptr<T>();
  at::parallel_for(0, lanes.size(0), 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      for (int64_t head = 0; head < at.of_heads; ++head)
        for (int64_t c = 0; c < at.of_channels; ++c)
          to[(i * at.of_heads + head) * at.of_channels + c] = static_cast<T>(from[i * at.row() + c * at.lanes_heads + head]);
  });
}

LOOKING3D_INLINE void load(const float* from, Lanes& to) {
  to = *reinterpret_cast<const LooseLanes*>(from);
}
LOOKING3D_INLINE void load(const Bf16* from, Lanes& to) {
  using Halves = uint16_t __attribute__((vector_size(32), aligned(2)));
  const IntLanes wide = __builtin_convertvector(*reinterpret_cast<const Halves*>(from), IntLanes) << 16;
  to = (Lanes)wide;
}

/// Adds up what belongs to one head; each lane ends with the sum of its own.
LOOKING3D_INLINE void fold(Lanes& x, int64_t heads) {
  if (heads <= 8) x += __builtin_shuffle(x, IntLanes{8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7});
  if (heads <= 4) x += __builtin_shuffle(x, IntLanes{4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11});
  if (heads <= 2) x += __builtin_shuffle(x, IntLanes{2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13});
  if (heads <= 1) x += __builtin_shuffle(x, IntLanes{1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14});
}

/// Sum over the channels of a * b, for each head.
template <class Key>
LOOKING3D_INLINE void products(const float* a, const Key* b, const Layout& at, Lanes& sum) {
  Lanes even = {}, odd = {};
  int64_t i = 0;
  for (; i + 2 <= at.blocks; i += 2) {
    Lanes x, y, z, w;
    load(a + i * kLanes, x), load(b + i * kLanes, y), load(a + (i + 1) * kLanes, z), load(b + (i + 1) * kLanes, w);
    even += x * y, odd += z * w;
  }
  if (i < at.blocks) {
    Lanes x, y;
    load(a + i * kLanes, x), load(b + i * kLanes, y);
    even += x * y;
  }
  sum = even + odd;
  fold(sum, at.lanes_heads);
}

/// to += factor * from.
template <class Key>
LOOKING3D_INLINE void add_scaled(float* to, const Key* from, const Lanes& factor, int64_t blocks) {
  for (int64_t i = 0; i < blocks; ++i) {
    Lanes x;
    load(from + i * kLanes, x);
    add_to(to + i * kLanes, factor * x);
  }
}

/// What is kept of each key's weight or its change: that of each head, `heads` floats.
LOOKING3D_INLINE void spread(const float* from, int64_t heads, Lanes& to) {
  if (heads == 8) {
    using Half = float __attribute__((vector_size(32), aligned(4)));
    const Half x = *reinterpret_cast<const Half*>(from);
    to = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return;
  }
  for (int64_t lane = 0; lane < kLanes; ++lane) to[lane] = from[lane % heads];
}
LOOKING3D_INLINE void keep(const Lanes& from, int64_t heads, float* to) {
  if (heads == 8) {
    using Half = float __attribute__((vector_size(32), aligned(4)));
    *reinterpret_cast<Half*>(to) = __builtin_shufflevector(from, from, 0, 1, 2, 3, 4, 5, 6, 7);
    return;
  }
  for (int64_t head = 0; head < heads; ++head) to[head] = from[head];
}

}  // namespace looking3d
