#pragma once
// What transformers are put together from (Vaswani et al. 2017); the attention itself: dense_attention.h, topk_attention.h.
#include <torch/torch.h>

#include <initializer_list>

namespace looking3d {

/// Linear layers with ReLU between them.
torch::nn::Sequential mlp(std::initializer_list<int> channels);

/// [B, n, d] -> [B, heads, n, d / heads].
torch::Tensor in_heads(const torch::Tensor& x, int64_t heads);

/// 2D sine positions of an h x w grid -> [h * w, d] (Carion et al. 2020).
torch::Tensor sine_positions(int64_t h, int64_t w, int64_t d);

/// Self-attention and a feed-forward layer, each around a shortcut and normalised before (Xiong et al. 2020).
class SelfAttentionBlockImpl : public torch::nn::Module {
 public:
  SelfAttentionBlockImpl(int d, int heads);
  torch::Tensor forward(torch::Tensor tokens);  ///< [B, n, d] -> [B, n, d]

 private:
  const int64_t heads_;
  torch::nn::LayerNorm norm_attention_{nullptr}, norm_feed_{nullptr};
  torch::nn::Linear qkv_{nullptr}, out_{nullptr};
  torch::nn::Sequential feed_forward_{nullptr};
};
TORCH_MODULE(SelfAttentionBlock);

}  // namespace looking3d
