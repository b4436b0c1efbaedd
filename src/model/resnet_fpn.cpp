#include "model/resnet_fpn.h"

#include "base/check.h"
#include "base/error.h"
#include "model/inference.h"

namespace looking3d {
namespace {

namespace nn = torch::nn;
namespace F = torch::nn::functional;

nn::Conv2d conv3x3(int in_channels, int out_channels, int stride) {
  return nn::Conv2d(nn::Conv2dOptions(in_channels, out_channels, 3).stride(stride).padding(1).bias(false));
}

nn::Sequential stage(int in_channels, int out_channels, int stride) {
  return nn::Sequential(BasicBlock(in_channels, out_channels, stride), BasicBlock(out_channels, out_channels, 1));
}

nn::Sequential lateral(int in_channels, int channels, int stride = 1) {
  return nn::Sequential(conv3x3(in_channels, channels, stride), BatchNorm(channels), nn::ReLU());
}

nn::Sequential stem(const ResNetFpnOptions& options) {
  const int w = options.width;
  if (options.fine) return nn::Sequential(conv3x3(options.in_channels, w, 2), BatchNorm(w), nn::ReLU());
  return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(options.in_channels, w, 7).stride(2).padding(3).bias(false)), BatchNorm(w), nn::ReLU(),
                        nn::MaxPool2d(nn::MaxPool2dOptions(3).stride(2).padding(1)));
}

void start_convolutions(nn::Module& network) {
  for (auto& module : network.modules(false)) {
    auto* conv = module->as<nn::Conv2d>();
    if (conv == nullptr) continue;
    nn::init::kaiming_normal_(conv->weight, 0, torch::kFanOut, torch::kReLU);
    conv->weight.set_data(conv->weight.contiguous(torch::MemoryFormat::ChannelsLast));  // as the convolutions read them
  }
}

torch::Tensor upsampled(const torch::Tensor& x, int64_t h, int64_t w) {
  return F::interpolate(x, F::InterpolateFuncOptions().size(std::vector<int64_t>{h, w}).mode(torch::kBilinear).align_corners(false));
}

}  // namespace

void ResNetFpnOptions::visit(OptionVisitor& v) {
  v.field("in-channels", in_channels, "channels of the input image");
  v.field("width", width, "channels of the first stage; 64 is ResNet18");
  v.field("channels", channels, "channels of the feature map");
  v.field("fine", fine, "stages at strides 2 to 16 instead of 4 to 32");
}

void ResNetFpnOptions::check() const {
  if (in_channels < 1 || width < 1 || channels < 1 || width > 1024 || channels > 4096) {
    throw InputError("encoder options", "channel counts must be positive and at most 4096");
  }
}

BasicBlockImpl::BasicBlockImpl(int in_channels, int out_channels, int stride) {
  conv1_ = register_module("conv1", conv3x3(in_channels, out_channels, stride));
  norm1_ = register_module("norm1", BatchNorm(out_channels));
  conv2_ = register_module("conv2", conv3x3(out_channels, out_channels, 1));
  norm2_ = register_module("norm2", BatchNorm(out_channels));
  if (stride != 1 || in_channels != out_channels) {
    shortcut_ = register_module(
        "shortcut",
        nn::Sequential(nn::Conv2d(nn::Conv2dOptions(in_channels, out_channels, 1).stride(stride).bias(false)), BatchNorm(out_channels)));
  }
}

torch::Tensor BasicBlockImpl::forward(torch::Tensor x) {
  torch::Tensor y = torch::relu(norm1_(conv1_(x)));
  y = norm2_(conv2_(y));
  return torch::relu(y + (shortcut_.is_empty() ? x : shortcut_->forward(x)));
}

ResNetFpnImpl::ResNetFpnImpl(const ResNetFpnOptions& options) : options_(options) {
  options.check();
  const int w = options.width;
  stem_ = register_module("stem", stem(options));
  stage1_ = register_module("stage1", stage(w, w, 1));
  stage2_ = register_module("stage2", stage(w, 2 * w, 2));
  stage3_ = register_module("stage3", stage(2 * w, 4 * w, 2));
  stage4_ = register_module("stage4", stage(4 * w, 8 * w, 2));
  lateral2_ = register_module("lateral2", lateral(2 * w, options.channels, options.fine ? 2 : 1));
  lateral3_ = register_module("lateral3", lateral(4 * w, options.channels));
  lateral4_ = register_module("lateral4", lateral(8 * w, options.channels));
  start_convolutions(*this);
}

FeatureLevels ResNetFpnImpl::levels(torch::Tensor x) {
  L3D_CHECK_EQ(x.dim(), 4);
  L3D_CHECK_EQ(x.size(1), options_.in_channels);
  L3D_CHECK(x.size(2) % 32 == 0 && x.size(3) % 32 == 0, "image sides are multiples of 32");
  x = in_type_of(*stem_, x).contiguous(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor c1 = stage1_->forward(stem_->forward(x)), c2 = stage2_->forward(c1);
  const torch::Tensor c3 = stage3_->forward(c2), c4 = stage4_->forward(c3);
  const int64_t h = x.size(2) / 8, w = x.size(3) / 8;
  return {c1, c2, lateral2_->forward(c2) + upsampled(lateral3_->forward(c3), h, w) + upsampled(lateral4_->forward(c4), h, w)};
}

ResNet18Impl::ResNet18Impl(int width) {
  const ResNetFpnOptions options{3, width};
  options.check();
  stem_ = register_module("stem", stem(options));
  stage1_ = register_module("stage1", stage(width, width, 1));
  stage2_ = register_module("stage2", stage(width, 2 * width, 2));
  stage3_ = register_module("stage3", stage(2 * width, 4 * width, 2));
  stage4_ = register_module("stage4", stage(4 * width, 8 * width, 2));
  start_convolutions(*this);
}

torch::Tensor ResNet18Impl::forward(torch::Tensor x) {
  L3D_CHECK_EQ(x.dim(), 4);
  L3D_CHECK(x.size(2) % 32 == 0 && x.size(3) % 32 == 0, "image sides are multiples of 32");
  const torch::Tensor seen = in_type_of(*stem_, x).contiguous(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor c2 = stage2_->forward(stage1_->forward(stem_->forward(seen)));
  return stage4_->forward(stage3_->forward(c2)).mean({2, 3}).to(x.scalar_type());
}

}  // namespace looking3d
