#pragma once
// Which pixels of a photo are the object: a small U-Net (Ronneberger et al. 2015), for the pose search of `align`.
#include "model/resnet_fpn.h"

namespace looking3d {

struct MaskOptions {
  int width = 12;  ///< channels at full resolution; doubled at each halving, up to eightfold
  void visit(OptionVisitor& v);
};

class MaskNetImpl : public torch::nn::Module {
 public:
  explicit MaskNetImpl(const MaskOptions& options = {});
  /// photo [B, 3, H, W] in [-1, 1], H and W multiples of 32 -> logits [B, H, W].
  torch::Tensor forward(torch::Tensor photo);

 private:
  torch::nn::ModuleList down_{nullptr}, up_{nullptr};
  torch::nn::Conv2d head_{nullptr};
};
TORCH_MODULE(MaskNet);

}  // namespace looking3d
