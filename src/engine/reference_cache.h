#pragma once
// What a detector has made of the references it met last, so that each is encoded once.
#include <list>
#include <mutex>
#include <utility>

#include "engine/reference_data.h"

namespace looking3d {

/// Thread-safe.
template <class Encoded>
class ReferenceCache {
 public:
  /// The reference as `encode(reference)` makes it, kept for the references used last.
  template <class Encode>
  Encoded get(const ReferenceData& reference, const Encode& encode) {
    constexpr size_t kHeld = 4;
    const std::lock_guard lock(mutex_);
    for (auto held = held_.begin(); held != held_.end(); ++held) {
      if (held->first != reference.serial) continue;
      held_.splice(held_.begin(), held_, held);
      return held_.front().second;
    }
    held_.emplace_front(reference.serial, encode(reference));
    if (held_.size() > kHeld) held_.pop_back();
    return held_.front().second;
  }

 private:
  std::mutex mutex_;
  std::list<std::pair<uint64_t, Encoded>> held_;  ///< the latest first
};

}  // namespace looking3d
