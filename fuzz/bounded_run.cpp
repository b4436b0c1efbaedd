// The bounded run: seeds, everything that starts like a seed, and seeded mutations, each an ordinary test of a few seconds.
#include <gtest/gtest.h>

#include <chrono>

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

TEST(Fuzz, Mutations) {
  const std::vector<std::string> seeds = fuzz_seeds();
  const auto start = std::chrono::steady_clock::now();
  int round = 0;
  for (; round < kMutations && std::chrono::steady_clock::now() - start < std::chrono::duration<double>(kMostSeconds); ++round) {
    Rng rng(identity(1, "mutation", round));
    std::string bytes = rng.pick_from(seeds);
    for (int i = rng.uniform_int(1, 5); i > 0; --i) mutate(bytes, rng.pick_from(seeds), rng);
    run(bytes);
  }
  EXPECT_GT(round, 100) << "a reader of a few hundred bytes takes long";
}

}  // namespace
}  // namespace looking3d
