#pragma once
// Batch normalisation (Ioffe & Szegedy 2015) whose statistics may run over the batches of several processes.
#include <torch/torch.h>

#include <functional>

namespace looking3d {

/// Adds up a tensor over all processes, in place.
using SumOverProcesses = std::function<void(torch::Tensor)>;

/// The library's BatchNorm2d by name and value of its tensors and by result, unless synchronise() was called: then in training mode mean
/// and variance are those of the images [B, C, H, W] of all processes together, which may hold different numbers of them, at least one
/// each.
class BatchNormImpl : public torch::nn::Module {
 public:
  explicit BatchNormImpl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);
  void synchronise(SumOverProcesses sum) { sum_ = std::move(sum); }
  /// Makes the convolution before do what this norm does in evaluation mode; the norm itself then does nothing, and cannot be trained.
  void fold_into(torch::Tensor& weight_before, torch::Tensor& bias_before);

  torch::Tensor weight, bias, running_mean, running_var, num_batches_tracked;

 private:
  SumOverProcesses sum_;  ///< empty: a process alone
  bool folded_ = false;
};
TORCH_MODULE(BatchNorm);

/// Makes all batch norms of a network synchronised ones. Every process must then run the same forward and backward passes. The gradient
/// of each process is that of its own losses through the statistics of all: added up over the processes it is the whole batch's.
void synchronise_batch_norms(torch::nn::Module& network, const SumOverProcesses& sum);

}  // namespace looking3d
