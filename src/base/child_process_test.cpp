#include "base/child_process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>
#include <vector>

namespace looking3d {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr ChildDeath kNoMemory = ChildDeath::kCrash;  // its allocator ends the process
#else
constexpr ChildDeath kNoMemory = ChildDeath::kMemory;
#endif

TEST(ChildProcess, ResultsComeBackWhole) {
  EXPECT_EQ(in_child_process({}, [] { return std::string(); }).value(), "");
  const std::string large(3 << 20, 'x');
  EXPECT_EQ(in_child_process({}, [&] { return large; }).value(), large);
}

TEST(ChildProcess, ADeathTellsItsReason) {
  EXPECT_EQ(in_child_process({}, []() -> std::string { std::abort(); }).reason(), ChildDeath::kCrash);
  const ChildLimits little_memory{uint64_t{1} << 28, 20}, little_work{uint64_t{1} << 28, 1}, little_time{uint64_t{1} << 28, 20, 1};
  EXPECT_EQ(in_child_process(little_memory, [] { return std::string(size_t{1} << 30, 'x'); }).reason(), kNoMemory);
  const auto computes = []() -> std::string {
    volatile bool forever = true;
    while (forever) {
    }
    return "";
  };
  EXPECT_EQ(in_child_process(little_work, computes).reason(), ChildDeath::kTime);
  const auto sleeps = []() -> std::string {
    while (true) ::pause();
  };
  EXPECT_EQ(in_child_process(little_time, sleeps).reason(), ChildDeath::kTime);
}

TEST(ChildProcess, MemoryIsCappedByTheMachines) {
  const auto greedy = [] {
    const size_t pages = static_cast<size_t>(::sysconf(_SC_PHYS_PAGES)), page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    return std::string(pages / 4 * 3 * page, 'x').substr(0, 1);
  };
  EXPECT_EQ(in_child_process({uint64_t{1} << 50, 20}, greedy).reason(), kNoMemory);
}

TEST(ChildProcess, OurBugsComeThrough) {
  const auto message = [](const std::function<std::string()>& work) -> std::string {
    try {
      in_child_process({}, work);
    } catch (const CheckFailure& bug) {
      return bug.what();
    }
    return "";
  };
  EXPECT_NE(message([]() -> std::string { throw CheckFailure("two is not three"); }).find("two is not three"), std::string::npos);
  EXPECT_NE(message([] { return std::string(1, std::string("ab").at(5)); }).find("at"), std::string::npos);
  EXPECT_NE(message([]() -> std::string { throw 3; }), "");
}

TEST(ChildProcess, ThreadsDoNotDisturbEachOther) {
  const std::string letters = "abcdefgh";
  std::vector<std::thread> threads;
  std::vector<std::string> results(8);
  for (size_t i = 0; i < results.size(); ++i)
    threads.emplace_back([&, i] {
      for (int n = 0; n < 10; ++n) results[i] = in_child_process({}, [&] { return std::string(1000 * i, letters[i]); }).value();
    });
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], std::string(1000 * i, letters[i]));
}

}  // namespace
}  // namespace looking3d
