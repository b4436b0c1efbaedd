#pragma once
// Attention of each query to a few chosen keys (TKCA, paper eq. 6-8), gathered: the n x m matrix of weights is never made.
#include <torch/torch.h>

namespace looking3d {

/// The k largest of each row of `similarity` [..., n, m] among columns where `allowed` [..., 1, m] (bool) holds -> [..., n, k] int64,
/// best first; -1 fills up rows with fewer allowed columns. No gradient.
torch::Tensor topk_columns(const torch::Tensor& similarity, const torch::Tensor& allowed, int64_t k);

/// softmax(scale * q k^T) v over the chosen keys only, each of `heads` equal slices of the channels by itself.
/// q [G, n, heads * c], k [G, m, heads * c], v [G, m, heads * e], chosen [G, n, K] int64 (-1: none) -> [G, n, heads * e].
/// A query without any key gets 0. Differentiable in q, k and v. Float32. Same result for any number of threads.
torch::Tensor topk_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, const torch::Tensor& chosen,
                             int64_t heads, double scale);

}  // namespace looking3d
