// The bounded run: seeds, everything that starts like a seed, and seeded mutations, each an ordinary test of a few seconds. With
// LOOKING3D_FUZZ_ROUNDS=N it is N mutations however long they take, and a line of figures (scripts/reliability.sh).
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/random.h"
#include "target.h"

namespace looking3d {
namespace {

constexpr int kMutations = 20000;
constexpr double kMostSeconds = 4;  ///< slow readers get fewer mutations on slow machines

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

/// One small change: bytes overwritten, removed, repeated, or taken from another seed; numbers at their limits.
void mutate(std::string& bytes, const std::string& other, Rng& rng) {
  static const std::vector<std::string> kHostile = {
      "-1", "0", "1e999", "nan", "4294967295", "9223372036854775808", "\xff\xff\xff\x7f", "\"", "null", "[[[[", "{}", std::string(4, '\0')};
  const size_t at = rng.index(bytes.size() + 1), length = rng.index(std::min<size_t>(bytes.size() - at, 40) + 1);
  switch (rng.uniform_int(0, 4)) {
    case 0:
      if (at < bytes.size()) bytes[at] = static_cast<char>(rng.uniform_int(0, 255));
      return;
    case 1:
      bytes.erase(at, length);
      return;
    case 2:
      bytes.insert(rng.index(bytes.size() + 1), bytes.substr(at, length));
      return;
    case 3:
      bytes.replace(at, length, rng.pick_from(kHostile));
      return;
    default:
      bytes.insert(at, other.substr(rng.index(other.size() + 1), 60));
  }
}

TEST(Fuzz, SeedsAndTheirBeginnings) {
  for (const std::string& seed : fuzz_seeds()) {
    const size_t step = std::max<size_t>(1, seed.size() / 300);
    for (size_t length = 0; length < seed.size(); length += step) run(seed.substr(0, length));
    run(seed);
  }
}

/// Most resident memory that this process and its children have had, MiB.
long peak_mib() {
  long peak = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(who, &usage);
    peak = std::max(peak, usage.ru_maxrss / 1024);
  }
  return peak;
}

TEST(Fuzz, Mutations) {
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  const char* asked = std::getenv("LOOKING3D_FUZZ_ROUNDS");
  const int rounds = asked != nullptr ? std::atoi(asked) : kMutations;
  const std::vector<std::string> seeds = fuzz_seeds();
  const Clock::time_point start = Clock::now();
  double slowest_s = 0;
  int round = 0;
  for (; round < rounds && (asked != nullptr || Clock::now() - start < Seconds(kMostSeconds)); ++round) {
    Rng rng(identity(1, "mutation", round));
    std::string bytes = rng.pick_from(seeds);
    for (int i = rng.uniform_int(1, 5); i > 0; --i) mutate(bytes, rng.pick_from(seeds), rng);
    const Clock::time_point before = Clock::now();
    run(bytes);
    slowest_s = std::max(slowest_s, Seconds(Clock::now() - before).count());
  }
  if (asked != nullptr)
    std::printf("figures | %d | %.1f | %.0f | %ld |\n", round, Seconds(Clock::now() - start).count(), 1e3 * slowest_s, peak_mib());
  EXPECT_GT(round, 100) << "a reader of a few hundred bytes takes long";
}

}  // namespace
}  // namespace looking3d
