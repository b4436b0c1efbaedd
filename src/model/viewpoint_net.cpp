#include "model/viewpoint_net.h"

#include "base/error.h"

namespace looking3d {

void ViewpointOptions::visit(OptionVisitor& v) {
  v.field("width", width, "channels of the first stage; 64 is ResNet18");
  v.field("views", views, "azimuths that are told apart");
}

void ViewpointOptions::check() const {
  if (views < 2 || views > 360) throw InputError("viewpoint options", "views must lie between 2 and 360");
}

ViewpointNetImpl::ViewpointNetImpl(const ViewpointOptions& options) {
  options.check();
  encoder_ = register_module("encoder", ResNet18(options.width));
  head_ = register_module("head", torch::nn::Linear(8 * options.width, options.views));
}

torch::Tensor ViewpointNetImpl::forward(torch::Tensor photos) {
  return head_(encoder_(photos)).to(torch::kFloat);
}

}  // namespace looking3d
