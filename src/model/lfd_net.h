#pragma once
// Location field descriptors (Grabner, Roth, Lepetit 2019), a baseline of the paper's table 2: a photo and a reference meet in location
// fields, which say for each patch what place of the object it shows; a descriptor of a field is compared with those of the reference's
// views. Letters: n pictures, h x w patches, B photos, G shapes, N views, c channels of a descriptor.
#include "model/resnet_fpn.h"

namespace looking3d {

struct LfdOptions {
  int width = 64;                 ///< channels of the locating network's first stage; 64 is ResNet18
  int channels = 128;             ///< of its feature map
  int descriptor_width = 32;      ///< channels of the descriptor network's first stage
  int descriptor_channels = 128;  ///< c
  void visit(OptionVisitor& v);
  void check() const;
};

struct LocationField {
  torch::Tensor position;       ///< [n, h, w, 3] canonical units
  torch::Tensor surface_logit;  ///< [n, h, w]: that the patch shows the object
};

class LfdNetImpl : public torch::nn::Module {
 public:
  explicit LfdNetImpl(const LfdOptions& options = {});
  /// Pictures [n, 3, H, W] in [-1, 1] -> fields of patches of 8 pixels.
  LocationField locate(torch::Tensor pictures);
  /// Field as position [n, h, w, 3] and surface [n, h, w] in [0, 1] -> [n, c], unit length.
  torch::Tensor describe(const torch::Tensor& position, const torch::Tensor& surface);

 private:
  ResNetFpn encoder_{nullptr};
  torch::nn::Conv2d field_{nullptr};
  torch::nn::Sequential descriptor_{nullptr};
  torch::nn::Linear embedding_{nullptr};
};
TORCH_MODULE(LfdNet);

/// Cosine of each photo's descriptor [B, c] and the nearest one of each shape's views [G, N, c] -> [B, G].
torch::Tensor nearest_view_similarity(const torch::Tensor& photos, const torch::Tensor& views);

/// Euclidean distance of unit vectors by their cosine. Not its square, whose gradient vanishes where all descriptors are alike, as they are
/// at first (Hermans et al. 2017).
torch::Tensor unit_distance(const torch::Tensor& cosine);

}  // namespace looking3d
