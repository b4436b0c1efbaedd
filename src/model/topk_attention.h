#pragma once
// Attention of each query to a few chosen keys (TKCA, paper eq. 10), gathered: the n x m matrix of weights is never made.
#include <torch/torch.h>

namespace looking3d {

/// softmax(scale * q k^T) v over the chosen keys only, each of `heads` equal slices of the channels by itself.
/// q [G, n, heads * c], k [G, m, heads * c], v [G, m, heads * e], chosen [G, n, K] int64 (-1: none) -> [G, n, heads * e].
/// A query without any key gets 0. Differentiable in q, k and v. Sums are float32; k and v may both be bfloat16 (half the memory to read),
/// anything else is taken as float32. Same result for any number of threads. On a GPU: by the library's gather.
torch::Tensor topk_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, const torch::Tensor& chosen,
                             int64_t heads, double scale);

/// The same the plain way, by every logit of every head and a mask: what tests and benchmarks compare with.
torch::Tensor dense_topk_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, const torch::Tensor& chosen,
                                   int64_t heads, double scale);

}  // namespace looking3d
