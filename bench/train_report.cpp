// Training speed of cmt against the naive way, in one run: `train_report DATA [SIZE] [PRESET] [PHOTOS] [SHAPES] [VIEWS] [SECONDS]
// [ours|naive|both] [THREADS]` (256, paper, 32, 4, 10, 60, both, all). Both ways train the same network on the data set's photos, in a
// process of their own:
//   ours   what `looking3d train` does: views encoded once for all photos of a shape, attention gathered, bf16 where the processor has it
//   naive  each photo with its own views (one photo and shape a step, as dense attention fills the memory), every logit of every head under
//          a mask, float32, the allocator as it comes
// Prints photos/s after a warm-up of three steps, and the process's peak of resident memory; with `ours` or `naive`, that way alone.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "model/cmt.h"
#include "train/method.h"
#include "train/optimizer.h"

using namespace looking3d;

namespace {

constexpr int kWarmUpSteps = 3, kFewestSteps = 3;

struct Arguments {
  std::string data, preset = "paper";
  int size = 256, photos = 32, shapes = 4, views = 10;
  double seconds = 60;
  int threads = 0;  ///< 0: all
};

TrainOptions options_of(const Arguments& arguments, bool naive) {
  TrainOptions options;
  options.data = arguments.data;
  options.out = "unused";
  options.method = "cmt";
  options.preset = arguments.preset;
  options.size = arguments.size;
  options.photos = naive ? 1 : arguments.photos;
  options.shapes = naive ? 1 : arguments.shapes;
  options.train_views = arguments.views;
  options.steps = 1;
  if (naive) options.bf16 = "off";
  return options.resolved();
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct Speed {
  double photos_per_s = 0, processor_ms = 0;  ///< processor milliseconds a photo, of all threads
};

/// Photos a second over `seconds` of training steps.
Speed measure(const Arguments& arguments, bool naive) {
  using Clock = std::chrono::steady_clock;
  at::set_num_threads(thread_count());
  torch::manual_seed(1);
  const TrainOptions options = options_of(arguments, naive);
  const DataSet data = DataSet::open(options.data);
  const ProcessGroup alone;
  const std::unique_ptr<Method> method = make_method(options, data, alone);
  if (naive) dynamic_cast<CmtImpl&>(method->network()).work_plainly();
  Optimizer optimizer(method->network(), OptimizerOptions());
  method->start(0);
  int64_t photos = 0;
  auto start = Clock::now();
  double processor = 0;
  for (int step = 0;; ++step) {
    if (step == kWarmUpSteps) start = Clock::now(), photos = 0, processor = processor_seconds();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (step >= kWarmUpSteps + kFewestSteps && seconds > arguments.seconds)
      return {static_cast<double>(photos) / seconds, 1000 * (processor_seconds() - processor) / static_cast<double>(photos)};
    const StepLoss loss = method->loss();
    loss.total.backward();
    optimizer.step(options.learning_rate);
    photos += loss.photos;
  }
}

struct Measured {
  Speed speed;
  double peak_gib = 0;
};

/// In a child process, since allocator settings and the peak of memory are a process's own.
Measured measure_apart(const Arguments& arguments, bool naive) {
  int ends[2];
  if (pipe(ends) != 0) throw InputError("pipe", "cannot be made");
  const pid_t child = fork();
  if (child == 0) {
    if (!naive) tune_process();
    set_thread_count(arguments.threads);
    try {
      const Speed speed = measure(arguments, naive);
      _exit(write(ends[1], &speed, sizeof speed) == sizeof speed ? 0 : 1);
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "%s\n", failure.what());
      _exit(1);
    }
  }
  Measured measured;
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  if (status != 0 || read(ends[0], &measured.speed, sizeof(Speed)) != sizeof(Speed))
    throw InputError(naive ? "the naive way" : "ours", "failed");
  measured.peak_gib = static_cast<double>(usage.ru_maxrss) / (1 << 20);
  close(ends[0]), close(ends[1]);
  return measured;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "train_report DATA [SIZE] [PRESET] [PHOTOS] [SHAPES] [VIEWS] [SECONDS] [ours|naive|both] [THREADS]\n");
    return 2;
  }
  Arguments arguments;
  arguments.data = argv[1];
  if (argc > 2) arguments.size = std::stoi(argv[2]);
  if (argc > 3) arguments.preset = argv[3];
  if (argc > 4) arguments.photos = std::stoi(argv[4]);
  if (argc > 5) arguments.shapes = std::stoi(argv[5]);
  if (argc > 6) arguments.views = std::stoi(argv[6]);
  if (argc > 7) arguments.seconds = std::stod(argv[7]);
  if (argc > 9) arguments.threads = std::stoi(argv[9]);
  const std::string ways = argc > 8 ? argv[8] : "both";
  try {
    std::printf("cmt, preset %s, %d x %d, %d photos of %d shapes a step, N = %d\n", arguments.preset.c_str(), arguments.size,
                arguments.size, arguments.photos, arguments.shapes, arguments.views);
    const auto told = [&](const char* name, bool naive) {
      const Measured measured = measure_apart(arguments, naive);
      std::printf("%-6s %8.3f photos/s, %8.0f processor ms a photo, peak %5.2f GiB\n", name, measured.speed.photos_per_s,
                  measured.speed.processor_ms, measured.peak_gib);
      std::fflush(stdout);
      return measured.speed;
    };
    const Speed ours = ways == "naive" ? Speed() : told("ours", false), naive = ways == "ours" ? Speed() : told("naive", true);
    if (ways == "both")
      std::printf("ratio  %8.1f, of processor time %.1f\n", ours.photos_per_s / naive.photos_per_s, naive.processor_ms / ours.processor_ms);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 2;
  }
  return 0;
}
