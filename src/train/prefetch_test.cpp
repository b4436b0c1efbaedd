#include "train/prefetch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>

#include "base/random.h"
#include "train/cache.h"

namespace looking3d {
namespace {

/// A batch whose making takes a time that depends on its number, so that workers finish out of order.
int64_t slow_square(int64_t i) {
  std::this_thread::sleep_for(std::chrono::microseconds(Rng(static_cast<uint64_t>(i)).uniform_int(0, 800)));
  return i * i;
}

TEST(Prefetcher, InOrderForAnyNumberOfWorkers) {
  for (const int workers : {1, 2, 5}) {
    Prefetcher<int64_t> batches(slow_square, 7, workers, 3);
    for (int64_t i = 7; i < 60; ++i) ASSERT_EQ(batches.next(), i * i);
  }
}

TEST(Prefetcher, StaysWithinItsBound) {
  std::atomic<int> made = 0;
  Prefetcher<int> batches([&](int64_t i) { return ++made, static_cast<int>(i); }, 0, 4, 3);
  for (int taken = 1; taken <= 20; ++taken) {
    batches.next();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_LE(made.load(), taken + 3);
  }
}

TEST(Prefetcher, FailureArrivesAtItsPlace) {
  Prefetcher<int> batches(
      [](int64_t i) -> int {
        if (i == 2) throw std::runtime_error("photo 2");
        return static_cast<int>(i);
      },
      0, 2);
  EXPECT_EQ(batches.next(), 0);
  EXPECT_EQ(batches.next(), 1);
  EXPECT_THROW(batches.next(), std::runtime_error);
}

TEST(Cache, MakesOnceAndDropsTheOldest) {
  Cache<int, std::string> cache(25);
  std::atomic<int> made = 0;
  const auto get = [&](int key) {
    return cache.get(key, [&]() -> Cache<int, std::string>::Made {
      ++made;
      return {std::make_shared<const std::string>(std::to_string(key)), 10};
    });
  };
  EXPECT_EQ(*get(1), "1");
  EXPECT_EQ(*get(2), "2");
  get(1);
  EXPECT_EQ(made, 2);
  const auto held = get(2);
  get(3);  // drops 1
  EXPECT_EQ(made, 3);
  get(2);
  EXPECT_EQ(made, 3);
  get(1);  // drops 3
  EXPECT_EQ(made, 4);
  EXPECT_EQ(*held, "2");
}

TEST(Cache, ManyThreadsMakeOneValue) {
  Cache<int, int> cache(100);
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&] {
      for (int key = 0; key < 5; ++key) {
        const auto value = cache.get(key, [&]() -> Cache<int, int>::Made {
          ++made;
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
          return {std::make_shared<const int>(key), 1};
        });
        EXPECT_EQ(*value, key);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 5);
}

TEST(Cache, FailureIsNotKept) {
  Cache<int, int> cache(100);
  const auto fail = []() -> Cache<int, int>::Made { throw std::runtime_error("unreadable"); };
  EXPECT_THROW(cache.get(1, fail), std::runtime_error);
  EXPECT_EQ(*cache.get(1, []() -> Cache<int, int>::Made { return {std::make_shared<const int>(4), 1}; }), 4);
}

}  // namespace
}  // namespace looking3d
