// Correspondence attention against the dense masked way, in one run: `attention_report [NQ] [K] [PHOTOS] [THREADS]`. One shape, its photos'
// NQ query patches each, nv reference patches from 1k to 20k, d = 128, 8 heads, affinity in 256 channels: affinity, top-k and one attention
// block, forward and backward; then self-attention of 1 + NQ tokens. Prints processor milliseconds of all threads (best of three), which
// other processes disturb less than time by the clock, and the peak of memory above what was there before.
#include <sys/resource.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>

#include "base/parallel.h"
#include "model/affinity_topk.h"
#include "model/attention.h"
#include "model/dense_attention.h"
#include "model/topk_attention.h"

using namespace looking3d;
using torch::Tensor;

namespace {

constexpr int64_t kHeads = 8, kChannels = 128, kMatchChannels = 256;

struct Inputs {
  Tensor photo_match, view_match, allowed, q, k, v;
};

Inputs draw(int64_t nq, int64_t nv) {
  torch::manual_seed(1);
  const auto matching = [](int64_t n) {
    return torch::nn::functional::normalize(torch::randn({1, n, kMatchChannels}), torch::nn::functional::NormalizeFuncOptions().dim(-1));
  };
  const auto tokens = [](int64_t n) { return torch::randn({1, n, kChannels}).requires_grad_(true); };
  return {matching(nq), matching(nv), torch::ones({1, nv}, torch::kBool), tokens(nq), tokens(nv), tokens(nv)};
}

const double kScale = 1 / std::sqrt(static_cast<double>(kChannels / kHeads));

Tensor gathered(const Inputs& in, int64_t k, bool half) {
  const Tensor chosen = affinity_topk(in.photo_match, in.view_match, in.allowed, k);
  const auto narrow = [&](const Tensor& t) { return half ? t.to(torch::kBFloat16) : t; };
  return topk_attention(in.q, narrow(in.k), narrow(in.v), chosen, kHeads, kScale);
}

/// The n x m affinity, its top-k, and every logit of every head.
Tensor dense(const Inputs& in, int64_t k) {
  const Tensor affinity = torch::matmul(in.photo_match, in.view_match.transpose(1, 2));
  const Tensor chosen = std::get<1>(affinity.topk(std::min(k, affinity.size(2)), 2));
  return dense_topk_attention(in.q, in.k, in.v, chosen, kHeads, kScale);
}

double status_mib(const char* key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(key, 0) == 0) return std::stod(line.substr(std::string(key).size() + 1)) / 1024;
  return 0;
}

double processor_ms() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1e3 * static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-3 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct Cost {
  double forward_ms = 1e30, backward_ms = 1e30, peak_mib = 0;
  double total_ms() const { return forward_ms + backward_ms; }
};

Cost measure(const Inputs& in, const std::function<Tensor()>& attention) {
  Cost cost;
  for (int repeat = 0; repeat < 3; ++repeat) {
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts anew
    const double before = status_mib("VmRSS:");
    const double start = processor_ms();
    const Tensor out = attention();
    const double between = processor_ms();
    torch::autograd::grad({out.sum()}, {in.q, in.k, in.v});
    cost.forward_ms = std::min(cost.forward_ms, between - start);
    cost.backward_ms = std::min(cost.backward_ms, processor_ms() - between);
    cost.peak_mib = std::max(cost.peak_mib, status_mib("VmHWM:") - before);
  }
  return cost;
}

/// All tokens of a photo to each other.
void report_self_attention(int64_t tokens) {
  const Inputs in = draw(tokens, tokens);
  const auto heads = [](const Tensor& x) { return in_heads(x, kHeads); };
  const Cost ours = measure(in, [&] { return dense_attention(heads(in.q), heads(in.k), heads(in.v)); });
  const Cost plain = measure(in, [&] { return plain_attention(heads(in.q), heads(in.k), heads(in.v)); });
  std::printf("self-attention of %ld tokens: all weights in memory %.1f + %.1f ms, %.0f MiB; row by row %.1f + %.1f ms, %.0f MiB\n", tokens,
              plain.forward_ms, plain.backward_ms, plain.peak_mib, ours.forward_ms, ours.backward_ms, ours.peak_mib);
}

}  // namespace

int main(int argc, char** argv) {
  set_thread_count(argc > 4 ? std::stoi(argv[4]) : 0);
  at::set_num_threads(thread_count());
  const int64_t nq = argc > 1 ? std::stoll(argv[1]) : 1024, k = argc > 2 ? std::stoll(argv[2]) : 100,
                photos = argc > 3 ? std::stoll(argv[3]) : 1;
  std::printf("nq = %ld x %ld photos, k = %ld, %d threads; forward + backward processor ms, peak MiB\n", nq, photos, k, thread_count());
  std::printf("%8s | %-28s | %-28s | %-28s | %s\n", "nv", "dense masked", "gathered, fp32 keys", "gathered, bf16 keys",
              "dense / gathered: time, memory");
  for (const int64_t nv : {1024, 2048, 5120, 10240, 20480}) {
    const Inputs in = draw(nq * photos, nv);
    const Cost ours = measure(in, [&] { return gathered(in, k, false); }), half = measure(in, [&] { return gathered(in, k, true); });
    const Cost naive = measure(in, [&] { return dense(in, k); });
    const auto print = [](const Cost& c) { std::printf("%8.1f + %7.1f %7.0f   | ", c.forward_ms, c.backward_ms, c.peak_mib); };
    std::printf("%8ld | ", nv);
    print(naive), print(ours), print(half);
    std::printf("%.1f, %.1f\n", naive.total_ms() / ours.total_ms(), naive.peak_mib / std::max(1.0, ours.peak_mib));
  }
  report_self_attention(nq + 1);
  return 0;
}
