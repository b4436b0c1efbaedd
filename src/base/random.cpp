#include "base/random.h"

#include <cmath>
#include <numbers>

#include "base/check.h"

namespace looking3d {

uint64_t hash_combine(uint64_t hash, uint64_t value) {
  // splitmix64 finaliser over the running hash and the value.
  uint64_t x = hash * 0x9e3779b97f4a7c15ull + value + 0x632be59bd9b4e019ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

uint64_t hash_combine(uint64_t hash, std::string_view value) {
  // FNV-1a over the bytes, then mixed in; the length separates ("a","bc") from ("ab","c").
  uint64_t fnv = 0xcbf29ce484222325ull;
  for (const unsigned char c : value) fnv = (fnv ^ c) * 0x100000001b3ull;
  return hash_combine(hash_combine(hash, fnv), value.size());
}

std::array<uint32_t, 4> philox4x32(uint64_t key, uint64_t counter_low, uint64_t counter_high) {
  uint32_t c0 = static_cast<uint32_t>(counter_low), c1 = static_cast<uint32_t>(counter_low >> 32);
  uint32_t c2 = static_cast<uint32_t>(counter_high), c3 = static_cast<uint32_t>(counter_high >> 32);
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53u} * c0, p1 = uint64_t{0xCD9E8D57u} * c2;
    const uint32_t n0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0, n2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(p1), c3 = static_cast<uint32_t>(p0);
    c0 = n0, c2 = n2;
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  return {c0, c1, c2, c3};
}

uint32_t Rng::next_u32() {
  if (used_ == 4) block_ = philox4x32(key_, counter_++, 0), used_ = 0;
  return block_[used_++];
}

uint64_t Rng::next_u64() {
  const uint64_t high = next_u32();
  return (high << 32) | next_u32();
}

double Rng::uniform() { return static_cast<double>(next_u64() >> 11) * 0x1.0p-53; }

double Rng::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Rng::log_uniform(double low, double high) {
  L3D_CHECK_GT(low, 0.0);
  return std::exp(uniform(std::log(low), std::log(high)));
}

int Rng::uniform_int(int low, int high) {
  L3D_CHECK_LE(low, high);
  return low + static_cast<int>(index(static_cast<size_t>(static_cast<int64_t>(high) - low + 1)));
}

double Rng::normal() {
  // Box-Muller; one of the pair, so that the stream position does not depend on hidden state.
  const double u = 1.0 - uniform(), v = uniform();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

size_t Rng::pick(std::span<const double> weights) {
  double total = 0;
  for (const double weight : weights) total += weight;
  L3D_CHECK_GT(total, 0.0);
  double rest = uniform() * total;
  size_t last_positive = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last_positive = i;
    if (rest < weights[i]) return i;
    rest -= weights[i];
  }
  return last_positive;
}

size_t Rng::index(size_t count) {
  L3D_CHECK_GT(count, size_t{0});
  // Multiply-shift (Lemire); the bias is below 2^-32 for the small counts used here.
  return static_cast<size_t>((static_cast<unsigned __int128>(next_u64()) * count) >> 64);
}

}  // namespace looking3d
