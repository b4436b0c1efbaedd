#pragma once
// A trained network made ready to judge: nothing of it changes any more, so that it can be made faster.
#include <torch/torch.h>

namespace looking3d {

/// Puts the network into evaluation mode and folds each batch norm into the convolution registered just before it: weights w s, bias b - m
/// s with s = gamma / sqrt(variance + epsilon) (Ioffe & Szegedy 2015, section 3.1), the same function but for rounding. With `half_width`
/// those convolutions then compute in bfloat16; convolutions without a norm, as heads are, stay as they are. The network can neither be
/// trained nor saved any more.
void prepare_for_inference(torch::nn::Module& network, bool half_width);

/// `x` in the type in which the module computes first.
torch::Tensor in_type_of(const torch::nn::Module& module, const torch::Tensor& x);

}  // namespace looking3d
