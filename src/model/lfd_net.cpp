#include "model/lfd_net.h"

#include "base/check.h"
#include "base/error.h"
#include "model/inference.h"

namespace looking3d {

namespace nn = torch::nn;
namespace F = torch::nn::functional;
using torch::Tensor;

void LfdOptions::visit(OptionVisitor& v) {
  v.field("width", width, "channels of the locating network's first stage; 64 is ResNet18");
  v.field("channels", channels, "channels of its feature map");
  v.field("descriptor-width", descriptor_width, "channels of the descriptor network's first stage");
  v.field("descriptor-channels", descriptor_channels, "channels of a descriptor");
}

void LfdOptions::check() const {
  if (descriptor_width < 1 || descriptor_width > 1024 || descriptor_channels < 1 || descriptor_channels > 4096) {
    throw InputError("lfd options", "channel counts must be positive and at most 4096");
  }
}

LfdNetImpl::LfdNetImpl(const LfdOptions& options) {
  options.check();
  encoder_ = register_module("encoder", ResNetFpn(ResNetFpnOptions{3, options.width, options.channels}));
  field_ = register_module("field", nn::Conv2d(nn::Conv2dOptions(options.channels, 4, 1)));
  const int w = options.descriptor_width;
  descriptor_ = register_module("descriptor", nn::Sequential(BasicBlock(4, w, 1), BasicBlock(w, 2 * w, 2), BasicBlock(2 * w, 4 * w, 2)));
  embedding_ = register_module("embedding", nn::Linear(4 * w, options.descriptor_channels));
}

LocationField LfdNetImpl::locate(Tensor pictures) {
  const Tensor field = field_(encoder_(pictures)).to(torch::kFloat).permute({0, 2, 3, 1});  // [n, h, w, 4]
  return {field.slice(3, 0, 3), field.select(3, 3)};
}

Tensor LfdNetImpl::describe(const Tensor& position, const Tensor& surface) {
  L3D_CHECK(position.dim() == 4 && surface.dim() == 3 && position.size(3) == 3, "[n, h, w, 3] and [n, h, w]");
  const Tensor seen = surface.unsqueeze(3);
  const Tensor field = torch::cat({position * seen, seen}, 3).permute({0, 3, 1, 2}).contiguous();  // [n, 4, h, w]
  const Tensor descriptor =
      embedding_(in_type_of(*embedding_, descriptor_->forward(in_type_of(*descriptor_, field)).mean({2, 3}))).to(torch::kFloat);
  return F::normalize(descriptor, F::NormalizeFuncOptions().dim(1));
}

Tensor nearest_view_similarity(const Tensor& photos, const Tensor& views) {
  return torch::einsum("bc,gnc->bgn", {photos, views}).amax(2);
}

Tensor unit_distance(const Tensor& cosine) {
  return (2 - 2 * cosine).clamp_min(1e-6).sqrt();
}

}  // namespace looking3d
