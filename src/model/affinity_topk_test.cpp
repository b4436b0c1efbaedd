#include "model/affinity_topk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace looking3d {
namespace {

/// By sorting each whole row of the matrix.
torch::Tensor sorted_rows(const torch::Tensor& query, const torch::Tensor& keys, const torch::Tensor& allowed, int64_t k) {
  const torch::Tensor affinity = torch::matmul(query, keys.transpose(1, 2));
  torch::Tensor chosen = torch::full({query.size(0), query.size(1), std::min(k, keys.size(1))}, -1, torch::kLong);
  for (int64_t g = 0; g < query.size(0); ++g)
    for (int64_t i = 0; i < query.size(1); ++i) {
      std::vector<int64_t> order;
      for (int64_t j = 0; j < keys.size(1); ++j)
        if (allowed[g][j].item<bool>()) order.push_back(j);
      const auto row = affinity[g][i];
      std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return row[a].item<float>() > row[b].item<float>(); });
      for (int64_t j = 0; j < std::min<int64_t>(chosen.size(2), static_cast<int64_t>(order.size())); ++j) chosen[g][i][j] = order[j];
    }
  return chosen;
}

TEST(AffinityTopk, EqualsSortedRows) {
  torch::manual_seed(2);
  // Whole numbers: every affinity is exact in any order of summation, and many are equal.
  const torch::Tensor query = torch::randint(-2, 3, {2, 19, 5}).to(torch::kFloat),
                      keys = torch::randint(-2, 3, {2, 83, 5}).to(torch::kFloat);
  torch::Tensor allowed = torch::rand({2, 83}) < 0.7;
  allowed[1].slice(0, 6).fill_(false);  // fewer keys than k
  for (const int64_t k : {1, 7, 32, 200})
    EXPECT_TRUE(torch::equal(affinity_topk(query, keys, allowed, k), sorted_rows(query, keys, allowed, k))) << "k = " << k;
}

TEST(AffinityTopk, CrossesBlocksOfRows) {
  torch::manual_seed(3);
  const torch::Tensor query = torch::randint(-9, 10, {1, 600, 3}).to(torch::kFloat),
                      keys = torch::randint(-9, 10, {1, 40, 3}).to(torch::kFloat);
  const torch::Tensor allowed = torch::ones({1, 40}, torch::kBool);
  const torch::Tensor whole = affinity_topk(query, keys, allowed, 4);
  for (const int64_t i : {0, 255, 256, 511, 512, 599})
    EXPECT_TRUE(torch::equal(whole.slice(1, i, i + 1), affinity_topk(query.slice(1, i, i + 1), keys, allowed, 4))) << "query " << i;
}

TEST(AffinityTopk, NoKeyAllowedGivesNone) {
  const torch::Tensor chosen = affinity_topk(torch::ones({1, 2, 3}), torch::ones({1, 5, 3}), torch::zeros({1, 5}, torch::kBool), 2);
  EXPECT_TRUE((chosen == -1).all().item<bool>());
}

}  // namespace
}  // namespace looking3d
