#include "base/checksum.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <set>
#include <string>

#include "base/random.h"

namespace looking3d {
namespace {

std::string random_bytes(size_t count) {
  Rng rng(identity(1, "bytes", static_cast<int>(count)));
  std::string bytes(count, '\0');
  for (char& c : bytes) c = static_cast<char>(rng.next_u32());
  return bytes;
}

uint64_t mixed(uint64_t state, uint64_t word) {
  return std::rotl((state ^ word) * 0x9e3779b97f4a7c15ull, 29);
}

/// The same, byte by byte.
uint64_t plain_checksum(const std::string& bytes) {
  const auto word = [&](size_t at) {
    uint64_t value = 0;
    for (size_t i = 0; i < 8 && at + i < bytes.size(); ++i) value |= uint64_t{static_cast<unsigned char>(bytes[at + i])} << 8 * i;
    return value;
  };
  std::array<uint64_t, 4> states = {1, 2, 3, 4};
  const size_t blocks = bytes.size() / 32;
  for (size_t i = 0; i < 4 * blocks; ++i) states[i % 4] = mixed(states[i % 4], word(8 * i));
  uint64_t sum = bytes.size();
  for (const uint64_t state : states) sum = mixed(sum, state);
  for (size_t at = 32 * blocks; at < bytes.size(); at += 8) sum = mixed(sum, word(at));
  return (sum ^ sum >> 32) * 0x9e3779b97f4a7c15ull;
}

TEST(Checksum, IsThatOfThePlainWayForAnyLength) {
  for (size_t count = 0; count < 130; ++count) EXPECT_EQ(checksum(random_bytes(count)), plain_checksum(random_bytes(count))) << count;
}

TEST(Checksum, DoesNotDependOnWhereTheBytesLie) {
  const std::string bytes = random_bytes(100);
  EXPECT_EQ(checksum(("x" + bytes).substr(1)), checksum(bytes));
  EXPECT_EQ(checksum(std::string_view("x" + bytes).substr(1)), checksum(bytes));
}

TEST(Checksum, FindsEveryFlippedBitAndPairOfHighBits) {
  std::string bytes = random_bytes(100);
  std::set<uint64_t> sums = {checksum(bytes)};
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_TRUE(sums.insert(checksum(bytes)).second) << bit;
    bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
  }
  // Highest bits of two words: the bits that a multiplication alone would never mix with others.
  for (size_t first = 7; first < 100; first += 8)
    for (size_t second = first + 8; second < 100; second += 8) {
      std::string changed = bytes;
      changed[first] ^= static_cast<char>(0x80), changed[second] ^= static_cast<char>(0x80);
      EXPECT_TRUE(sums.insert(checksum(changed)).second) << first << ' ' << second;
    }
}

TEST(Checksum, CountsZeros) {
  std::set<uint64_t> sums;
  for (size_t count = 0; count < 100; ++count) EXPECT_TRUE(sums.insert(checksum(std::string(count, '\0'))).second) << count;
}

}  // namespace
}  // namespace looking3d
