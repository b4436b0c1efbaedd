#pragma once
// Cross-modal retrieval after Lin et al. 2021, a baseline of the paper's table 2: photos and shapes in one space; a shape is the mean of
// its views' features, weighted by how much the photo attends to each. Letters: n pictures, B photos, G shapes, N views, c channels of the
// common space.
#include "model/resnet_fpn.h"

namespace looking3d {

struct LinOptions {
  int width = 64;      ///< channels of the two encoders' first stage; 64 is ResNet18
  int channels = 128;  ///< c
  void visit(OptionVisitor& v);
  void check() const;
};

class LinNetImpl : public torch::nn::Module {
 public:
  explicit LinNetImpl(const LinOptions& options = {});
  /// Photos [n, 3, H, W] in [-1, 1] -> [n, c], unit length.
  torch::Tensor embed_photos(torch::Tensor photos);
  /// Grey views [n, 3, H, W] in [-1, 1] -> features [n, c].
  torch::Tensor embed_views(torch::Tensor views);
  /// Photos [B, c] and features of views [G, N, c] -> cosine of each photo and each shape as that photo attends to it, [B, G].
  torch::Tensor similarity(const torch::Tensor& photos, const torch::Tensor& views);

 private:
  const int64_t channels_;
  ResNet18 photo_encoder_{nullptr}, view_encoder_{nullptr};
  torch::nn::Linear photo_embedding_{nullptr}, view_embedding_{nullptr}, query_{nullptr}, key_{nullptr};
};
TORCH_MODULE(LinNet);

}  // namespace looking3d
