#include "model/query_net.h"

namespace looking3d {

namespace nn = torch::nn;

void QueryOptions::visit(OptionVisitor& v) {
  v.field("width", width, "channels of the encoder's first stage; 64 is ResNet18");
  v.field("channels", channels, "channels of the feature map");
}

QueryNetImpl::QueryNetImpl(const QueryOptions& options) {
  const int d = options.channels;
  encoder_ = register_module("encoder", ResNetFpn(ResNetFpnOptions{3, options.width, d}));
  head_ = register_module("head", nn::Sequential(nn::Linear(2 * d, d), nn::ReLU(), nn::Linear(d, 1)));
}

torch::Tensor QueryNetImpl::forward(torch::Tensor photo) {
  const torch::Tensor features = encoder_(photo);                                              // [B, d, h, w]
  const torch::Tensor pooled = torch::cat({features.mean({2, 3}), features.amax({2, 3})}, 1);  // [B, 2d]
  return head_->forward(pooled).squeeze(1);
}

}  // namespace looking3d
