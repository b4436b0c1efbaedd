#pragma once
// Attention of every query to every key (Vaswani et al. 2017), row by row: the n x m matrix of weights is never kept, its backward pass
// computes it again (as in FlashAttention, Dao et al. 2022).
#include <torch/torch.h>

namespace looking3d {

/// softmax(q k^T / sqrt(c)) v; q [B, heads, n, c], k [B, heads, m, c], v [B, heads, m, e] -> [B, n, heads * e]. `allowed` [B, m] bool, the
/// keys that count (of a row without any: all alike), or undefined: all. Differentiable in q, k and v. Float32 inside, whatever comes in.
/// Same result for any number of threads. On a GPU: plain_attention.
torch::Tensor dense_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, const torch::Tensor& allowed = {});

/// The same by the library's operations, all weights in memory: for other devices, tests and benchmarks.
torch::Tensor plain_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, const torch::Tensor& allowed = {});

}  // namespace looking3d
