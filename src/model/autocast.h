#pragma once
// Half-width arithmetic (bfloat16) for the forward pass, where the processor has it.
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include <string>

namespace looking3d {

/// True where bf16 is faster than float32: AVX512-BF16 or AMX.
bool cpu_has_bf16();

/// "auto", "on" or "off" -> whether to use bf16.
inline bool use_bf16(const std::string& choice) {
  return choice == "on" || (choice == "auto" && cpu_has_bf16());
}

/// While it lives, convolutions and matrix products of this thread run in bf16 if `on`; norms, softmax and losses stay in float32.
class Bf16Autocast {
 public:
  explicit Bf16Autocast(bool on) : on_(on), before_(at::autocast::is_cpu_enabled()) {
    if (!on_) return;
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(true);
  }
  ~Bf16Autocast() {
    if (!on_) return;
    at::autocast::set_cpu_enabled(before_);
    if (!before_) at::autocast::clear_cache();
  }
  Bf16Autocast(const Bf16Autocast&) = delete;
  Bf16Autocast& operator=(const Bf16Autocast&) = delete;

 private:
  const bool on_, before_;
};

/// While it lives, this thread computes as its tensors are typed, whatever stands around.
class NoAutocast {
 public:
  NoAutocast() : before_(at::autocast::is_cpu_enabled()) { at::autocast::set_cpu_enabled(false); }
  ~NoAutocast() { at::autocast::set_cpu_enabled(before_); }
  NoAutocast(const NoAutocast&) = delete;
  NoAutocast& operator=(const NoAutocast&) = delete;

 private:
  const bool before_;
};

}  // namespace looking3d
