#pragma once
// Data-parallel loops. Results never depend on the number of threads: bodies write only to their own index.
#include <cstdint>
#include <functional>

namespace looking3d {

/// Threads used by parallel_for and by LibTorch; 0 means all cores. Call before any work starts.
void set_thread_count(int count);
int thread_count();

/// Runs body(i) for i in [0, count), `grain` indices at a time. The first exception is rethrown here.
void parallel_for(int64_t count, const std::function<void(int64_t)>& body, int64_t grain = 1);

/// Runs `body` in such a way that what a library spreads over threads inside it stays on this one: same result for any number of threads.
void run_serially(const std::function<void()>& body);

/// First thing in main: malloc settings that keep large buffers mapped (SPEC 7: several times faster training).
void tune_process();

/// Ctrl-C: the first sets a flag that long loops poll, the second ends the program at once.
void install_interrupt_handler();
bool interrupted();

}  // namespace looking3d
