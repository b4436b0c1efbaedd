#pragma once
// The reference patches that each query patch may attend to (paper, eq. 11 and 12): exact top-k of the affinity M = query keys^T, computed
// block by block so that the n x m matrix is never made.
#include <torch/torch.h>

namespace looking3d {

/// The k keys of greatest affinity for each query among those where `allowed` holds, best first; equal ones in the order of the keys.
/// query [G, n, c], keys [G, m, c] (float32), allowed [G, m] bool -> [G, n, min(k, m)] int64; -1 fills up where fewer keys are allowed.
/// No gradient. On a GPU the order of equal affinities is the device's.
torch::Tensor affinity_topk(const torch::Tensor& query, const torch::Tensor& keys, const torch::Tensor& allowed, int64_t k);

}  // namespace looking3d
