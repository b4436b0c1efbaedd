#include "train/match_loss.h"

#include <gtest/gtest.h>

namespace looking3d {
namespace {

using torch::Tensor;

TEST(MatchLoss, BetaOnTheDrawnPatchesAloneIsBetaOnAll) {
  torch::manual_seed(6);
  const ProcessGroup alone;
  const Tensor features = torch::randn({2, 40, 5}), to = torch::nn::functional::normalize(torch::randn({2, 24, 6}));
  const Tensor beta = torch::randn({5, 6}, torch::requires_grad());
  const auto unit = [&](const Tensor& x) {
    return torch::nn::functional::normalize(torch::matmul(x, beta), torch::nn::functional::NormalizeFuncOptions().dim(2));
  };
  const MatchPatches seen{to, {}, torch::rand({2, 24}) < 0.7};
  MatchLossOptions options;
  options.points = 3;  // of each of four views: 12 of 40 patches
  MatchPatches all{unit(features), {}, {}}, drawn{features, {}, {}};
  all.lot = drawn.lot = draw_lots(2, 40, alone);
  drawn.project = [&](const Tensor& some) {
    EXPECT_EQ(some.size(1), 12);
    return unit(some);
  };
  const Tensor expected = match_loss(all, seen, 4, options, alone), loss = match_loss(drawn, seen, 4, options, alone);
  EXPECT_NEAR(loss.item<float>(), expected.item<float>(), 1e-5);
  EXPECT_TRUE(torch::allclose(torch::autograd::grad({loss}, {beta})[0], torch::autograd::grad({expected}, {beta})[0], 1e-4, 1e-6));
}

}  // namespace
}  // namespace looking3d
