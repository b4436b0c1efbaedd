#include "model/compare_net.h"

#include <algorithm>

#include "base/check.h"

namespace looking3d {
namespace {

namespace nn = torch::nn;
constexpr int64_t kTopPatches = 8;  ///< whose mean logit is evidence for the image

nn::Sequential mlp(int in_channels, int hidden, int out_channels) {
  return nn::Sequential(nn::Linear(in_channels, hidden), nn::ReLU(), nn::Linear(hidden, out_channels));
}

}  // namespace

void CompareOptions::visit(OptionVisitor& v) {
  v.field("width", width, "channels of the encoder's first stage");
  v.field("channels", channels, "channels of the feature map");
  v.field("fine", fine, "encoder stages at strides 2 to 16 instead of 4 to 32");
}

CompareNetImpl::CompareNetImpl(const CompareOptions& options) {
  const int d = options.channels;
  encoder_ = register_module("encoder", ResNetFpn(ResNetFpnOptions{3 + kReferenceChannels, options.width, d, options.fine}));
  patch_head_ = register_module("patch_head", nn::Conv2d(nn::Conv2dOptions(d, 1, 1)));
  image_head_ = register_module("image_head", mlp(2 * d + 2, d, 1));
  kind_head_ = register_module("kind_head", mlp(2 * d, d, kAnomalyKinds));
  box_head_ = register_module("box_head", mlp(2 * d, d, 4));
}

CompareOutput CompareNetImpl::forward(torch::Tensor photo, torch::Tensor rendered) {
  L3D_CHECK_EQ(photo.size(0), rendered.size(0));
  L3D_CHECK_EQ(rendered.size(1), kReferenceChannels);
  const torch::Tensor features = encoder_(torch::cat({photo, rendered}, 1));  // [B, d, h, w]
  CompareOutput out;
  out.patch_logits = patch_head_(features).squeeze(1);                                         // [B, h, w]
  const torch::Tensor pooled = torch::cat({features.mean({2, 3}), features.amax({2, 3})}, 1);  // [B, 2d]
  const torch::Tensor flat = out.patch_logits.flatten(1);                                      // [B, h*w]
  const torch::Tensor top = std::get<0>(flat.topk(std::min(kTopPatches, flat.size(1)), 1)).mean(1, true), peak = flat.amax(1, true);
  out.logit = image_head_->forward(torch::cat({pooled, top, peak}, 1)).squeeze(1);
  out.kind_logits = kind_head_->forward(pooled);
  out.box = torch::sigmoid(box_head_->forward(pooled));
  return out;
}

}  // namespace looking3d
