#pragma once
// Work that may crash or run away (parsers of other people on files of strangers), done in a child process.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace looking3d {

struct ChildLimits {
  uint64_t memory_bytes = uint64_t{1} << 30;  ///< beyond what this process has mapped already
  int cpu_seconds = 20;
};

/// Forks, runs `work` there and returns its result; nothing when the child died of a crash, a limit or an exception. The child writes
/// nothing to the terminal and leaves no core. `work` must not use threads or locks that other threads may hold.
std::optional<std::string> in_child_process(const ChildLimits& limits, const std::function<std::string()>& work);

}  // namespace looking3d
