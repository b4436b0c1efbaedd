#pragma once
// Randomness that depends on identity alone: a Philox4x32-10 counter generator keyed by a hash of *what* is drawn
// (data-set seed, shape, anomaly, view, pixel, ...), with own distributions, since those of the standard library differ
// between implementations. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace looking3d {

uint64_t hash_combine(uint64_t hash, uint64_t value);
uint64_t hash_combine(uint64_t hash, std::string_view value);

/// 64-bit identity of a list of integers and strings, e.g. identity(seed, "view", shape_id, 3).
template <class... Values>
uint64_t identity(uint64_t seed, const Values&... values) {
  auto fold = [](uint64_t hash, const auto& value) {
    if constexpr (std::is_convertible_v<decltype(value), std::string_view>) {
      return hash_combine(hash, std::string_view(value));
    } else {
      return hash_combine(hash, static_cast<uint64_t>(value));
    }
  };
  uint64_t hash = hash_combine(0x6c6f6f6b696e6733ull, seed);
  ((hash = fold(hash, values)), ...);
  return hash;
}

/// Ten rounds of Philox 4x32: four random words of (key, counter).
std::array<uint32_t, 4> philox4x32(uint64_t key, uint64_t counter_low, uint64_t counter_high);

/// A stream of random numbers; copies continue independently and identically.
class Rng {
 public:
  explicit Rng(uint64_t key) : key_(key) {}

  uint32_t next_u32();
  uint64_t next_u64();
  double uniform();                               ///< in [0, 1)
  double uniform(double low, double high);        ///< in [low, high)
  double log_uniform(double low, double high);    ///< uniform in the logarithm; low > 0
  int uniform_int(int low, int high);             ///< in [low, high], both included
  double normal();                                ///< mean 0, deviation 1
  bool bernoulli(double probability) { return uniform() < probability; }
  size_t pick(std::span<const double> weights);   ///< index with probability proportional to its weight
  size_t index(size_t count);                     ///< in [0, count)
  template <class Container>
  const auto& pick_from(const Container& items) {
    return items[index(std::size(items))];
  }
  template <class Container>
  void shuffle(Container& items) {
    for (size_t i = std::size(items); i > 1; --i) std::swap(items[i - 1], items[index(i)]);
  }
  /// A stream of its own for a named sub-task; does not advance this one.
  template <class... Values>
  Rng fork(const Values&... name) const {
    return Rng(identity(key_, name...));
  }

 private:
  uint64_t key_;
  uint64_t counter_ = 0;
  std::array<uint32_t, 4> block_{};
  int used_ = 4;
};

}  // namespace looking3d
