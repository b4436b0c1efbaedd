#include "model/autocast.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace looking3d {
namespace {

// LibTorch 2.4 names the device in each call where older ones have a function for each device.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
bool is_enabled(torch::DeviceType device) {
  return at::autocast::is_autocast_enabled(device);
}

void set_enabled(torch::DeviceType device, bool on) {
  if (on) at::autocast::set_autocast_dtype(device, at::kBFloat16);
  at::autocast::set_autocast_enabled(device, on);
}
#else
bool is_enabled(torch::DeviceType device) {
  return device == torch::kCUDA ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled();
}

void set_enabled(torch::DeviceType device, bool on) {
  if (device == torch::kCUDA) {
    if (on) at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
    at::autocast::set_enabled(on);
  } else {
    if (on) at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(on);
  }
}
#endif

}  // namespace

bool cpu_has_bf16() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

Bf16Autocast::Bf16Autocast(bool on, const torch::Device& device) : on_(on), device_(device.type()), before_(is_enabled(device_)) {
  if (on_) set_enabled(device_, true);
}

Bf16Autocast::~Bf16Autocast() {
  if (!on_) return;
  set_enabled(device_, before_);
  if (!before_) at::autocast::clear_cache();
}

NoAutocast::NoAutocast() : cpu_before_(is_enabled(torch::kCPU)), gpu_before_(is_enabled(torch::kCUDA)) {
  set_enabled(torch::kCPU, false);
  set_enabled(torch::kCUDA, false);
}

NoAutocast::~NoAutocast() {
  set_enabled(torch::kCPU, cpu_before_);
  set_enabled(torch::kCUDA, gpu_before_);
}

NoAutocastCache::NoAutocastCache() : before_(at::autocast::is_autocast_cache_enabled()) {
  at::autocast::set_autocast_cache_enabled(false);
}

NoAutocastCache::~NoAutocastCache() {
  at::autocast::set_autocast_cache_enabled(before_);
}

}  // namespace looking3d
