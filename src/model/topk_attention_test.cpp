#include "model/topk_attention.h"

#include <gtest/gtest.h>

#include <cmath>

namespace looking3d {
namespace {

/// The same, by the masked n x m matrix.
torch::Tensor dense(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, const torch::Tensor& chosen, int64_t heads,
                    double scale) {
  const auto in_heads = [&](const torch::Tensor& x) { return x.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2); };
  // A spare column takes the -1 entries.
  const torch::Tensor columns = chosen.masked_fill(chosen < 0, k.size(1));
  const torch::Tensor kept =
      torch::zeros({q.size(0), q.size(1), k.size(1) + 1}, torch::kBool).scatter(2, columns, true).slice(2, 0, k.size(1));
  const torch::Tensor logits = scale * torch::matmul(in_heads(q), in_heads(k).transpose(2, 3));
  const torch::Tensor weights = torch::softmax(logits.masked_fill(kept.logical_not().unsqueeze(1), -1e30), 3);
  const torch::Tensor any = kept.any(2, true).to(q.scalar_type());
  return torch::matmul(weights, in_heads(v)).transpose(1, 2).flatten(2) * any;
}

struct Case {
  torch::Tensor q, k, v, chosen;
};

Case draw(int64_t heads, int64_t c, int64_t e) {
  torch::manual_seed(3);
  Case drawn{torch::randn({2, 7, heads * c}), torch::randn({2, 11, heads * c}), torch::randn({2, 11, heads * e}), {}};
  torch::Tensor allowed = torch::rand({2, 1, 11}) < 0.8;
  allowed[1] = false;
  allowed[1][0][4] = true;  // fewer keys than k
  drawn.chosen = topk_columns(torch::randn({2, 7, 11}), allowed, 5);
  drawn.chosen[0][3].fill_(-1);  // a query without keys
  for (torch::Tensor* t : {&drawn.q, &drawn.k, &drawn.v}) t->requires_grad_(true);
  return drawn;
}

TEST(TopkAttention, EqualsTheDenseMaskedMatrixInValuesAndGradients) {
  for (const int64_t heads : {1, 4}) {
    const Case c = draw(heads, 8, 6);
    const torch::Tensor ours = topk_attention(c.q, c.k, c.v, c.chosen, heads, 0.4);
    const torch::Tensor reference = dense(c.q, c.k, c.v, c.chosen, heads, 0.4);
    EXPECT_TRUE(torch::allclose(ours, reference, 1e-4, 1e-5));
    EXPECT_EQ(ours[0][3].abs().sum().item<float>(), 0);
    const torch::Tensor direction = torch::randn_like(ours);
    const auto gradient = torch::autograd::grad({(ours * direction).sum()}, {c.q, c.k, c.v});
    const auto expected = torch::autograd::grad({(reference * direction).sum()}, {c.q, c.k, c.v});
    for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(torch::allclose(gradient[i], expected[i], 1e-4, 1e-5)) << "input " << i;
  }
}

TEST(TopkAttention, GradientEqualsFiniteDifferences) {
  const Case c = draw(2, 4, 4);
  const torch::Tensor direction = torch::randn({2, 7, 8});
  const auto value = [&] { return (topk_attention(c.q, c.k, c.v, c.chosen, 2, 0.5) * direction).sum(); };
  const auto gradient = torch::autograd::grad({value()}, {c.q, c.k, c.v});
  const torch::Tensor inputs[] = {c.q, c.k, c.v};
  const torch::NoGradGuard no_grad;
  for (int i = 0; i < 3; ++i) {
    torch::Tensor flat = inputs[i].view(-1);
    for (const int64_t at : {0, 5, 17, 40}) {
      const float before = flat[at].item<float>(), step = 1e-2f;
      flat[at] = before + step;
      const double high = value().item<double>();
      flat[at] = before - step;
      const double low = value().item<double>();
      flat[at] = before;
      EXPECT_NEAR(gradient[i].view(-1)[at].item<double>(), (high - low) / (2 * step), 2e-3) << "input " << i << " element " << at;
    }
  }
}

TEST(TopkColumns, TakesTheLargestAllowed) {
  const torch::Tensor similarity = torch::tensor({{{5.0f, 1.0f, 4.0f, 3.0f}}}), allowed = torch::tensor({{{false, true, true, true}}});
  EXPECT_TRUE(torch::equal(topk_columns(similarity, allowed, 2), torch::tensor({{{2, 3}}}, torch::kLong)));
  EXPECT_TRUE(torch::equal(topk_columns(similarity, allowed, 4), torch::tensor({{{2, 3, 1, -1}}}, torch::kLong)));
}

}  // namespace
}  // namespace looking3d
