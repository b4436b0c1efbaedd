#include "base/progress.h"

#include <unistd.h>

#include <cstdio>

namespace looking3d {

std::string duration_text(double seconds) {
  char text[64];
  const auto whole = static_cast<int64_t>(seconds);
  if (seconds < 10) {
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  } else if (whole < 60) {
    std::snprintf(text, sizeof text, "%d s", static_cast<int>(whole));
  } else if (whole < 3600) {
    std::snprintf(text, sizeof text, "%d min %02d s", static_cast<int>(whole / 60), static_cast<int>(whole % 60));
  } else {
    std::snprintf(text, sizeof text, "%d h %02d min", static_cast<int>(whole / 3600), static_cast<int>(whole / 60 % 60));
  }
  return text;
}

Progress::Progress(std::string title, int64_t total, std::string unit)
    : title_(std::move(title)), unit_(std::move(unit)), total_(total), terminal_(::isatty(2) == 1) {}

Progress::~Progress() {
  if (shown_) print("", true);
}

void Progress::advance(int64_t steps, const std::string& note) {
  const std::lock_guard lock(mutex_);
  done_ += steps;
  const auto now = Clock::now();
  const double since_start = std::chrono::duration<double>(now - start_).count();
  const double since_print = std::chrono::duration<double>(now - printed_).count();
  if (since_start < 2 || since_print < (terminal_ ? 0.2 : 10.0)) return;
  printed_ = now;
  shown_ = true;
  print(note, false);
}

void Progress::print(const std::string& note, bool last) {
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = static_cast<double>(done_) / elapsed;
  std::string line = title_ + " " + std::to_string(done_) + "/" + std::to_string(total_) + (unit_.empty() ? "" : " " + unit_);
  char text[96];
  std::snprintf(text, sizeof text, ", %.1f/s, ", rate);
  line += text;
  line += last ? "took " + duration_text(elapsed) : duration_text(rate > 0 ? static_cast<double>(total_ - done_) / rate : 0) + " left";
  if (!note.empty()) line += ", " + note;
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s%s", line.c_str(), last ? "\n" : "");
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
}

}  // namespace looking3d
