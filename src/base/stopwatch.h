#pragma once
// Wall-clock time of a phase.
#include <chrono>

namespace looking3d {

class Stopwatch {
 public:
  double ms() const { return std::chrono::duration<double, std::milli>(Clock::now() - start_).count(); }
  /// Milliseconds since the start or the last lap, and starts the next one.
  double lap_ms() {
    const double lap = ms();
    start_ = Clock::now();
    return lap;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace looking3d
