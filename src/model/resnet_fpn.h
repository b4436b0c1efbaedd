#pragma once
// ResNet18 with a feature pyramid: one feature map at stride 8 (paper, section 4.2; SPEC 3, "Encoder").
#include <torch/torch.h>

#include "base/options.h"
#include "model/batch_norm.h"

namespace looking3d {

struct ResNetFpnOptions {
  int in_channels = 3;
  int width = 64;      ///< channels of the first stage; 64 is ResNet18
  int channels = 128;  ///< d, channels of the result
  bool fine = false;   ///< stages at strides 2 to 16 instead of ResNet's 4 to 32: thin parts survive; the result stays at stride 8
  void visit(OptionVisitor& v);
  void check() const;
};

/// Two 3x3 convolutions around a shortcut (He et al. 2016).
class BasicBlockImpl : public torch::nn::Module {
 public:
  BasicBlockImpl(int in_channels, int out_channels, int stride);
  torch::Tensor forward(torch::Tensor x);

 private:
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr};
  BatchNorm norm1_{nullptr}, norm2_{nullptr};
  torch::nn::Sequential shortcut_{nullptr};
};
TORCH_MODULE(BasicBlock);

/// What the encoder knows at three scales.
struct FeatureLevels {
  torch::Tensor stage1;  ///< [B, w, H/4, W/4]; fine: H/2, W/2
  torch::Tensor stage2;  ///< [B, 2w, H/8, W/8]; fine: H/4, W/4
  torch::Tensor merged;  ///< [B, d, H/8, W/8]: strides 8, 16 and 32 (fine: 4, 8 and 16) put together
};

class ResNetFpnImpl : public torch::nn::Module {
 public:
  explicit ResNetFpnImpl(const ResNetFpnOptions& options = {});
  /// [B, in_channels, H, W] -> [B, d, H/8, W/8]; H and W are multiples of 32.
  torch::Tensor forward(const torch::Tensor& x) { return levels(x).merged.to(x.scalar_type()); }
  /// The same at all scales, in the type of the weights.
  FeatureLevels levels(torch::Tensor x);

 private:
  ResNetFpnOptions options_;
  torch::nn::Sequential stem_{nullptr}, stage1_{nullptr}, stage2_{nullptr}, stage3_{nullptr}, stage4_{nullptr};
  torch::nn::Sequential lateral2_{nullptr}, lateral3_{nullptr}, lateral4_{nullptr};  ///< of strides 8, 16, 32
};
TORCH_MODULE(ResNetFpn);

/// ResNet18 up to its pooled features (He et al. 2016), from a random start.
class ResNet18Impl : public torch::nn::Module {
 public:
  explicit ResNet18Impl(int width = 64);
  /// [B, 3, H, W] -> [B, 8 * width]; H and W are multiples of 32.
  torch::Tensor forward(torch::Tensor x);

 private:
  torch::nn::Sequential stem_{nullptr}, stage1_{nullptr}, stage2_{nullptr}, stage3_{nullptr}, stage4_{nullptr};
};
TORCH_MODULE(ResNet18);

}  // namespace looking3d
