#include "model/take_rows.h"

#include <gtest/gtest.h>

namespace looking3d {
namespace {

TEST(TakeRows, EqualsIndexSelectInValuesAndGradients) {
  torch::manual_seed(1);
  const torch::Tensor rows = torch::tensor({4, -1, 0, 199, -1, 7}, torch::kLong);
  for (const auto type : {torch::kFloat, torch::kBFloat16}) {
    const torch::Tensor x = torch::randn({200, 3}).to(type).requires_grad_(true);
    const torch::Tensor taken = take_rows(x, rows), direction = torch::randn({6, 3}).to(type);
    const torch::Tensor expected = x.index_select(0, rows.clamp_min(0)) * (rows >= 0).unsqueeze(1).to(type);
    EXPECT_EQ(taken.scalar_type(), type);
    EXPECT_TRUE(torch::equal(taken, expected));
    EXPECT_TRUE(torch::equal(torch::autograd::grad({(taken * direction).sum()}, {x})[0],
                             torch::autograd::grad({(expected * direction).sum()}, {x})[0]));
  }
}

TEST(TakeRows, PutsBackWhatItTook) {
  const torch::Tensor rows = torch::tensor({2, 0, -1}, torch::kLong), x = torch::arange(1, 9, torch::kFloat).view({4, 2});
  const torch::Tensor back = take_rows(take_rows(x, rows), places_of(rows, 4));
  EXPECT_TRUE(torch::equal(back, x * torch::tensor({1.0f, 0.0f, 1.0f, 0.0f}).unsqueeze(1)));
}

TEST(TakeRows, NoRowsAtAll) {
  const torch::Tensor x = torch::ones({3, 2}, torch::requires_grad());
  const torch::Tensor none = take_rows(x, torch::empty({0}, torch::kLong));
  EXPECT_EQ(none.size(0), 0);
  EXPECT_EQ(torch::autograd::grad({none.sum()}, {x})[0].abs().sum().item<float>(), 0);
}

}  // namespace
}  // namespace looking3d
