#pragma once
// Half-width arithmetic (bfloat16) for the forward pass, where the processor has it.
#include <torch/torch.h>

#include <string>

namespace looking3d {

/// True where bf16 is faster than float32: AVX512-BF16 or AMX.
bool cpu_has_bf16();

/// "auto", "on" or "off" -> whether to use bf16. Every GPU is taken to have it.
inline bool use_bf16(const std::string& choice, const torch::Device& device = torch::kCPU) {
  return choice == "on" || (choice == "auto" && (device.is_cuda() || cpu_has_bf16()));
}

/// While it lives, convolutions and matrix products of this thread on the device run in bf16 if `on`; norms, softmax and losses stay in
/// float32.
class Bf16Autocast {
 public:
  explicit Bf16Autocast(bool on, const torch::Device& device = torch::kCPU);
  ~Bf16Autocast();
  Bf16Autocast(const Bf16Autocast&) = delete;
  Bf16Autocast& operator=(const Bf16Autocast&) = delete;

 private:
  const bool on_;
  const torch::DeviceType device_;
  const bool before_;
};

/// While it lives, this thread computes as its tensors are typed, on every device, whatever stands around.
class NoAutocast {
 public:
  NoAutocast();
  ~NoAutocast();
  NoAutocast(const NoAutocast&) = delete;
  NoAutocast& operator=(const NoAutocast&) = delete;

 private:
  const bool cpu_before_, gpu_before_;
};

/// While it lives, autocast keeps no narrowed weights of this thread: those narrowed without a graph would serve, without one, whoever asks
/// next.
class NoAutocastCache {
 public:
  NoAutocastCache();
  ~NoAutocastCache();
  NoAutocastCache(const NoAutocastCache&) = delete;
  NoAutocastCache& operator=(const NoAutocastCache&) = delete;

 private:
  const bool before_;
};

}  // namespace looking3d
