#include "model/attention.h"

#include <cmath>

#include "model/dense_attention.h"

namespace looking3d {

namespace nn = torch::nn;
using torch::Tensor;

nn::Sequential mlp(std::initializer_list<int> channels) {
  nn::Sequential layers;
  for (const int* at = channels.begin(); at + 1 < channels.end(); ++at) {
    layers->push_back(nn::Linear(at[0], at[1]));
    if (at + 2 < channels.end()) layers->push_back(nn::ReLU(nn::ReLUOptions(true)));  // a linear layer's gradient does not read its result
  }
  return layers;
}

Tensor in_heads(const Tensor& x, int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
}

Tensor sine_positions(int64_t h, int64_t w, int64_t d) {
  const Tensor frequency = torch::pow(10000.0, -torch::arange(0, d / 4, torch::kFloat) / static_cast<double>(d / 4));  // [d/4]
  const auto encode = [&](int64_t count) {
    const Tensor angle =
        2 * M_PI * (torch::arange(0, count, torch::kFloat) + 0.5).unsqueeze(1) / static_cast<double>(count) * 8 * frequency;
    return torch::cat({angle.sin(), angle.cos()}, 1);  // [count, d/2]
  };
  const Tensor rows = encode(h).unsqueeze(1).expand({h, w, d / 2}), columns = encode(w).unsqueeze(0).expand({h, w, d / 2});
  return torch::cat({rows, columns}, 2).reshape({h * w, d});
}

SelfAttentionBlockImpl::SelfAttentionBlockImpl(int d, int heads) : heads_(heads) {
  norm_attention_ = register_module("norm_attention", nn::LayerNorm(nn::LayerNormOptions({d})));
  norm_feed_ = register_module("norm_feed", nn::LayerNorm(nn::LayerNormOptions({d})));
  qkv_ = register_module("qkv", nn::Linear(d, 3 * d));
  out_ = register_module("out", nn::Linear(d, d));
  feed_forward_ = register_module("feed_forward", mlp({d, 4 * d, d}));
}

Tensor SelfAttentionBlockImpl::forward(Tensor tokens) {
  const std::vector<Tensor> qkv = qkv_(norm_attention_(tokens)).chunk(3, 2);
  tokens = tokens + out_(dense_attention(in_heads(qkv[0], heads_), in_heads(qkv[1], heads_), in_heads(qkv[2], heads_))).to(torch::kFloat);
  return tokens + feed_forward_->forward(norm_feed_(tokens)).to(torch::kFloat);
}

}  // namespace looking3d
