#pragma once
// Values kept in bounded memory, the least recently used dropped first.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace looking3d {

/// Thread-safe. A value that two threads want at once is made once. Handed-out values stay alive as long as they are held.
template <class Key, class Value>
class Cache {
 public:
  using Handle = std::shared_ptr<const Value>;
  struct Made {
    Handle value;
    uint64_t bytes = 0;
  };

  explicit Cache(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  /// The value of `key`; make() is called when it is not held. What make() throws goes to all who wait, and is not kept.
  template <class Make>
  Handle get(const Key& key, const Make& make) {
    std::promise<Handle> promise;
    {
      std::unique_lock lock(mutex_);
      const auto found = entries_.find(key);
      if (found != entries_.end()) {
        recent_.splice(recent_.begin(), recent_, found->second.place);
        const std::shared_future<Handle> value = found->second.value;
        lock.unlock();
        return value.get();
      }
      recent_.push_front(key);
      entries_.emplace(key, Entry{promise.get_future().share(), 0, recent_.begin()});
    }
    try {
      Made made = make();
      promise.set_value(made.value);
      keep(key, made.bytes);
      return made.value;
    } catch (...) {
      promise.set_exception(std::current_exception());
      const std::lock_guard lock(mutex_);
      const auto found = entries_.find(key);
      recent_.erase(found->second.place);
      entries_.erase(found);
      throw;
    }
  }

 private:
  struct Entry {
    std::shared_future<Handle> value;
    uint64_t bytes;  // 0 while it is made
    typename std::list<Key>::iterator place;
  };

  /// Books the bytes of a finished value and drops the oldest finished ones that no longer fit.
  void keep(const Key& key, uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    entries_.at(key).bytes = std::max<uint64_t>(bytes, 1);
    bytes_ += entries_.at(key).bytes;
    for (auto oldest = recent_.end(); bytes_ > max_bytes_ && oldest != recent_.begin();) {
      --oldest;
      const auto entry = entries_.find(*oldest);
      if (entry->second.bytes == 0) continue;
      bytes_ -= entry->second.bytes;
      entries_.erase(entry);
      oldest = recent_.erase(oldest);
    }
  }

  const uint64_t max_bytes_;
  std::mutex mutex_;
  std::list<Key> recent_;  // most recent first
  std::map<Key, Entry> entries_;
  uint64_t bytes_ = 0;
};

}  // namespace looking3d
