#include "base/parallel.h"

#include <malloc.h>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/check.h"

namespace looking3d {
namespace {

int g_thread_count = 0;
std::unique_ptr<tbb::global_control> g_control;
volatile std::sig_atomic_t g_interrupts = 0;

void on_interrupt(int) {
  if (g_interrupts > 0) std::_Exit(130);
  g_interrupts = 1;
}

}  // namespace

void set_thread_count(int count) {
  L3D_CHECK_GE(count, 0);
  g_thread_count = count;
  g_control = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, thread_count());
}

int thread_count() {
  if (g_thread_count > 0) return g_thread_count;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(int64_t count, const std::function<void(int64_t)>& body, int64_t grain) {
  if (thread_count() == 1) {
    for (int64_t i = 0; i < count; ++i) body(i);
    return;
  }
  tbb::parallel_for(
      tbb::blocked_range<int64_t>(0, count, grain),
      [&](const tbb::blocked_range<int64_t>& range) {
        for (int64_t i = range.begin(); i < range.end(); ++i) body(i);
      },
      tbb::simple_partitioner{});
}

void run_serially(const std::function<void()>& body) {
  tbb::task_arena(1).execute(body);
}

void tune_process() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);  // heaps of other threads fall to pieces: a training grew by 0.9 MB a photo
}

void install_interrupt_handler() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

bool interrupted() { return g_interrupts > 0; }

}  // namespace looking3d
