#include "model/query_net.h"

#include "base/error.h"

namespace looking3d {

namespace nn = torch::nn;
using torch::Tensor;

namespace {
constexpr int kAttentionBlocks = 3, kAttentionHeads = 8;  // as CMT has (paper, section 4.2)
constexpr int kVitPatch = 16;
}  // namespace

void QueryOptions::visit(OptionVisitor& v) {
  v.field("network", network, "resnet | resnet-attention | vit");
  v.field("width", width, "channels of the encoder's first stage; 64 is ResNet18");
  v.field("channels", channels, "channels of the feature map");
  v.field("vit-channels", vit_channels, "channels of the ViT");
  v.field("vit-blocks", vit_blocks, "blocks of the ViT");
  v.field("vit-heads", vit_heads, "heads of the ViT");
}

void QueryOptions::check() const {
  if (network != "resnet" && network != "resnet-attention" && network != "vit")
    throw InputError("network", "'" + network + "' is not a query-only network", "resnet, resnet-attention or vit");
  const bool sizes = channels >= 4 && channels % 4 == 0 && channels % kAttentionHeads == 0 && channels <= 4096 && vit_channels >= 4 &&
                     vit_channels % 4 == 0 && vit_channels <= 4096 && vit_heads >= 1 && vit_channels % vit_heads == 0 && vit_blocks >= 1 &&
                     vit_blocks <= 64;
  if (!sizes) throw InputError("query-only options", "channels must be multiples of 4 and of the heads");
}

QueryNetImpl::QueryNetImpl(const QueryOptions& options) : options_(options) {
  options.check();
  const bool vit = options.network == "vit", attention = options.network != "resnet";
  const int d = vit ? options.vit_channels : options.channels;
  if (vit) {
    patches_ = register_module("patches", nn::Conv2d(nn::Conv2dOptions(3, d, kVitPatch).stride(kVitPatch)));
  } else {
    encoder_ = register_module("encoder", ResNetFpn(ResNetFpnOptions{3, options.width, d}));
  }
  if (attention) {
    token_ = register_parameter("token", 0.02 * torch::randn({1, 1, d}));
    blocks_ = register_module("blocks", nn::ModuleList());
    for (int i = 0; i < (vit ? options.vit_blocks : kAttentionBlocks); ++i)
      blocks_->push_back(SelfAttentionBlock(d, vit ? options.vit_heads : kAttentionHeads));
    norm_ = register_module("norm", nn::LayerNorm(nn::LayerNormOptions({d})));
  }
  const int features = attention ? d : 2 * d;
  image_head_ = register_module("image_head", mlp({features, d, 1}));
  box_head_ = register_module("box_head", mlp({features, d, d, d, 4}));
}

Tensor QueryNetImpl::pooled(const Tensor& photo) {
  const Tensor map = (patches_ ? patches_(photo) : encoder_(photo)).to(torch::kFloat);  // [B, d, h, w]
  if (!blocks_) return torch::cat({map.mean({2, 3}), map.amax({2, 3})}, 1);
  const Tensor patches = map.flatten(2).transpose(1, 2) + sine_positions(map.size(2), map.size(3), map.size(1)).to(map.device());
  Tensor tokens = torch::cat({token_.expand({map.size(0), 1, -1}), patches}, 1);  // [B, 1 + h * w, d]
  for (const auto& block : *blocks_) tokens = block->as<SelfAttentionBlock>()->forward(tokens);
  return norm_(tokens.select(1, 0));
}

QueryOutput QueryNetImpl::forward(Tensor photo) {
  const Tensor features = pooled(photo);
  return {image_head_->forward(features).to(torch::kFloat).squeeze(1), torch::sigmoid(box_head_->forward(features).to(torch::kFloat))};
}

}  // namespace looking3d
