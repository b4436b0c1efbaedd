#include "model/affinity_topk.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/check.h"
#include "model/autocast.h"

namespace looking3d {
namespace {

using torch::Tensor;

constexpr int64_t kRows = 256;  ///< queries whose affinities stand in memory at a time
constexpr int64_t kLanes = 16;  ///< affinities compared with the worst kept one at once

struct Candidate {
  float affinity;
  int64_t key;
};

/// Whether `a` comes before `b`.
bool better(const Candidate& a, const Candidate& b) {
  return a.affinity > b.affinity || (a.affinity == b.affinity && a.key < b.key);
}

/// Keeps the best `k` of a row in a heap whose top is the worst of them: nearly all others are passed over by one comparison a lane.
void best_of_row(const float* row, int64_t count, int64_t k, std::vector<Candidate>& heap) {
  heap.clear();
  float worst = -std::numeric_limits<float>::infinity();
  for (int64_t start = 0; start < count; start += kLanes) {
    const int64_t end = std::min(count, start + kLanes);
    bool any = false;
#pragma omp simd reduction(|| : any)
    for (int64_t i = start; i < end; ++i) any = any || row[i] > worst;
    if (!any) continue;
    for (int64_t i = start; i < end; ++i) {
      // Keys come in order, so an equal affinity further on is never better.
      if (!(row[i] > worst)) continue;
      if (static_cast<int64_t>(heap.size()) == k) {
        std::pop_heap(heap.begin(), heap.end(), better);
        heap.pop_back();
      }
      heap.push_back({row[i], i});
      std::push_heap(heap.begin(), heap.end(), better);
      if (static_cast<int64_t>(heap.size()) == k) worst = heap.front().affinity;
    }
  }
  std::sort_heap(heap.begin(), heap.end(), better);
}

/// One group on the processor; `columns` [m'] are the allowed keys. Writes [n, k] entries.
void topk_of_group(const Tensor& query, const Tensor& keys, const Tensor& columns, int64_t k, int64_t* chosen) {
  const int64_t* column = columns.data_ptr<int64_t>();
  const int64_t n = query.size(0), count = columns.size(0);
  const Tensor seen = keys.index_select(0, columns).t();  // [c, m']
  for (int64_t begin = 0; begin < n; begin += kRows) {
    const Tensor affinity = torch::matmul(query.slice(0, begin, std::min(n, begin + kRows)), seen).contiguous();  // [rows, m']
    const float* rows = affinity.data_ptr<float>();
    at::parallel_for(0, affinity.size(0), 8, [&](int64_t first, int64_t last) {
      std::vector<Candidate> heap;
      heap.reserve(static_cast<size_t>(k));
      for (int64_t row = first; row < last; ++row) {
        best_of_row(rows + row * count, count, k, heap);
        for (size_t j = 0; j < heap.size(); ++j) chosen[(begin + row) * k + static_cast<int64_t>(j)] = column[heap[j].key];
      }
    });
  }
}

/// The same by the library's operations, a block of queries at a time.
Tensor topk_on_device(const Tensor& query, const Tensor& keys, const Tensor& allowed, int64_t k) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  std::vector<Tensor> blocks;
  for (int64_t begin = 0; begin < query.size(1); begin += kRows) {
    const Tensor affinity = torch::matmul(query.slice(1, begin, begin + kRows), keys.transpose(1, 2));
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
