#pragma once
// From which of the reference's views a photo was taken, told from the photo alone: the supervised baseline of the paper's viewpoint
// prediction (section 5.1).
#include "model/resnet_fpn.h"

namespace looking3d {

struct ViewpointOptions {
  int width = 64;  ///< channels of the first stage; 64 is ResNet18
  int views = 20;  ///< azimuths that are told apart
  void visit(OptionVisitor& v);
  void check() const;
};

class ViewpointNetImpl : public torch::nn::Module {
 public:
  explicit ViewpointNetImpl(const ViewpointOptions& options = {});
  /// Photos [B, 3, H, W] in [-1, 1] -> a logit for each view, [B, views].
  torch::Tensor forward(torch::Tensor photos);

 private:
  ResNet18 encoder_{nullptr};
  torch::nn::Linear head_{nullptr};
};
TORCH_MODULE(ViewpointNet);

}  // namespace looking3d
