#pragma once
// Batches prepared ahead by background threads, handed out in order.
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/check.h"

namespace looking3d {

/// Calls make(first), make(first + 1), ... on `workers` threads, at most `ahead` results before the one asked for. `make` must be
/// thread-safe and depend on its argument alone, so that the number of workers changes nothing but the speed.
template <class Batch>
class Prefetcher {
 public:
  Prefetcher(std::function<Batch(int64_t)> make, int64_t first, int workers, int ahead = 4)
      : make_(std::move(make)), next_made_(first), next_taken_(first), ahead_(ahead) {
    L3D_CHECK_GE(workers, 1);
    L3D_CHECK_GE(ahead, 1);
    for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Prefetcher() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// The next batch in order; waits for it. Rethrows what make() threw.
  Batch next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready_.contains(next_taken_); });
    Made made = std::move(ready_.extract(next_taken_++).mapped());
    lock.unlock();
    changed_.notify_all();
    if (made.failure) std::rethrow_exception(made.failure);
    return std::move(*made.batch);
  }

 private:
  struct Made {
    std::optional<Batch> batch;
    std::exception_ptr failure;
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stopping_ || next_made_ < next_taken_ + ahead_; });
      if (stopping_) return;
      const int64_t index = next_made_++;
      lock.unlock();
      Made made;
      try {
        made.batch = make_(index);
      } catch (...) {
        made.failure = std::current_exception();
      }
      lock.lock();
      ready_.emplace(index, std::move(made));
      changed_.notify_all();
    }
  }

  const std::function<Batch(int64_t)> make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int64_t, Made> ready_;
  int64_t next_made_, next_taken_;
  const int64_t ahead_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace looking3d
