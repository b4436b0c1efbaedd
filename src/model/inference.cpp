#include "model/inference.h"

#include "model/batch_norm.h"

namespace looking3d {
namespace {

void narrow(torch::Tensor& weight) {
  weight.set_data(weight.to(torch::kBFloat16));
}

void fold(torch::nn::Module& module, bool half_width) {
  torch::nn::Conv2dImpl* convolution = nullptr;  // the child before
  for (const auto& child : module.children()) {
    auto* norm = child->as<BatchNormImpl>();
    if (norm != nullptr && convolution != nullptr) {
      norm->fold_into(convolution->weight, convolution->bias);
      if (half_width) narrow(convolution->weight), narrow(convolution->bias);
    }
    convolution = child->as<torch::nn::Conv2dImpl>();
    fold(*child, half_width);
  }
}

}  // namespace

void prepare_for_inference(torch::nn::Module& network, bool half_width) {
  const torch::NoGradGuard no_grad;
  network.eval();
  fold(network, half_width);
}

torch::Tensor in_type_of(const torch::nn::Module& module, const torch::Tensor& x) {
  return x.to(module.parameters().front().scalar_type());
}

}  // namespace looking3d
