#include "model/mask_net.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "model/inference.h"

namespace looking3d {
namespace {

namespace nn = torch::nn;
namespace F = torch::nn::functional;

constexpr int kHalvings = 5;
constexpr int kWidest = 8;  ///< times the width at full resolution

nn::Sequential convolution(int in_channels, int out_channels, int stride) {
  return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(in_channels, out_channels, 3).stride(stride).padding(1).bias(false)),
                        BatchNorm(out_channels), nn::ReLU());
}

}  // namespace

void MaskOptions::visit(OptionVisitor& v) {
  v.field("mask-width", width, "channels of the mask network at full resolution");
}

MaskNetImpl::MaskNetImpl(const MaskOptions& options) {
  if (options.width < 1 || options.width > 256) throw InputError("mask options", "channel counts are out of range");
  const auto channels = [&](int level) { return options.width * std::min(1 << level, kWidest); };
  down_ = register_module("down", nn::ModuleList());
  up_ = register_module("up", nn::ModuleList());
  down_->push_back(convolution(3, channels(0), 1));
  for (int level = 1; level <= kHalvings; ++level) down_->push_back(convolution(channels(level - 1), channels(level), 2));
  for (int level = kHalvings; level >= 1; --level)
    up_->push_back(convolution(channels(level) + channels(level - 1), channels(level - 1), 1));
  head_ = register_module("head", nn::Conv2d(nn::Conv2dOptions(channels(0), 1, 1)));
}

torch::Tensor MaskNetImpl::forward(torch::Tensor photo) {
  std::vector<torch::Tensor> levels;
  torch::Tensor x = in_type_of(*down_, photo);
  for (const auto& module : *down_) levels.push_back(x = module->as<nn::Sequential>()->forward(x));
  levels.pop_back();
  for (const auto& module : *up_) {
    x = F::interpolate(x, F::InterpolateFuncOptions().scale_factor(std::vector<double>{2, 2}).mode(torch::kNearest));
    x = module->as<nn::Sequential>()->forward(torch::cat({x, levels.back()}, 1));
    levels.pop_back();
  }
  return head_(in_type_of(*head_, x)).squeeze(1);
}

}  // namespace looking3d
