#include <gtest/gtest.h>

#include <cmath>

#include "anomalies/anomaly.h"
#include "base/random.h"
#include "engine/detector.h"
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

TEST(DetectionLoss, GeneralizedIouByHand) {
  const torch::Tensor a = torch::tensor({{0.25f, 0.5f, 0.5f, 1.0f}}), b = torch::tensor({{0.75f, 0.5f, 0.5f, 1.0f}});
  EXPECT_NEAR(generalized_iou_loss(a, a).item<double>(), 0, 1e-5);
  EXPECT_NEAR(generalized_iou_loss(a, b).item<double>(), 1, 1e-5);  // disjoint, touching: IoU 0, hull full
  const torch::Tensor far = torch::tensor({{0.125f, 0.5f, 0.25f, 1.0f}}), right = torch::tensor({{0.875f, 0.5f, 0.25f, 1.0f}});
  EXPECT_NEAR(generalized_iou_loss(far, right).item<double>(), 1.5, 1e-5);  // half of the hull is empty
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

TEST(Kinds, HaveTheSameNamesInEngineAndDataSet) {
  ASSERT_EQ(std::size(kAllAnomalyKinds), static_cast<size_t>(kKinds));
  for (int i = 0; i < kKinds; ++i) EXPECT_EQ(name_of(kAllAnomalyKinds[i]), kKindNames[i]);
}

}  // namespace
}  // namespace looking3d
