#pragma once
// The query-only baselines, which see the photo alone (paper, table 2): they cannot know the reference, and should stay weak.
#include <string>

#include "model/attention.h"
#include "model/resnet_fpn.h"

namespace looking3d {

struct QueryOptions {
  std::string network =
      "resnet";            ///< resnet: ResNet18-FPN, pooled | resnet-attention: three self-attention blocks on it | vit: ViT, patches of 16
  int width = 64;          ///< channels of ResNet's first stage; 64 is ResNet18
  int channels = 128;      ///< of ResNet's feature map
  int vit_channels = 384;  ///< ViT-S (Dosovitskiy et al. 2021; Touvron et al. 2021): 384 channels, 12 blocks, 6 heads; 22 million weights
  int vit_blocks = 12;
  int vit_heads = 6;
  void visit(OptionVisitor& v);
  void check() const;
};

struct QueryOutput {
  torch::Tensor logit;  ///< [B]
  torch::Tensor box;    ///< [B, 4]: cx, cy, w, h in [0, 1]
};

class QueryNetImpl : public torch::nn::Module {
 public:
  explicit QueryNetImpl(const QueryOptions& options = {});
  /// photo [B, 3, H, W] in [-1, 1], H and W multiples of 32.
  QueryOutput forward(torch::Tensor photo);

 private:
  torch::Tensor pooled(const torch::Tensor& photo);  ///< [B, features of the heads]

  const QueryOptions options_;
  ResNetFpn encoder_{nullptr};
  torch::nn::Conv2d patches_{nullptr};  ///< ViT's
  torch::nn::ModuleList blocks_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  torch::Tensor token_;  ///< [1, 1, d], the learnable [tok]
  torch::nn::Sequential image_head_{nullptr}, box_head_{nullptr};
};
TORCH_MODULE(QueryNet);

}  // namespace looking3d
