#pragma once
// AdamW (Loshchilov & Hutter 2019) with gradient clipping and a moving average of the weights, on the CPU in one pass over memory.
#include <torch/torch.h>

#include <string>
#include <vector>

#include "model/weights.h"

namespace looking3d {

struct OptimizerOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0;  ///< decoupled; on matrices and kernels only, not on biases, norms and other vectors
  double clip = 0;          ///< largest norm of all gradients together; 0: not clipped
  double ema = 0;           ///< decay of the moving average of weights and buffers; 0: none
  bool one_pass = true;     ///< off: by the library's operations, as on other devices
};

class Optimizer {
 public:
  /// The module's parameters must be dense float32.
  Optimizer(const torch::nn::Module& network, const OptimizerOptions& options);

  /// One update from the gradients, which are then zeroed. Returns their norm before clipping; changes nothing when it is not finite.
  double step(double learning_rate);
  void zero_grad();

  /// Moments, averages and the count of updates; restoring them goes on exactly.
  NamedTensors state() const;
  /// Throws InputError naming `where` when the state is not that of this network and these options.
  void restore(const NamedTensors& state, const Path& where);

  /// Swaps the module's weights and buffers with their moving averages (again: back). Nothing without averaging.
  void swap_average();

 private:
  struct Slot {
    std::string name;
    torch::Tensor weight;        // the module's own
    torch::Tensor mean, square;  // moments; undefined for buffers
    torch::Tensor average;       // undefined without averaging
    bool decays = false;
  };
  double gradient_norm() const;
  void average_buffers(double decay);

  OptimizerOptions options_;
  std::vector<Slot> parameters_, buffers_;
  int64_t updates_ = 0;
};

}  // namespace looking3d
