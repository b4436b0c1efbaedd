#pragma once
// The compare network of `align` (SPEC 6.3): a photo beside the reference rendered at the photo's camera -> where they differ.
#include "model/resnet_fpn.h"

namespace looking3d {

/// Rendered channels beside the photo: shading, depth, normal x y z, silhouette, part edges.
inline constexpr int kReferenceChannels = 7;
inline constexpr int kAnomalyKinds = 5;

struct CompareOptions {
  int width = 32;
  int channels = 96;
  bool fine = true;  ///< see ResNetFpnOptions
  void visit(OptionVisitor& v);
};

struct CompareOutput {
  torch::Tensor patch_logits;  ///< [B, h, w]: does this patch show the change
  torch::Tensor logit;         ///< [B]: does the piece deviate
  torch::Tensor kind_logits;   ///< [B, 5] in the order of AnomalyKind
  torch::Tensor box;           ///< [B, 4]: cx, cy, w, h in [0, 1]; an auxiliary target, detection frames the heat instead
};

class CompareNetImpl : public torch::nn::Module {
 public:
  explicit CompareNetImpl(const CompareOptions& options = {});
  /// photo [B, 3, H, W] in [-1, 1], rendered [B, 7, H, W].
  CompareOutput forward(torch::Tensor photo, torch::Tensor rendered);

 private:
  ResNetFpn encoder_{nullptr};
  torch::nn::Conv2d patch_head_{nullptr};
  torch::nn::Sequential image_head_{nullptr}, kind_head_{nullptr}, box_head_{nullptr};
};
TORCH_MODULE(CompareNet);

}  // namespace looking3d
