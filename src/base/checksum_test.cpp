#include "base/checksum.h"

#include <gtest/gtest.h>

#include <array>
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
  const uint64_t product = (state ^ word) * 0x9e3779b97f4a7c15ull;
  return product ^ product >> 29;
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

TEST(Checksum, FindsEveryFlippedBitAndEveryPairOfThem) {
  std::string bytes = random_bytes(100);
  const uint64_t sum = checksum(bytes);
  const auto flip = [&](size_t bit) { bytes[bit / 8] ^= static_cast<char>(1 << bit % 8); };
  int missed = 0;
  for (size_t first = 0; first < 8 * bytes.size(); ++first) {
    flip(first);
    missed += checksum(bytes) == sum;
    for (size_t second = first + 1; second < 8 * bytes.size(); ++second) {
      flip(second);
      missed += checksum(bytes) == sum;
      flip(second);
    }
    flip(first);
  }
  EXPECT_EQ(missed, 0);
}

TEST(Checksum, CountsZeros) {
  std::set<uint64_t> sums;
  for (size_t count = 0; count < 100; ++count) EXPECT_TRUE(sums.insert(checksum(std::string(count, '\0'))).second) << count;
}

}  // namespace
}  // namespace looking3d
