#pragma once
// The query-only baseline: ResNet18-FPN that sees the photo alone (paper, table 2). It cannot know the reference, and should stay weak.
#include "model/resnet_fpn.h"

namespace looking3d {

struct QueryOptions {
  int width = 64;
  int channels = 128;
  void visit(OptionVisitor& v);
};

class QueryNetImpl : public torch::nn::Module {
 public:
  explicit QueryNetImpl(const QueryOptions& options = {});
  /// photo [B, 3, H, W] in [-1, 1] -> anomaly logits [B].
  torch::Tensor forward(torch::Tensor photo);

 private:
  ResNetFpn encoder_{nullptr};
  torch::nn::Sequential head_{nullptr};
};
TORCH_MODULE(QueryNet);

}  // namespace looking3d
