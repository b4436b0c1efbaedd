#include "model/lin_net.h"

#include <cmath>

#include "base/check.h"
#include "base/error.h"

namespace looking3d {

namespace nn = torch::nn;
namespace F = torch::nn::functional;
using torch::Tensor;

namespace {

Tensor unit(const Tensor& x) {
  return F::normalize(x, F::NormalizeFuncOptions().dim(-1));
}

}  // namespace

void LinOptions::visit(OptionVisitor& v) {
  v.field("width", width, "channels of the encoders' first stage; 64 is ResNet18");
  v.field("channels", channels, "channels of the common space of photos and shapes");
}

void LinOptions::check() const {
  if (channels < 1 || channels > 4096) throw InputError("lin options", "channel counts must be positive and at most 4096");
}

LinNetImpl::LinNetImpl(const LinOptions& options) : channels_(options.channels) {
  options.check();
  photo_encoder_ = register_module("photo_encoder", ResNet18(options.width));
  view_encoder_ = register_module("view_encoder", ResNet18(options.width));
  photo_embedding_ = register_module("photo_embedding", nn::Linear(8 * options.width, channels_));
  view_embedding_ = register_module("view_embedding", nn::Linear(8 * options.width, channels_));
  query_ = register_module("query", nn::Linear(channels_, channels_));
  key_ = register_module("key", nn::Linear(channels_, channels_));
}

Tensor LinNetImpl::embed_photos(Tensor photos) {
  return unit(photo_embedding_(photo_encoder_(photos)).to(torch::kFloat));
}

Tensor LinNetImpl::embed_views(Tensor views) {
  return view_embedding_(view_encoder_(views)).to(torch::kFloat);
}

Tensor LinNetImpl::similarity(const Tensor& photos, const Tensor& views) {
  L3D_CHECK(photos.dim() == 2 && views.dim() == 3 && views.size(2) == channels_, "[B, c] and [G, N, c]");
  const Tensor query = query_(photos).to(torch::kFloat), keys = key_(views).to(torch::kFloat);
  const Tensor attention =
      torch::softmax(torch::einsum("bc,gnc->bgn", {query, keys}) / std::sqrt(static_cast<double>(channels_)), 2);  // [B, G, N]
  const Tensor shapes = unit(torch::einsum("bgn,gnc->bgc", {attention, views}));                                   // [B, G, c]
  return torch::einsum("bc,bgc->bg", {photos, shapes});
}

}  // namespace looking3d
