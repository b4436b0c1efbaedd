#include "model/topk_attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/affinity_topk.h"
#include "model/finite_differences.h"

namespace looking3d {
namespace {

struct Case {
  torch::Tensor q, k, v, chosen;
};

Case draw(int64_t heads, int64_t c, int64_t e) {
  torch::manual_seed(3);
  Case drawn{torch::randn({2, 7, heads * c}), torch::randn({2, 11, heads * c}), torch::randn({2, 11, heads * e}), {}};
  torch::Tensor allowed = torch::rand({2, 1, 11}) < 0.8;
  allowed[1] = false;
  allowed[1][0][4] = true;  // fewer keys than k
  drawn.chosen = affinity_topk(torch::randn({2, 7, 3}), torch::randn({2, 11, 3}), allowed.squeeze(1), 5);
  drawn.chosen[0][3].fill_(-1);  // a query without keys
  for (torch::Tensor* t : {&drawn.q, &drawn.k, &drawn.v}) t->requires_grad_(true);
  return drawn;
}

TEST(TopkAttention, EqualsTheDenseMaskedMatrixInValuesAndGradients) {
  for (const int64_t heads : {1, 2, 3, 4, 8, 16, 20}) {
    const Case c = draw(heads, 8, 6);
    const torch::Tensor ours = topk_attention(c.q, c.k, c.v, c.chosen, heads, 0.4);
    const torch::Tensor reference = dense_topk_attention(c.q, c.k, c.v, c.chosen, heads, 0.4);
    EXPECT_TRUE(torch::allclose(ours, reference, 1e-4, 1e-5));
    EXPECT_EQ(ours[0][3].abs().sum().item<float>(), 0);
    const torch::Tensor direction = torch::randn_like(ours);
    const auto gradient = torch::autograd::grad({(ours * direction).sum()}, {c.q, c.k, c.v});
    const auto expected = torch::autograd::grad({(reference * direction).sum()}, {c.q, c.k, c.v});
    for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(torch::allclose(gradient[i], expected[i], 1e-4, 1e-5)) << "input " << i;
  }
}

TEST(TopkAttention, HalfWidthKeysGiveTheSameToTheirPrecision) {
  const Case c = draw(4, 8, 6);
  // Keys that bfloat16 holds exactly: sums are float32 either way.
  const auto rounded = [](const torch::Tensor& t) { return t.detach().to(torch::kBFloat16); };
  const torch::Tensor k = rounded(c.k).requires_grad_(true), v = rounded(c.v).requires_grad_(true);
  const torch::Tensor k_whole = k.detach().to(torch::kFloat).requires_grad_(true),
                      v_whole = v.detach().to(torch::kFloat).requires_grad_(true);
  const torch::Tensor half = topk_attention(c.q, k, v, c.chosen, 4, 0.4), whole = topk_attention(c.q, k_whole, v_whole, c.chosen, 4, 0.4);
  EXPECT_TRUE(torch::allclose(half, whole, 1e-5, 1e-6));
  const auto gradient = torch::autograd::grad({half.sum()}, {c.q, k, v}),
             expected = torch::autograd::grad({whole.sum()}, {c.q, k_whole, v_whole});
  EXPECT_TRUE(torch::allclose(gradient[0], expected[0], 1e-5, 1e-6));
  for (size_t i = 1; i < 3; ++i) {
    EXPECT_EQ(gradient[i].scalar_type(), torch::kBFloat16);
    EXPECT_TRUE(torch::allclose(gradient[i].to(torch::kFloat), expected[i], 0.01, 1e-4));
  }
}

TEST(TopkAttention, OneThreadOrTwoGiveTheSameBits) {
  const Case c = draw(4, 8, 6);
  std::vector<std::vector<torch::Tensor>> results;
  const int before = at::get_num_threads();
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    const torch::Tensor out = topk_attention(c.q, c.k, c.v, c.chosen, 4, 0.4);
    results.push_back(torch::autograd::grad({out.square().sum()}, {c.q, c.k, c.v}));
    results.back().push_back(out);
  }
  at::set_num_threads(before);
  for (size_t i = 0; i < results[0].size(); ++i) EXPECT_TRUE(torch::equal(results[0][i], results[1][i])) << i;
}

TEST(TopkAttention, GradientEqualsFiniteDifferences) {
  const Case c = draw(2, 4, 4);
  const torch::Tensor direction = torch::randn({2, 7, 8});
  const auto value = [&] { return (topk_attention(c.q, c.k, c.v, c.chosen, 2, 0.5) * direction).sum(); };
  expect_gradient_by_differences(value, {c.q, c.k, c.v}, {0, 5, 17, 40}, 2e-3);
}

}  // namespace
}  // namespace looking3d
