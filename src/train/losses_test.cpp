#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "anomalies/anomaly.h"
#include "base/random.h"
#include "engine/detector.h"
#include "model/finite_differences.h"
#include "train/detection_loss.h"
#include "train/judge.h"
#include "train/match_loss.h"

namespace looking3d {
namespace {

const ProcessGroup alone;

TEST(MatchLoss, IsTheCrossEntropyOfTheMatch) {
  // One patch that lies where patch 1 of the only view lies; patch 2 of the view shows nothing.
  const torch::Tensor z = torch::tensor({{{1.0f, 0.0f}}}), views = torch::tensor({{{0.0f, 1.0f}, {0.6f, 0.8f}, {1.0f, 0.0f}}});
  const torch::Tensor at = torch::tensor({{{0.5f, 0.0f, 0.01f}}});
  const torch::Tensor positions = torch::tensor({{{0.0f, 0.0f, 0.0f}, {0.5f, 0.0f, 0.0f}, {0.5f, 0.0f, 0.01f}}});
  const torch::Tensor surface = torch::tensor({{true, true, false}}), seen = torch::tensor({{true}});
  MatchLossOptions options;
  options.temperature = 0.5;
  const double expected = -std::log(std::exp(0.6 / 0.5) / (std::exp(0.0) + std::exp(0.6 / 0.5)));
  EXPECT_NEAR(match_loss({z, at, seen}, {views, positions, surface}, 1, options, alone).item<double>(), expected, 1e-5);
  // Pseudo-labels take the most similar patch that shows the object, here the same one.
  EXPECT_NEAR(match_loss({z, {}, {}}, {views, positions, surface}, 1, options, alone).item<double>(), expected, 1e-5);
  // A place that no view shows is no pair.
  EXPECT_EQ(match_loss({z, at + 1, seen}, {views, positions, surface}, 1, options, alone).item<double>(), 0);
}

/// Features and places of `count` patches in each of two groups.
MatchPatches drawn_patches(int64_t count) {
  MatchPatches patches{torch::nn::functional::normalize(torch::randn({2, count, 5}), torch::nn::functional::NormalizeFuncOptions().dim(2)),
                       torch::rand({2, count, 3}), torch::rand({2, count}) < 0.7};
  return patches;
}

/// The loss by going through groups, patches and views one after another, for options whose points cover all patches.
torch::Tensor match_loss_plainly(const MatchPatches& from, const MatchPatches& to, int64_t views, const MatchLossOptions& options) {
  const int64_t of_view = to.matching.size(1) / views;
  torch::Tensor sum = torch::zeros({});
  int pairs = 0;
  for (int64_t g = 0; g < from.matching.size(0); ++g)
    for (int64_t i = 0; i < from.matching.size(1); ++i) {
      if (from.surface.defined() && !from.surface[g][i].item<bool>()) continue;
      for (int64_t view = 0; view < views; ++view) {
        torch::Tensor denominator = torch::zeros({}), numerator;
        double best = INFINITY;  // distance in space, else unlikeness
        for (int64_t j = view * of_view; j < (view + 1) * of_view; ++j) {
          if (!to.surface[g][j].item<bool>()) continue;
          const torch::Tensor similarity = torch::exp(from.matching[g][i].dot(to.matching[g][j]) / options.temperature);
          denominator = denominator + similarity;
          const double apart =
              from.position.defined() ? (from.position[g][i] - to.position[g][j]).norm().item<double>() : -similarity.item<double>();
          if (apart < best) best = apart, numerator = similarity;
        }
        const bool found = numerator.defined() && (!from.position.defined() || (best > 0 && best < options.max_distance));
        if (!found) continue;
        sum = sum - torch::log(numerator / denominator);
        ++pairs;
      }
    }
  return sum / std::max(pairs, 1);
}

TEST(MatchLoss, EqualsThePlainWayInValueAndGradient) {
  torch::manual_seed(8);
  MatchLossOptions options;
  options.points = 100;  // every patch
  options.max_distance = 0.4;
  options.temperature = 0.3;
  const MatchPatches photo = drawn_patches(6), views = drawn_patches(12);
  MatchPatches unknown = photo;
  unknown.position = unknown.surface = torch::Tensor();
  // Exact pairs of photo and views, pseudo-labels, and pairs of views, whose patches are no pairs of themselves.
  for (const MatchPatches& from : {photo, unknown, views}) {
    const torch::Tensor z = from.matching.detach().clone().requires_grad_(true),
                        keys = views.matching.detach().clone().requires_grad_(true);
    const MatchPatches own{z, from.position, from.surface}, seen{keys, views.position, views.surface};
    const torch::Tensor ours = match_loss(own, seen, 3, options, alone), plain = match_loss_plainly(own, seen, 3, options);
    EXPECT_GT(plain.item<double>(), 0.1);
    EXPECT_NEAR(ours.item<double>(), plain.item<double>(), 1e-5);
    const auto gradient = torch::autograd::grad({ours}, {z, keys}), expected = torch::autograd::grad({plain}, {z, keys});
    for (size_t i = 0; i < 2; ++i) EXPECT_TRUE(torch::allclose(gradient[i], expected[i], 1e-4, 1e-6)) << i;
  }
}

TEST(MatchLoss, GradientEqualsFiniteDifferences) {
  torch::manual_seed(9);
  MatchLossOptions options;
  options.points = 100;
  options.max_distance = 0.5;
  options.temperature = 0.5;
  const MatchPatches photo = drawn_patches(5), views = drawn_patches(8);
  const torch::Tensor z = photo.matching.clone().requires_grad_(true), keys = views.matching.clone().requires_grad_(true);
  const auto value = [&] {
    return match_loss({z, photo.position, photo.surface}, {keys, views.position, views.surface}, 2, options, alone);
  };
  expect_gradient_by_differences(value, {z, keys}, {0, 3, 11, 24, 41}, 1e-3);
}

TEST(MatchLoss, DrawsSoManyPatchesOfTheObject) {
  // One patch of ten shows the object: it is drawn, whatever the lot.
  torch::manual_seed(10);
  MatchPatches photo = drawn_patches(10);
  photo.surface = torch::zeros({2, 10}, torch::kBool);
  photo.surface.select(1, 7).fill_(true);
  const MatchPatches view = drawn_patches(10);
  MatchLossOptions options;
  options.points = 1;
  options.max_distance = 10;
  MatchLossOptions every = options;
  every.points = 10;
  const double all = match_loss(photo, view, 1, every, alone).item<double>();
  for (int draw = 0; draw < 5; ++draw) EXPECT_NEAR(match_loss(photo, view, 1, options, alone).item<double>(), all, 1e-6);
}

TEST(DetectionLoss, CountsOnlyWhatIsKnown) {
  Targets targets = empty_targets(2, 16);
  targets.anomalous[1] = 1;
  targets.has_change.fill_(true);
  const torch::Tensor zero = torch::zeros({2});
  EXPECT_NEAR(detection_loss({zero, {}, {}, {}}, targets, alone).total.item<double>(), std::log(2.0), 1e-6);
  // No photo has a known kind or box: those heads cost nothing.
  const StepLoss loss = detection_loss({zero, torch::zeros({2, 2, 2}), torch::randn({2, 5}), torch::rand({2, 4})}, targets, alone);
  EXPECT_NEAR(loss.total.item<double>(), 2 * std::log(2.0), 1e-6);
  EXPECT_EQ(loss.photos, 2);
}

TEST(DetectionLoss, WhatCoversThePieceIsToldByPatchesThatChanged) {
  Targets targets = empty_targets(2, 16);
  targets.anomalous[1] = 1;
  targets.has_change.fill_(true);
  targets.change[1][0][1] = targets.change[1][1][1] = targets.cover[1][0][1] = 1;
  torch::Tensor cover = torch::full({2, 2, 2}, -9.0f);
  const auto loss = [&] {
    DetectionHeads heads{.logit = torch::zeros({2}), .cover_logits = cover};
    return detection_loss(heads, targets, alone).total.item<double>() - std::log(2.0);
  };
  EXPECT_NEAR(loss(), 0.5 * 9 / 2, 1e-3);  // of the one photo's two patches that changed, one is wrong by 9
  cover[1][0][1] = 9;
  EXPECT_NEAR(loss(), 0, 1e-3);
  cover[0].fill_(9), cover[1][0][0] = 9;  // where nothing changed nothing is asked
  EXPECT_NEAR(loss(), 0, 1e-3);
  cover.zero_();
  cover.requires_grad_(true);
  const auto value = [&] {
    DetectionHeads heads{.logit = torch::zeros({2}), .cover_logits = cover};
    return detection_loss(heads, targets, alone).total;
  };
  expect_gradient_by_differences(value, {cover}, {5, 7}, 5e-3);
}

TEST(DetectionLoss, FromElsewhereOnlyTheCameraIsLearnt) {
  Targets targets = empty_targets(2, 16);
  targets.anomalous.fill_(1);
  targets.has_change.fill_(true);
  write_wrong_camera(1, targets);
  torch::Tensor logit = torch::zeros({2}), camera = torch::zeros({2}), patches = torch::zeros({2, 2, 2});
  const auto loss = [&] {
    DetectionHeads heads{.logit = logit, .patch_logits = patches, .camera_logit = camera};
    return detection_loss(heads, targets, alone).total.item<double>();
  };
  EXPECT_NEAR(loss(), 2 * std::log(2.0) + 0.5 * std::log(2.0), 1e-5);  // image and patches of the one photo, the camera of both
  logit[1] = 50, patches[1].fill_(50);
  EXPECT_NEAR(loss(), 2.5 * std::log(2.0), 1e-5);
  camera[0] = 50, camera[1] = -50;
  EXPECT_NEAR(loss(), 2 * std::log(2.0), 1e-5);
}

TEST(DetectionLoss, ThePartThatChangedIsLearntWhereItIsKnown) {
  Targets targets = empty_targets(2, 16);
  targets.anomalous[1] = 1;
  targets.has_change.fill_(true);
  targets.has_part[1] = true;
  targets.part_fine[1][3][2] = 1;
  torch::Tensor part = torch::full({2, 8, 8}, -9.0f);
  const auto loss = [&] {
    DetectionHeads heads{.logit = torch::zeros({2}), .part_logits = part};
    return detection_loss(heads, targets, alone).total;
  };
  EXPECT_NEAR(loss().item<double>() - std::log(2.0), 3 * 9 / 64.0, 1e-3);  // one cell of 64, of threefold weight
  part[1][3][2] = 9, part[0].fill_(9);
  EXPECT_NEAR(loss().item<double>() - std::log(2.0), 0, 1e-3);
  part.uniform_(-1, 1).requires_grad_(true);
  expect_gradient_by_differences(loss, {part}, {5, 90, 64 + 3 * 8 + 2}, 5e-3);
}

TEST(DetectionLoss, GeneralizedIouByHand) {
  const torch::Tensor a = torch::tensor({{0.25f, 0.5f, 0.5f, 1.0f}}), b = torch::tensor({{0.75f, 0.5f, 0.5f, 1.0f}});
  EXPECT_NEAR(generalized_iou_loss(a, a).item<double>(), 0, 1e-5);
  EXPECT_NEAR(generalized_iou_loss(a, b).item<double>(), 1, 1e-5);  // disjoint, touching: IoU 0, hull full
  const torch::Tensor far = torch::tensor({{0.125f, 0.5f, 0.25f, 1.0f}}), right = torch::tensor({{0.875f, 0.5f, 0.25f, 1.0f}});
  EXPECT_NEAR(generalized_iou_loss(far, right).item<double>(), 1.5, 1e-5);  // half of the hull is empty
}

TEST(DetectionLoss, GradientEqualsFiniteDifferences) {
  torch::manual_seed(6);
  Targets targets = empty_targets(3, 16);
  targets.anomalous[1] = targets.anomalous[2] = 1;
  targets.kind[1] = 3;
  targets.has_box[1] = targets.has_box[2] = true;
  targets.box = torch::tensor({{0.5f, 0.5f, 1.0f, 1.0f}, {0.3f, 0.6f, 0.2f, 0.3f}, {0.7f, 0.5f, 0.4f, 0.2f}});
  targets.has_change.fill_(true);
  targets.change[1][0][1] = 1;
  const torch::Tensor logit = torch::randn({3}), patches = torch::randn({3, 2, 2}), kinds = torch::randn({3, 5});
  // Far enough from the corners of the true boxes that no step crosses a kink.
  const torch::Tensor box = torch::tensor({{0.4f, 0.4f, 0.3f, 0.3f}, {0.35f, 0.5f, 0.33f, 0.4f}, {0.2f, 0.2f, 0.1f, 0.15f}});
  const torch::Tensor votes = box.view({3, 4, 1, 1}).repeat({1, 1, 2, 2});
  const std::vector<torch::Tensor> inputs = {logit, patches, kinds, box, votes};
  for (torch::Tensor input : inputs) input.requires_grad_(true);
  const auto value = [&] { return detection_loss({logit, patches, kinds, box, {}, votes}, targets, alone, 1).total; };
  expect_gradient_by_differences(value, {logit}, {0, 1, 2}, 1e-3);
  expect_gradient_by_differences(value, {patches, kinds, box}, {0, 4, 5, 6, 7, 8, 9, 10, 11}, 5e-3);
  expect_gradient_by_differences(value, {votes}, {17, 21, 25, 29}, 5e-3);  // of photo 1's one changed patch
}

TEST(DetectionLoss, OnlyPatchesThatChangedVoteForTheBox) {
  Targets targets = empty_targets(2, 16);
  targets.anomalous[1] = 1;
  targets.has_box[1] = true;
  targets.box[1] = torch::tensor({0.3f, 0.6f, 0.2f, 0.3f});
  targets.has_change.fill_(true);
  targets.change[1][0][0] = targets.change[1][1][0] = 1;
  torch::Tensor votes = torch::rand({2, 4, 2, 2});
  for (int y = 0; y < 2; ++y) votes[1].select(2, 0).select(1, y).copy_(targets.box[1]);
  const auto loss = [&] { return detection_loss({torch::zeros({2}), {}, {}, {}, {}, votes}, targets, alone, 1).total.item<double>(); };
  EXPECT_NEAR(loss(), std::log(2.0), 1e-5);
  votes[1][0][1][0] += 0.1;  // one of two is off by 0.1 in x, half its width: IoU 1/3, a full hull
  EXPECT_NEAR(loss() - std::log(2.0), (5 * 0.1 + 2 * (1 - 1.0 / 3)) / 2, 1e-5);
}

TEST(Calibration, RecoversScaleAndBias) {
  // Labels drawn exactly in proportion: at logit x, a share sigmoid(2 x - 1) is anomalous.
  std::vector<double> logits;
  std::vector<bool> anomalous;
  for (int bin = -20; bin <= 20; ++bin) {
    const double x = bin / 10.0, share = Calibration{2, -1}.probability(x);
    for (int i = 0; i < 500; ++i) {
      logits.push_back(x);
      anomalous.push_back(i < std::lround(500 * share));
    }
  }
  const Calibration fitted = fit_calibration(logits, anomalous);
  EXPECT_NEAR(fitted.scale, 2, 0.02);
  EXPECT_NEAR(fitted.bias, -1, 0.02);
}

TEST(Calibration, HoldsFarFromItsStart) {
  // Logits far too sure of themselves: undamped Newton steps would run away.
  Rng rng(1);
  std::vector<double> logits;
  std::vector<bool> anomalous;
  for (int i = 0; i < 600; ++i) {
    anomalous.push_back(i % 2 == 0);
    logits.push_back((i % 2 == 0 ? 5 : -5) + 5 * rng.normal());
  }
  const Calibration fitted = fit_calibration(logits, anomalous);
  EXPECT_NEAR(fitted.scale, 0.4, 0.1);  // 2 mean / variance = 0.4 for two normal distributions
  EXPECT_NEAR(fitted.bias, 0, 0.3);
}

TEST(Calibration, KeepsWhatNormalPhotosScore) {
  const Calibration few = fit_calibration({2, -1, 0.5, 3, -2}, {true, false, false, true, false});
  EXPECT_EQ(few.normal_logits, (std::vector<double>{-2, -1, 0.5}));
  // Of many, quantiles evenly spread: thresholds stay what they were.
  std::vector<double> logits;
  for (int i = 0; i < 4000; ++i) logits.push_back(i * 0.001);
  Rng(2).shuffle(logits);
  const Calibration many = fit_calibration(logits, std::vector<bool>(logits.size(), false));
  ASSERT_EQ(many.normal_logits.size(), kMostNormalLogits);
  EXPECT_TRUE(std::is_sorted(many.normal_logits.begin(), many.normal_logits.end()));
  for (const double share : {0.01, 0.1, 0.5}) {
    const double logit = std::log(many.threshold_at(share) / (1 - many.threshold_at(share)));
    EXPECT_NEAR((logit - many.bias) / many.scale, 4 * (1 - share), 0.003) << share;
  }
}

TEST(Kinds, HaveTheSameNamesInEngineAndDataSet) {
  ASSERT_EQ(std::size(kAllAnomalyKinds), static_cast<size_t>(kKinds));
  for (int i = 0; i < kKinds; ++i) EXPECT_EQ(name_of(kAllAnomalyKinds[i]), kKindNames[i]);
}

}  // namespace
}  // namespace looking3d
