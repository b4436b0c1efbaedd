#include "model/affinity_topk.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <vector>

#include "base/check.h"
#include "model/autocast.h"
#include "model/lanes.h"

namespace looking3d {
namespace {

using torch::Tensor;

constexpr int64_t kTile = 8, kPanel = 2 * kLanes;  ///< queries and keys multiplied at once, in registers
constexpr int64_t kRows = 32;                      ///< queries of a task, whose affinities stand in memory at a time
constexpr int64_t kDeviceRows = 256;               ///< the same on a GPU
constexpr int64_t kCompared = 64;                  ///< affinities compared with the least kept one at once
constexpr int64_t kSpareShare = 2;                 ///< the buffer holds so many times k candidates before the worse ones are thrown out

/// An affinity and its key as one number: greater is better, of equal affinities the earlier key.
uint64_t ranked(float affinity, int64_t key) {
  const auto bits = std::bit_cast<uint32_t>(affinity + 0.0f);  // -0 becomes 0, which it equals
  const uint32_t ordered = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return static_cast<uint64_t>(ordered) << 32 | ~static_cast<uint32_t>(key);
}

int64_t key_of(uint64_t rank) {
  return static_cast<int64_t>(~static_cast<uint32_t>(rank));
}

LOOKING3D_CLONES bool any_above(const float* row, int64_t count, float least) {
  int32_t any = 0;
#pragma omp simd reduction(| : any)
  for (int64_t i = 0; i < count; ++i) any |= row[i] > least ? 1 : 0;
  return any != 0;
}

/// The best `k` of a row, best first: `found`. All better than the least of the best k so far are gathered; when the buffer is full, the k
/// best of it stay.
void best_of_row(const float* row, int64_t count, int64_t k, std::vector<uint64_t>& found) {
  found.clear();
  const auto full = static_cast<size_t>(k * (1 + kSpareShare) + kCompared);
  const auto middle = [&] { return found.begin() + k; };
  float least = -std::numeric_limits<float>::infinity();
  for (int64_t start = 0; start < count; start += kCompared) {
    const int64_t end = std::min(count, start + kCompared);
    if (!any_above(row + start, end - start, least)) continue;
    // Keys come in order, so an equal affinity further on is never better.
    for (int64_t i = start; i < end; ++i)
      if (row[i] > least) found.push_back(ranked(row[i], i));
    if (found.size() + static_cast<size_t>(kCompared) <= full) continue;
    std::nth_element(found.begin(), middle() - 1, found.end(), std::greater<>());
    least = row[key_of(*(middle() - 1))];
    found.resize(static_cast<size_t>(k));
  }
  const int64_t kept = std::min<int64_t>(k, static_cast<int64_t>(found.size()));
  if (kept < static_cast<int64_t>(found.size())) std::nth_element(found.begin(), found.begin() + kept - 1, found.end(), std::greater<>());
  found.resize(static_cast<size_t>(kept));
  std::sort(found.begin(), found.end(), std::greater<>());
}

/// Keys [m', c] in panels of kPanel, channel by channel: [panels, c, kPanel]; missing ones are 0.
Tensor in_panels(const Tensor& keys) {
  const int64_t panels = (keys.size(0) + kPanel - 1) / kPanel;
  const Tensor filled = torch::zeros({panels * kPanel, keys.size(1)});
  filled.slice(0, 0, keys.size(0)).copy_(keys);
  return filled.view({panels, kPanel, keys.size(1)}).transpose(1, 2).contiguous();
}

/// Affinities of kTile queries [kTile, c] to one panel: rows of `to`, `stride` apart. Each sum runs over the channels in order.
LOOKING3D_CLONES void affinities(const float* query, const float* panel, int64_t c, float* to, int64_t stride) {
  Lanes left[kTile] = {}, right[kTile] = {};
  for (int64_t i = 0; i < c; ++i) {
    const Lanes a = *reinterpret_cast<const LooseLanes*>(panel + i * kPanel),
                b = *reinterpret_cast<const LooseLanes*>(panel + i * kPanel + kLanes);
    for (int64_t r = 0; r < kTile; ++r) left[r] += query[r * c + i] * a, right[r] += query[r * c + i] * b;
  }
  for (int64_t r = 0; r < kTile; ++r) {
    *reinterpret_cast<LooseLanes*>(to + r * stride) = left[r];
    *reinterpret_cast<LooseLanes*>(to + r * stride + kLanes) = right[r];
  }
}

/// One group on the processor; `columns` [m'] are the allowed keys. Writes [n, k] entries.
void topk_of_group(const Tensor& query, const Tensor& keys, const Tensor& columns, int64_t k, int64_t* chosen) {
  const int64_t* column = columns.data_ptr<int64_t>();
  const int64_t n = query.size(0), c = query.size(1), count = columns.size(0);
  const Tensor panels = in_panels(keys.index_select(0, columns));
  const int64_t stride = panels.size(0) * kPanel, blocks = (n + kRows - 1) / kRows;
  const float *all = query.data_ptr<float>(), *panel = panels.data_ptr<float>();
  at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
    std::vector<float> rows(static_cast<size_t>(kRows * c)), affinity(static_cast<size_t>(kRows * stride));
    std::vector<uint64_t> found;
    found.reserve(static_cast<size_t>(k * (1 + kSpareShare) + 2 * kCompared));
    for (int64_t block = first; block < last; ++block) {
      const int64_t begin = block * kRows, some = std::min(kRows, n - begin);
      std::copy(all + begin * c, all + (begin + some) * c, rows.begin());  // what lies after them is computed and not read
      for (int64_t p = 0; p < panels.size(0); ++p)
        for (int64_t r = 0; r < some; r += kTile)
          affinities(rows.data() + r * c, panel + p * c * kPanel, c, affinity.data() + r * stride + p * kPanel, stride);
      for (int64_t r = 0; r < some; ++r) {
        best_of_row(affinity.data() + r * stride, count, k, found);
        for (size_t j = 0; j < found.size(); ++j) chosen[(begin + r) * k + static_cast<int64_t>(j)] = column[key_of(found[j])];
      }
    }
  });
}

/// The same by the library's operations, a block of queries at a time.
Tensor topk_on_device(const Tensor& query, const Tensor& keys, const Tensor& allowed, int64_t k) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  std::vector<Tensor> blocks;
  for (int64_t begin = 0; begin < query.size(1); begin += kDeviceRows) {
    const Tensor affinity = torch::matmul(query.slice(1, begin, begin + kDeviceRows), keys.transpose(1, 2));
    const auto [values, columns] = affinity.masked_fill(allowed.logical_not().unsqueeze(1), kNever).topk(k, -1);
    blocks.push_back(columns.masked_fill(values == kNever, -1));
  }
  return torch::cat(blocks, 1).contiguous();
}

}  // namespace

Tensor affinity_topk(const Tensor& query, const Tensor& keys, const Tensor& allowed, int64_t k) {
  L3D_CHECK(query.dim() == 3 && keys.dim() == 3 && allowed.dim() == 2, "[G, n, c], [G, m, c], [G, m]");
  L3D_CHECK(query.size(0) == keys.size(0) && keys.size(0) == allowed.size(0), "one number of groups");
  L3D_CHECK(keys.size(1) == allowed.size(1) && query.size(2) == keys.size(2), "as many keys and channels");
  L3D_CHECK_GE(k, 1);
  const torch::NoGradGuard no_grad;
  const NoAutocast full_width;  // bfloat16 would make ties of affinities that differ
  k = std::min(k, keys.size(1));
  const Tensor q = query.detach().to(torch::kFloat).contiguous(), all = keys.detach().to(torch::kFloat);
  if (!q.device().is_cpu()) return topk_on_device(q, all, allowed, k);

  Tensor chosen = torch::full({q.size(0), q.size(1), k}, -1, torch::kLong);
  for (int64_t group = 0; group < q.size(0); ++group) {
    const Tensor columns = allowed[group].nonzero().squeeze(1);
    if (columns.size(0) > 0) topk_of_group(q[group], all[group], columns, k, chosen[group].data_ptr<int64_t>());
  }
  return chosen;
}

}  // namespace looking3d
