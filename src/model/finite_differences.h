#pragma once
// For tests: gradients against central differences.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <functional>
#include <vector>

namespace looking3d {

/// Compares the gradient of value() in some elements of each input (flat indices) with (value(x + step) - value(x - step)) / (2 step),
/// step 0.01. Inputs are contiguous float32 and what `value` computes from.
inline void expect_gradient_by_differences(const std::function<torch::Tensor()>& value, const std::vector<torch::Tensor>& inputs,
                                           const std::vector<int64_t>& elements, double tolerance) {
  const auto gradient = torch::autograd::grad({value()}, inputs);
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < inputs.size(); ++i) {
    torch::Tensor flat = inputs[i].view(-1);
    for (const int64_t at : elements) {
      const float before = flat[at].item<float>(), step = 1e-2f;
      flat[at] = before + step;
      const double high = value().item<double>();
      flat[at] = before - step;
      const double low = value().item<double>();
      flat[at] = before;
      EXPECT_NEAR(gradient[i].reshape(-1)[at].item<double>(), (high - low) / (2 * step), tolerance) << "input " << i << " element " << at;
    }
  }
}

}  // namespace looking3d
