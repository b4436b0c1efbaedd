// looking3d doctor: is this machine set up to be fast.
#include <ATen/Parallel.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <chrono>
#include <cstdio>
#include <opencv2/core.hpp>
#include <thread>

#include "base/parallel.h"
#include "cli/verb.h"
#include "model/autocast.h"
#include "model/resnet_fpn.h"

namespace looking3d {
namespace {

constexpr double kSlowGflops = 10;  ///< a reference BLAS gives less for each core

/// Seconds of the fastest of some runs.
double best_seconds(const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

double encoder_ms(bool bf16) {
  ResNetFpn network(ResNetFpnOptions{});
  network->eval();
  const torch::Tensor photos = torch::randn({8, 3, 256, 256});
  return 1000.0 / 8 * best_seconds([&] {
           const Bf16Autocast autocast(bf16);
           network->forward(photos);
         });
}

int run_doctor() {
  const torch::NoGradGuard no_grad;
  at::set_num_threads(thread_count());
  std::printf("looking3d %s, LibTorch %s, OpenCV %s\n", LOOKING3D_VERSION, TORCH_VERSION, CV_VERSION);
  std::printf("threads: %d of %u cores\n", thread_count(), std::thread::hardware_concurrency());
  std::printf("bf16: %s\n", cpu_has_bf16() ? "yes, used in training" : "no, training runs in float32");
  const torch::Tensor a = torch::randn({1024, 1024});
  const double gflops = 2.0 * 1024 * 1024 * 1024 / best_seconds([&] { torch::mm(a, a); }) / 1e9;
  const bool slow = gflops < kSlowGflops * thread_count();
  std::printf("matrix product: %.0f GFLOP/s%s\n", gflops, slow ? "  SLOW: is libopenblas0-pthread installed?" : "");
  std::printf("ResNet18-FPN, one photo of 256 x 256: %.1f ms in float32, %.1f ms in bf16\n", encoder_ms(false), encoder_ms(true));
  std::printf("CUDA: %s\n", torch::cuda::is_available() ? "yes" : "no");
  return slow ? 1 : 0;
}

}  // namespace

Verb doctor_verb() {
  return {"doctor", "threads, BLAS speed, bf16 and versions of this machine", "  looking3d doctor",
          [](CLI::App&) -> std::function<int()> { return run_doctor; }};
}

}  // namespace looking3d
