#include "model/compare_net.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/check.h"
#include "model/mask_net.h"

namespace looking3d {
namespace {

/// What is trained today, small.
CompareOptions small_options(int width) {
  CompareOptions options = CompareOptions::current();
  options.width = width, options.channels = 2 * width;
  return options;
}

TEST(ResNetFpn, HasStrideEight) {
  torch::manual_seed(1);
  ResNetFpn encoder(ResNetFpnOptions{3, 8, 16});
  EXPECT_EQ(encoder(torch::randn({2, 3, 64, 96})).sizes(), (std::vector<int64_t>{2, 16, 8, 12}));
  EXPECT_THROW(encoder(torch::randn({2, 3, 60, 64})), CheckFailure);
  EXPECT_THROW(encoder(torch::randn({2, 4, 64, 64})), CheckFailure);
}

TEST(ResNetFpn, IsResNet18AtFullWidth) {
  // 11.2 M parameters of the trunk without its classifier (He et al. 2016, table 1).
  ResNetFpn encoder;
  int64_t trunk = 0;
  for (const auto& item : encoder->named_parameters())
    if (item.key().find("lateral") == std::string::npos) trunk += item.value().numel();
  EXPECT_EQ(trunk, 11176512);
}

TEST(CompareNet, AnswerOfAPhotoDoesNotDependOnItsBatch) {
  torch::manual_seed(2);
  CompareNet net(CompareOptions{8, 16});
  net->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor photo = torch::randn({3, 3, 64, 64}), rendered = torch::randn({3, kReferenceChannels, 64, 64});
  const CompareOutput all = net->forward(photo, rendered), one = net->forward(photo.slice(0, 1, 2), rendered.slice(0, 1, 2));
  EXPECT_TRUE(torch::allclose(all.logit.slice(0, 1, 2), one.logit, 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(all.patch_logits.slice(0, 1, 2), one.patch_logits, 1e-4, 1e-5));
  EXPECT_EQ(all.patch_logits.sizes(), (std::vector<int64_t>{3, 8, 8}));
  EXPECT_EQ(all.kind_logits.sizes(), (std::vector<int64_t>{3, kAnomalyKinds}));
  EXPECT_TRUE(all.box.ge(0).logical_and(all.box.le(1)).all().item<bool>());
}

TEST(CompareNet, EveryVariantSaysWhereAndTrainsAllItsWeights) {
  for (const char* fusion : {"early", "late"}) {
    torch::manual_seed(4);
    CompareOptions options = small_options(8);
    options.fusion = fusion;
    CompareNet net(options);
    const CompareOutput out = net->forward(torch::randn({2, 3, 128, 192}), torch::randn({2, kReferenceChannels, 128, 192}));
    EXPECT_EQ(out.pixel_logits.sizes(), (std::vector<int64_t>{2, 32, 48}));
    EXPECT_EQ(out.patch_logits.sizes(), (std::vector<int64_t>{2, 8, 12}));
    EXPECT_EQ(out.part_logits.sizes(), out.pixel_logits.sizes());
    EXPECT_EQ(out.camera_logit.sizes(), (std::vector<int64_t>{2}));
    EXPECT_EQ(&out.heat_logits(), &out.pixel_logits);
    (out.logit.sum() + out.kind_logits.square().sum() + out.box.sum() + out.pixel_logits.sum() + out.cover_logits.sum() +
     out.part_logits.sum() + out.camera_logit.sum())
        .backward();
    for (const auto& item : net->named_parameters()) EXPECT_TRUE(item.value().grad().defined()) << fusion << " " << item.key();
  }
}

TEST(CompareNet, StartsFromACoarserOneAsTheSameFunctionOfTheMeanPixel) {
  for (const char* fusion : {"early", "late"}) {
    torch::manual_seed(6);
    CompareOptions options = small_options(8);
    options.fusion = fusion, options.detail = 1;
    CompareNet coarse(options);
    options.detail = 2;
    CompareNet fine(options);
    NamedTensors state = state_of(*coarse);
    for (auto& [name, tensor] : state) name = "compare." + name;
    load_state(*fine, with_detail(state, "compare.", 2), "compare.", "coarse");
    coarse->eval(), fine->eval();
    const torch::NoGradGuard no_grad;
    const torch::Tensor photo = torch::randn({2, 3, 128, 128}), rendered = torch::randn({2, kReferenceChannels, 128, 128});
    const CompareOutput out = fine->forward(photo, rendered);
    const CompareOutput expected = coarse->forward(torch::avg_pool2d(photo, 2), torch::avg_pool2d(rendered, 2));
    EXPECT_TRUE(torch::allclose(out.logit, expected.logit, 1e-4, 1e-5)) << fusion;
    EXPECT_TRUE(torch::allclose(out.pixel_logits, expected.pixel_logits, 1e-4, 1e-4)) << fusion;
    // It can tell pixels of one mean apart once trained, and weights that are fine already stay as they are.
    EXPECT_TRUE(
        torch::equal(with_detail(with_detail(state, "compare.", 2), "compare.", 2)[0].second, with_detail(state, "compare.", 2)[0].second));
  }
}

TEST(CompareNet, TheBoxIsTheMeanOfTheVotesWhereTheChangeIs) {
  torch::manual_seed(7);
  CompareOptions options = small_options(8);
  options.detail = 1;
  CompareNet net(options);
  net->eval();
  const torch::NoGradGuard no_grad;
  const CompareOutput out = net->forward(torch::randn({2, 3, 64, 96}), torch::randn({2, kReferenceChannels, 64, 96}));
  ASSERT_EQ(out.box_votes.sizes(), (std::vector<int64_t>{2, 4, 8, 12}));
  EXPECT_EQ(out.cover_logits.sizes(), (std::vector<int64_t>{2, 8, 12}));
  for (int photo = 0; photo < 2; ++photo) {
    std::array<double, 4> box{};
    double sum = 0;
    for (int y = 0; y < 8; ++y)
      for (int x = 0; x < 12; ++x) {
        const double weight = std::exp(out.patch_logits[photo][y][x].item<double>());
        for (int i = 0; i < 4; ++i) box[i] += weight * out.box_votes[photo][i][y][x].item<double>();
        sum += weight;
      }
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(out.box[photo][i].item<double>(), box[i] / sum, 1e-4);
  }
}

TEST(CompareNet, VotesOfEqualPatchesLieAsFarApartAsThePatches) {
  // Pictures of one colour: every patch far from the border sees the same, so that votes differ only by where the patches lie.
  torch::manual_seed(8);
  CompareOptions options = small_options(4);
  options.detail = 1;
  CompareNet net(options);
  net->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor votes = net->forward(torch::ones({1, 3, 512, 512}), torch::ones({1, kReferenceChannels, 512, 512})).box_votes[0];
  const torch::Tensor right = votes.select(1, 32).select(1, 34) - votes.select(1, 32).select(1, 32);
  const torch::Tensor down = votes.select(1, 34).select(1, 32) - votes.select(1, 32).select(1, 32);
  EXPECT_TRUE(torch::allclose(right, torch::tensor({2 / 64.0f, 0.0f, 0.0f, 0.0f}), 1e-3, 1e-4)) << right;
  EXPECT_TRUE(torch::allclose(down, torch::tensor({0.0f, 2 / 64.0f, 0.0f, 0.0f}), 1e-3, 1e-4)) << down;
}

TEST(CompareNet, WeightsFromBeforeTheNewerHeadsKeepTheirOthers) {
  torch::manual_seed(9);
  CompareOptions options = small_options(4);
  options.box_votes = options.cover_map = options.part_map = options.camera_head = false;
  CompareNet before(options);
  options.box_votes = options.cover_map = options.part_map = options.camera_head = true;
  CompareNet now(options);
  const auto logits = [](CompareNet& net) {
    const torch::NoGradGuard no_grad;
    net->eval();
    torch::manual_seed(10);
    return net->forward(torch::randn({1, 3, 64, 64}), torch::randn({1, kReferenceChannels, 64, 64})).logit;
  };
  load_state(*now, with_new_heads(state_of(*before), state_of(*now), ""), "", "before");
  EXPECT_TRUE(torch::equal(logits(now), logits(before)));
  EXPECT_EQ(with_new_heads(state_of(*now), state_of(*now), "").size(), state_of(*now).size());  // those that have them stay
}

TEST(CompareNet, LooksOnlyAtTheInputsNamed) {
  torch::manual_seed(5);
  CompareOptions options = small_options(8);
  options.inputs = "depth,outline";
  CompareNet net(options);
  net->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor photo = torch::randn({1, 3, 64, 64}), rendered = torch::randn({1, kReferenceChannels, 64, 64});
  const torch::Tensor before = net->forward(photo, rendered).logit;
  for (int channel = 0; channel < kReferenceChannels; ++channel) {
    torch::Tensor other = rendered.clone();
    other.select(1, channel) += 1;
    EXPECT_EQ(torch::equal(net->forward(photo, other).logit, before), channel != 1 && channel != 5) << channel;
  }
  options.inputs = "depth,colour";
  EXPECT_THROW(CompareNet{options}, std::runtime_error);
}

TEST(CompareNet, LearnsWhereTwoInputsDiffer) {
  // Eight pairs; half of them differ in one 8x8 patch. A few steps must bring the losses of patch and image well down.
  torch::manual_seed(3);
  CompareNet net(CompareOptions{8, 16});
  torch::Tensor photo = torch::randn({8, 3, 64, 64}), rendered = torch::zeros({8, kReferenceChannels, 64, 64});
  rendered.slice(1, 0, 3).copy_(photo);
  torch::Tensor patch = torch::zeros({8, 8, 8}), label = torch::zeros({8});
  for (int i = 0; i < 4; ++i) {
    photo[i].slice(1, 8 * i, 8 * i + 8).slice(2, 16, 24) += 3;
    patch[i][i][2] = 1;
    label[i] = 1;
  }
  torch::optim::AdamW optimizer(net->parameters(), torch::optim::AdamWOptions(3e-3));
  double first = 0, last = 0;
  for (int step = 0; step < 25; ++step) {
    const CompareOutput out = net->forward(photo, rendered);
    const torch::Tensor loss =
        torch::binary_cross_entropy_with_logits(out.patch_logits, patch) + torch::binary_cross_entropy_with_logits(out.logit, label);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    (step == 0 ? first : last) = loss.item<double>();
  }
  EXPECT_LT(last, 0.3 * first);
}

TEST(ResNetFpn, FineKeepsTheStrideOfItsResult) {
  torch::manual_seed(1);
  ResNetFpn encoder(ResNetFpnOptions{3, 8, 16, true});
  EXPECT_EQ(encoder(torch::randn({2, 3, 64, 96})).sizes(), (std::vector<int64_t>{2, 16, 8, 12}));
}

TEST(MaskNet, SaysSomethingOfEachPixelAndLearns) {
  torch::manual_seed(1);
  MaskNet net(MaskOptions{4});
  torch::Tensor photo = torch::rand({2, 3, 64, 64}), truth = torch::zeros({2, 64, 64});
  truth.slice(1, 16, 48).slice(2, 20, 40).fill_(1);
  photo = photo * 0.2 + truth.unsqueeze(1);
  torch::optim::Adam optimizer(net->parameters(), 1e-2);
  double first = 0, last = 0;
  for (int step = 0; step < 40; ++step) {
    optimizer.zero_grad();
    const torch::Tensor logits = net->forward(photo);
    ASSERT_EQ(logits.sizes(), truth.sizes());
    const torch::Tensor loss = torch::binary_cross_entropy_with_logits(logits, truth);
    loss.backward();
    optimizer.step();
    (step == 0 ? first : last) = loss.item<double>();
  }
  EXPECT_LT(last, 0.3 * first);
}

}  // namespace
}  // namespace looking3d
