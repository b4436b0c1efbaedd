#include "model/inference.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/align_net.h"

namespace looking3d {
namespace {

/// A network whose norms have seen something, so that folding them has something to do.
AlignNet seasoned_network(CompareOptions compare) {
  compare.width = 16, compare.channels = 32;
  AlignNet network(AlignNetOptions{compare, {}, false});
  for (const auto& module : network->modules()) {
    auto* norm = module->as<BatchNormImpl>();
    if (norm == nullptr) continue;
    norm->running_mean.normal_(0, 0.2);
    norm->running_var.uniform_(0.5, 2);
    norm->weight.data().uniform_(0.5, 1.5);
    norm->bias.data().normal_(0, 0.2);
  }
  network->eval();
  return network;
}

double apart(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs().max() / (a.abs().max() + 1e-6)).item<double>();
}

void expect_near(const CompareOptions& options, bool half_width, double tolerance) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(5);
  AlignNet network = seasoned_network(options);
  const int side = 64 * options.detail;
  const torch::Tensor photo = torch::rand({2, 3, side, side}), rendered = torch::rand({2, kReferenceChannels, side, side});
  const CompareOutput plain = network->compare->forward(photo, rendered);
  const torch::Tensor mask = network->mask->forward(photo);
  prepare_for_inference(*network, half_width);
  const CompareOutput fast = network->compare->forward(photo, rendered);
  EXPECT_EQ(fast.logit.scalar_type(), torch::kFloat);
  EXPECT_LT(apart(plain.logit, fast.logit), tolerance);
  EXPECT_LT(apart(plain.heat_logits(), fast.heat_logits()), tolerance);
  EXPECT_LT(apart(plain.kind_logits, fast.kind_logits), tolerance);
  EXPECT_LT(apart(mask, network->mask->forward(photo)), tolerance);
}

TEST(PrepareForInference, FoldedNormsChangeNothing) {
  expect_near(CompareOptions::current(), false, 1e-4);
  CompareOptions late;
  late.fusion = "late";
  expect_near(late, false, 1e-4);
}

TEST(PrepareForInference, HalfWidthStaysNear) {
  expect_near(CompareOptions::current(), true, 0.1);
  CompareOptions late;
  late.fusion = "late";
  expect_near(late, true, 0.1);
}

TEST(PrepareForInference, LeavesNoNormToCompute) {
  const torch::NoGradGuard no_grad;
  AlignNet network = seasoned_network(CompareOptions::current());
  prepare_for_inference(*network, false);
  // A norm that still counted would notice its statistics gone.
  for (const auto& module : network->modules())
    if (auto* norm = module->as<BatchNormImpl>()) norm->running_var.fill_(std::nan(""));
  const torch::Tensor photo = torch::rand({1, 3, 64, 64});
  EXPECT_TRUE(network->mask->forward(photo).isfinite().all().item<bool>());
}

}  // namespace
}  // namespace looking3d
