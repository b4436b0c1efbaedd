#include "base/child_process.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>
#include <vector>

namespace looking3d {
namespace {

TEST(ChildProcess, ResultsComeBackWhole) {
  EXPECT_EQ(in_child_process({}, [] { return std::string(); }), std::string());
  const std::string large(3 << 20, 'x');
  EXPECT_EQ(in_child_process({}, [&] { return large; }), large);
}

TEST(ChildProcess, DeathIsNoResult) {
  EXPECT_EQ(in_child_process({}, []() -> std::string { std::abort(); }), std::nullopt);
  EXPECT_EQ(in_child_process({}, []() -> std::string { throw 3; }), std::nullopt);
  EXPECT_EQ(in_child_process({uint64_t{1} << 28, 20}, [] { return std::string(size_t{1} << 30, 'x'); }), std::nullopt) << "memory";
  EXPECT_EQ(in_child_process({uint64_t{1} << 28, 1},
                             []() -> std::string {
                               volatile bool forever = true;
                               while (forever) {
                               }
                               return "";
                             }),
            std::nullopt)
      << "time";
}

TEST(ChildProcess, ThreadsDoNotDisturbEachOther) {
  const std::string letters = "abcdefgh";
  std::vector<std::thread> threads;
  std::vector<std::optional<std::string>> results(8);
  for (size_t i = 0; i < results.size(); ++i)
    threads.emplace_back([&, i] {
      for (int n = 0; n < 10; ++n) results[i] = in_child_process({}, [&] { return std::string(1000 * i, letters[i]); });
    });
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], std::string(1000 * i, letters[i]));
}

}  // namespace
}  // namespace looking3d
