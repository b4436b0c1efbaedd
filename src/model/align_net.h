#pragma once
// The two networks of `align`, trained together and kept in one weights file.
#include "model/compare_net.h"
#include "model/mask_net.h"

namespace looking3d {

struct AlignNetOptions {
  CompareOptions compare;
  MaskOptions mask;
  bool in_place = false;  ///< trained on photos with backgrounds too, so that they are compared as they are and not cut out
  void visit(OptionVisitor& v) {
    compare.visit(v);
    mask.visit(v);
    v.field("in-place", in_place, "photos with backgrounds are compared as they are");
  }
};

class AlignNetImpl : public torch::nn::Module {
 public:
  explicit AlignNetImpl(const AlignNetOptions& options = {})
      : compare(register_module("compare", CompareNet(options.compare))), mask(register_module("mask", MaskNet(options.mask))) {}

  CompareNet compare;
  MaskNet mask;
};
TORCH_MODULE(AlignNet);

}  // namespace looking3d
