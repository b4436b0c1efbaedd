#pragma once
// A progress line with the time left, on stderr; thread-safe. On a terminal it overwrites itself, else one line every 10 s.
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace looking3d {

class Progress {
 public:
  /// `total` steps of `unit` (e.g. "photos"). Nothing is printed in the first two seconds.
  Progress(std::string title, int64_t total, std::string unit = "");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(int64_t steps = 1, const std::string& note = "");

 private:
  using Clock = std::chrono::steady_clock;
  void print(const std::string& note, bool last);

  const std::string title_, unit_;
  const int64_t total_;
  const bool terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point printed_ = start_;
  int64_t done_ = 0;
  bool shown_ = false;
  std::mutex mutex_;
};

/// "1 h 03 min", "2 min 05 s", "0.8 s".
std::string duration_text(double seconds);

}  // namespace looking3d
