#include "model/dense_attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/finite_differences.h"
#include "model/lanes.h"

namespace looking3d {
namespace {

struct Case {
  torch::Tensor q, k, v, allowed;
};

/// Sizes that fill neither rows nor lanes.
Case draw(bool masked) {
  torch::manual_seed(11);
  Case drawn{torch::randn({2, 3, 5, 12}), torch::randn({2, 3, 37, 12}), torch::randn({2, 3, 37, 20}), {}};
  if (masked) drawn.allowed = torch::rand({2, 37}) < 0.7;
  for (torch::Tensor* t : {&drawn.q, &drawn.k, &drawn.v}) t->requires_grad_(true);
  return drawn;
}

TEST(DenseAttention, EqualsThePlainWayInValuesAndGradients) {
  for (const bool masked : {false, true}) {
    const Case c = draw(masked);
    const torch::Tensor ours = dense_attention(c.q, c.k, c.v, c.allowed), plain = plain_attention(c.q, c.k, c.v, c.allowed);
    EXPECT_TRUE(torch::allclose(ours, plain, 1e-4, 1e-5));
    const torch::Tensor direction = torch::randn_like(ours);
    const auto gradient = torch::autograd::grad({(ours * direction).sum()}, {c.q, c.k, c.v});
    const auto expected = torch::autograd::grad({(plain * direction).sum()}, {c.q, c.k, c.v});
    for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(torch::allclose(gradient[i], expected[i], 1e-4, 1e-5)) << "input " << i;
  }
}

TEST(DenseAttention, LargeLogitsStayFinite) {
  Case c = draw(false);
  const torch::Tensor q = (100 * c.q).detach().requires_grad_(true);
  const torch::Tensor ours = dense_attention(q, c.k, c.v);
  EXPECT_TRUE(torch::allclose(ours, plain_attention(q, c.k, c.v), 1e-3, 1e-4));
  EXPECT_TRUE(torch::autograd::grad({ours.sum()}, {q})[0].isfinite().all().item<bool>());
}

TEST(DenseAttention, ARowWithoutKeysTakesTheMean) {
  const Case c = draw(false);
  const torch::Tensor none = torch::zeros({2, 37}, torch::kBool);
  const torch::Tensor mean = c.v.mean(2, true).expand({2, 3, 5, 20}).transpose(1, 2).flatten(2);
  EXPECT_TRUE(torch::allclose(dense_attention(c.q, c.k, c.v, none), mean, 1e-4, 1e-5));
}

TEST(DenseAttention, GradientEqualsFiniteDifferences) {
  const Case c = draw(true);
  const torch::Tensor direction = torch::randn({2, 5, 60});
  const auto value = [&] { return (dense_attention(c.q, c.k, c.v, c.allowed) * direction).sum(); };
  expect_gradient_by_differences(value, {c.q, c.k, c.v}, {0, 7, 100, 333}, 3e-3);
}

TEST(DenseAttention, OneThreadOrTwoGiveTheSameBits) {
  const Case c = draw(true);
  std::vector<std::vector<torch::Tensor>> results;
  const int before = at::get_num_threads();
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    const torch::Tensor out = dense_attention(c.q, c.k, c.v, c.allowed);
    results.push_back(torch::autograd::grad({out.square().sum()}, {c.q, c.k, c.v}));
    results.back().push_back(out);
  }
  at::set_num_threads(before);
  for (size_t i = 0; i < results[0].size(); ++i) EXPECT_TRUE(torch::equal(results[0][i], results[1][i])) << i;
}

TEST(Lanes, ExponentialIsExactToFloat) {
  for (float x = -86; x <= 0; x += 0.37f) {
    Lanes lanes = Lanes{} + x;
    exponential(lanes);
    EXPECT_NEAR(lanes[5] / std::exp(x), 1, 3e-7) << x;
  }
}

}  // namespace
}  // namespace looking3d
