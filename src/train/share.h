#pragma once
// What of each training step falls to one of several processes.
#include <cstdint>

namespace looking3d {

/// The part number `index` of `count` consecutive parts, as equal as they can be.
struct Share {
  int64_t index = 0, count = 1;
  int64_t begin(int64_t total) const { return total * index / count; }
  int64_t end(int64_t total) const { return total * (index + 1) / count; }
  int64_t of(int64_t total) const { return end(total) - begin(total); }
};

}  // namespace looking3d
