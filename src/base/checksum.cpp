#include "base/checksum.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace looking3d {
namespace {

static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");

constexpr size_t kStreams = 4;  ///< words taken in turns, so that no multiplication waits for the one before
constexpr size_t kWord = sizeof(uint64_t);
constexpr uint64_t kFactor = 0x9e3779b97f4a7c15ull;

/// A new state for every word: nothing is lost of the word or the state.
uint64_t mixed(uint64_t state, uint64_t word) {
  const uint64_t product = (state ^ word) * kFactor;
  return product ^ product >> 29;  // the highest bits reach the lower ones, which a product alone never lets them
}

}  // namespace

uint64_t checksum(std::string_view bytes) {
  uint64_t states[kStreams] = {1, 2, 3, 4};
  size_t at = 0;
  for (; at + kStreams * kWord <= bytes.size(); at += kStreams * kWord) {
    uint64_t words[kStreams];
    std::memcpy(words, bytes.data() + at, sizeof words);
    for (size_t i = 0; i < kStreams; ++i) states[i] = mixed(states[i], words[i]);
  }
  uint64_t sum = bytes.size();
  for (const uint64_t state : states) sum = mixed(sum, state);
  for (; at < bytes.size(); at += kWord) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(kWord, bytes.size() - at));
    sum = mixed(sum, word);
  }
  sum ^= sum >> 32;
  return sum * kFactor;
}

}  // namespace looking3d
