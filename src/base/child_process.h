#pragma once
// Work that may crash or run away (parsers of other people on files of strangers), done in a child process.
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace looking3d {

struct ChildLimits {
  uint64_t memory_bytes = uint64_t{1} << 30;  ///< beyond what this process has mapped already; at most half of the machine's
  int cpu_seconds = 20;
  int wall_seconds = 0;  ///< of the clock, for a child that waits and never computes; 0: 60 + 10 * cpu_seconds
};

enum class ChildDeath { kCrash, kTime, kMemory };

/// Forks, runs `work` there and returns its result, or what ended the child: a signal, a limit of time, or no memory (an allocation failed,
/// or the system killed it). An exception in the child other than std::bad_alloc is a bug of ours and becomes a CheckFailure here, so
/// `work` catches what is expected of its input. The child writes nothing to the terminal and leaves no core. `work` must not use threads
/// or locks that other threads may hold.
Result<std::string, ChildDeath> in_child_process(const ChildLimits& limits, const std::function<std::string()>& work);

}  // namespace looking3d
