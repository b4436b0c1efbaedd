#include "model/cmt.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "model/autocast.h"

namespace looking3d {
namespace {

CmtOptions small() {
  CmtOptions options = CmtOptions::looking3d();
  options.width = 8;
  options.channels = 16;
  options.heads = 4;
  options.blocks = 2;
  options.top_k = 6;
  options.match_hidden = 24;
  options.match_channels = 12;
  return options;
}

struct Scene {
  torch::Tensor views, position, surface, photos;
};

Scene draw(int64_t groups, int64_t count, int64_t photos) {
  torch::manual_seed(5);
  return {torch::randn({groups, count, 3, 64, 64}), torch::rand({groups, count, 8, 8, 3}) * 2 - 1, torch::rand({groups, count, 8, 8}) < 0.6,
          torch::randn({groups * photos, 3, 64, 64})};
}

torch::Tensor logits(Cmt& network, const Scene& s) {
  return network->compare(s.photos, network->encode_reference(s.views, s.position, s.surface)).logit;
}

class CmtTest : public testing::TestWithParam<bool> {
 protected:
  CmtTest() {
    torch::manual_seed(1);
    CmtOptions options = small();
    if (GetParam()) options.query_position = options.residual_evidence = options.patch_evidence = false;
    network = Cmt(options);
    network->eval();
  }
  torch::NoGradGuard no_grad;
  Cmt network{nullptr};
};

TEST_P(CmtTest, OrderOfViewsDoesNotMatter) {
  const Scene s = draw(1, 4, 2);
  const torch::Tensor order = torch::tensor({2, 0, 3, 1}, torch::kLong);
  const Scene turned{s.views.index_select(1, order), s.position.index_select(1, order), s.surface.index_select(1, order), s.photos};
  EXPECT_TRUE(torch::allclose(logits(network, s), logits(network, turned), 1e-4, 1e-4));
}

TEST_P(CmtTest, EmptyViewsDoNotMatter) {
  const Scene s = draw(1, 3, 2);
  const Scene more{torch::cat({s.views, torch::ones({1, 1, 3, 64, 64})}, 1), torch::cat({s.position, torch::zeros({1, 1, 8, 8, 3})}, 1),
                   torch::cat({s.surface, torch::zeros({1, 1, 8, 8}, torch::kBool)}, 1), s.photos};
  EXPECT_TRUE(torch::allclose(logits(network, s), logits(network, more), 1e-4, 1e-4));
}

TEST_P(CmtTest, GroupedEqualsOneByOne) {
  const Scene s = draw(2, 3, 2);
  const torch::Tensor together = logits(network, s);
  for (int64_t g = 0; g < 2; ++g) {
    for (int64_t p = 0; p < 2; ++p) {
      const Scene alone{s.views.slice(0, g, g + 1), s.position.slice(0, g, g + 1), s.surface.slice(0, g, g + 1),
                        s.photos.slice(0, 2 * g + p, 2 * g + p + 1)};
      EXPECT_NEAR(logits(network, alone)[0].item<float>(), together[2 * g + p].item<float>(), 1e-4);
    }
  }
}

TEST_P(CmtTest, WhatIsKeptForManyPhotosComparesLikeAllPatches) {
  const Scene s = draw(1, 4, 3);
  const CmtReference all = network->encode_reference(s.views, s.position, s.surface);
  const CmtReference kept = network->encode_for_photos(s.views, s.position, s.surface);
  EXPECT_TRUE(torch::equal(kept.patch, s.surface.flatten().nonzero().squeeze(1)));
  EXPECT_TRUE(kept.is_key.all().item<bool>());
  EXPECT_EQ(kept.blocks.size(), 2u);
  for (const std::optional<int> top_k : {std::optional<int>(), std::optional<int>(3), std::optional<int>(0)}) {
    const CmtOutput a = network->compare(s.photos, all, top_k), b = network->compare(s.photos, kept, top_k);
    EXPECT_TRUE(torch::allclose(a.logit, b.logit, 1e-4, 1e-4)) << a.logit << b.logit;
    EXPECT_TRUE(torch::allclose(a.box, b.box, 1e-4, 1e-4));
    EXPECT_TRUE(torch::allclose(a.matching, b.matching, 1e-5, 1e-5));
    if (a.patch_logits.defined()) {
      EXPECT_TRUE(torch::allclose(a.patch_logits, b.patch_logits, 1e-4, 1e-4));
    }
  }
  // Nothing to see: a finite answer, as of patches that are no keys.
  const CmtReference nothing = network->encode_for_photos(s.views, s.position, torch::zeros_like(s.surface));
  EXPECT_EQ(nothing.patch.item<int64_t>(), -1);
  EXPECT_TRUE(network->compare(s.photos, nothing).logit.isfinite().all().item<bool>());
  // The slow way keeps all patches.
  network->work_plainly();
  EXPECT_TRUE(torch::allclose(network->compare(s.photos, network->encode_for_photos(s.views, s.position, s.surface)).logit,
                              network->compare(s.photos, all).logit, 1e-4, 1e-4));
}

TEST_P(CmtTest, TheReferenceMatters) {
  const Scene s = draw(1, 3, 1);
  Scene other = s;
  other.views = torch::randn_like(s.views);
  EXPECT_FALSE(torch::allclose(logits(network, s), logits(network, other), 1e-5, 1e-5));
}

TEST_P(CmtTest, TheGatheredWayEqualsTheDenseOne) {
  const Scene s = draw(2, 3, 2);
  const torch::Tensor gathered = logits(network, s);
  network->attend_with(dense_topk_attention);
  EXPECT_TRUE(torch::allclose(gathered, logits(network, s), 1e-4, 1e-5));
}

/// Gradients of all weights by `loss`; undefined ones left out.
std::vector<torch::Tensor> gradients_of(Cmt& network, const torch::Tensor& loss) {
  network->zero_grad();
  loss.backward();
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& weight : network->parameters())
    if (weight.grad().defined()) gradients.push_back(weight.grad().clone());
  return gradients;
}

TEST_P(CmtTest, PatchesThatShowTheObjectAreEnough) {
  const torch::AutoGradMode with_gradients(true);
  Scene s = draw(2, 3, 2);
  s.surface[1][2].fill_(false);  // views differ in what they show
  const auto loss = [&](const CmtReference& reference, const torch::Tensor& weights) {
    const CmtOutput out = network->compare(s.photos, reference);
    return (out.logit * torch::tensor({1.0f, -2.0f, 0.5f, 3.0f})).sum() + out.box.square().sum() +
           (reference.matching.square() * weights * reference.is_key.unsqueeze(2)).sum();
  };
  const CmtReference all = network->encode_reference(s.views, s.position, s.surface),
                     keys = network->encode_keys(s.views, s.position, s.surface);
  ASSERT_LT(keys.features.size(1), all.features.size(1));
  // Something to say of each patch and channel of the space of matches.
  const torch::Tensor direction = torch::randn(all.matching.sizes()), kept = keys.patch.clamp_min(0);
  const torch::Tensor some = direction.flatten(0, 1).index_select(0, kept).view(keys.matching.sizes());
  const torch::Tensor whole = loss(all, direction);
  const std::vector<torch::Tensor> expected = gradients_of(network, whole);
  const torch::Tensor spared = loss(keys, some);
  const std::vector<torch::Tensor> gradients = gradients_of(network, spared);
  EXPECT_NEAR(spared.item<float>(), whole.item<float>(), 1e-3 * std::abs(whole.item<float>()));
  ASSERT_EQ(gradients.size(), expected.size());
  for (size_t i = 0; i < gradients.size(); ++i)
    EXPECT_LT((gradients[i] - expected[i]).norm().item<float>(), 1e-3 * expected[i].norm().item<float>() + 1e-5) << "weight " << i;
}

TEST_P(CmtTest, ThePlainWayIsTheSame) {
  const Scene s = draw(2, 3, 2);
  const torch::Tensor ours = network->compare(s.photos, network->encode_keys(s.views, s.position, s.surface)).logit;
  network->work_plainly();
  EXPECT_TRUE(torch::allclose(ours, network->compare(s.photos, network->encode_keys(s.views, s.position, s.surface)).logit, 1e-4, 1e-5));
}

TEST_P(CmtTest, HalfWidthArithmeticLearnsToo) {
  const torch::AutoGradMode gradients(true);
  const Scene s = draw(1, 3, 2);
  const torch::Tensor whole = logits(network, s);
  torch::Tensor half;
  {
    const Bf16Autocast bf16(true);
    half = logits(network, s);
  }
  EXPECT_TRUE(torch::allclose(half, whole, 0.1, 0.05)) << half << whole;
  half.sum().backward();
  for (const torch::Tensor& weight : network->parameters()) {
    if (weight.grad().defined()) {
      EXPECT_TRUE(weight.grad().isfinite().all().item<bool>());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Presets, CmtTest, testing::Bool(), [](const auto& info) { return info.param ? "paper" : "looking3d"; });

TEST(CmtAblation, EveryKeyChosenEqualsStandardAttention) {
  const torch::NoGradGuard no_grad;
  CmtOptions options = small();
  options.query_position = options.residual_evidence = options.patch_evidence = false;
  std::vector<torch::Tensor> results;
  for (const int k : {0, 4 * 64}) {
    options.top_k = k;
    torch::manual_seed(7);
    Cmt network(options);
    network->eval();
    results.push_back(logits(network, draw(2, 4, 2)));
  }
  EXPECT_TRUE(torch::allclose(results[0], results[1], 1e-4, 1e-5));
}

TEST(CmtAblation, WithoutPositionsTheirValuesDoNotMatter) {
  const torch::NoGradGuard no_grad;
  CmtOptions options = small();
  for (const bool position : {false, true}) {
    options.position_3d = position;
    torch::manual_seed(7);
    Cmt network(options);
    network->eval();
    const Scene s = draw(1, 3, 1);
    Scene moved = s;
    moved.position = s.position + 0.3;
    EXPECT_EQ(torch::allclose(logits(network, s), logits(network, moved), 1e-6, 1e-6), !position);
  }
}

TEST(CmtAblation, ResidualEvidenceNeedsMatches) {
  CmtOptions options = small();
  options.top_k = 0;
  EXPECT_THROW(options.check(), InputError);
}

TEST(Fourier, HasThePositionAndTenOctaves) {
  const torch::Tensor features = fourier_features(torch::tensor({{0.5f, 0.0f, -0.25f}}));
  EXPECT_EQ(features.size(1), 63);
  EXPECT_FLOAT_EQ(features[0][0].item<float>(), 0.5f);
  EXPECT_FLOAT_EQ(features[0][3].item<float>(), std::sin(0.5f));
  EXPECT_FLOAT_EQ(features[0][9].item<float>(), std::sin(1.0f));
}

}  // namespace
}  // namespace looking3d
