#include "train/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "train/learning_rate.h"

namespace looking3d {
namespace {

/// No bias before the norm: its gradient is rounding error alone, which Adam would blow up.
torch::nn::Sequential small_network() {
  torch::manual_seed(3);
  return torch::nn::Sequential(torch::nn::Linear(torch::nn::LinearOptions(4, 5).bias(false)), torch::nn::BatchNorm1d(5), torch::nn::ReLU(),
                               torch::nn::Linear(5, 1));
}

void backward(torch::nn::Sequential& network, int step) {
  torch::manual_seed(100 + step);
  network->forward(torch::randn({8, 4})).pow(2).mean().backward();
}

std::vector<torch::Tensor> copies(const torch::nn::Module& network) {
  std::vector<torch::Tensor> result;
  for (const auto& p : network.parameters()) result.push_back(p.detach().clone());
  return result;
}

TEST(Optimizer, EqualsLibTorchsAdamW) {
  auto ours = small_network(), theirs = small_network();
  Optimizer optimizer(*ours, {.weight_decay = 0.0});
  torch::optim::AdamW reference(theirs->parameters(), torch::optim::AdamWOptions(1e-2).weight_decay(0));
  for (int step = 0; step < 8; ++step) {
    backward(ours, step);
    optimizer.step(1e-2);
    reference.zero_grad();
    backward(theirs, step);
    reference.step();
  }
  for (size_t i = 0; i < ours->parameters().size(); ++i) {
    EXPECT_TRUE(torch::allclose(ours->parameters()[i], theirs->parameters()[i], 1e-5, 1e-7)) << i;
  }
}

TEST(Optimizer, OnOtherDevicesItIsTheSame) {
  const OptimizerOptions options{.weight_decay = 0.1, .clip = 0.05, .ema = 0.9};
  OptimizerOptions by_operations = options;
  by_operations.one_pass = false;
  auto fast = small_network(), plain = small_network();
  Optimizer ours(*fast, options), theirs(*plain, by_operations);
  for (int step = 0; step < 8; ++step) {
    backward(fast, step);
    backward(plain, step);
    EXPECT_NEAR(ours.step(1e-2), theirs.step(1e-2), 1e-5);
  }
  const NamedTensors fast_state = ours.state(), plain_state = theirs.state();
  ASSERT_EQ(fast_state.size(), plain_state.size());
  for (size_t i = 0; i < fast_state.size(); ++i)
    EXPECT_TRUE(torch::allclose(fast_state[i].second, plain_state[i].second, 1e-5, 1e-7)) << fast_state[i].first;
  for (size_t i = 0; i < fast->parameters().size(); ++i)
    EXPECT_TRUE(torch::allclose(fast->parameters()[i], plain->parameters()[i], 1e-5, 1e-7)) << i;
}

TEST(Optimizer, DecaysMatricesOnly) {
  auto network = small_network();
  const std::vector<torch::Tensor> before = copies(*network);
  Optimizer optimizer(*network, {.weight_decay = 0.5});
  for (auto& p : network->parameters()) p.mutable_grad() = torch::zeros_like(p);
  optimizer.step(0.1);
  for (size_t i = 0; i < before.size(); ++i) {
    const torch::Tensor expected = before[i].dim() >= 2 ? before[i] * (1 - 0.1 * 0.5) : before[i];
    EXPECT_TRUE(torch::allclose(network->parameters()[i], expected)) << i;
  }
}

TEST(Optimizer, ClipsByTheNormOfAll) {
  // The first update of Adam is the sign of the gradient whatever its size, so look at the second moment.
  auto network = small_network();
  Optimizer optimizer(*network, {.clip = 1.0});
  for (auto& p : network->parameters()) p.mutable_grad() = torch::full_like(p, 3.0);
  int64_t count = 0;
  for (const auto& p : network->parameters()) count += p.numel();
  const double norm = optimizer.step(0.1);
  EXPECT_NEAR(norm, 3 * std::sqrt(static_cast<double>(count)), 1e-4);
  double sum = 0;
  for (const auto& [name, tensor] : optimizer.state())
    if (name.starts_with("square.")) sum += tensor.sum().item<double>() / (1 - 0.999);
  EXPECT_NEAR(sum, 1, 1e-4);
}

TEST(Optimizer, SkipsWhatIsNotFinite) {
  auto network = small_network();
  const std::vector<torch::Tensor> before = copies(*network);
  Optimizer optimizer(*network, {.ema = 0.9});
  for (auto& p : network->parameters()) p.mutable_grad() = torch::full_like(p, NAN);
  EXPECT_FALSE(std::isfinite(optimizer.step(0.1)));
  for (size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(torch::equal(network->parameters()[i], before[i]));
}

TEST(Optimizer, RestoredStateGoesOnExactly) {
  auto whole = small_network(), halves = small_network();
  const OptimizerOptions options{.weight_decay = 0.01, .clip = 1, .ema = 0.9};
  Optimizer optimizer(*whole, options), first(*halves, options);
  for (int step = 0; step < 3; ++step) {
    backward(whole, step), optimizer.step(1e-2);
    backward(halves, step), first.step(1e-2);
  }
  NamedTensors state;
  for (const auto& [name, tensor] : first.state()) state.emplace_back(name, tensor.clone());
  Optimizer second(*halves, options);
  second.restore(state, "state");
  for (int step = 3; step < 6; ++step) {
    backward(whole, step), optimizer.step(1e-2);
    backward(halves, step), second.step(1e-2);
  }
  optimizer.swap_average();
  second.swap_average();
  for (size_t i = 0; i < whole->parameters().size(); ++i) EXPECT_TRUE(torch::equal(whole->parameters()[i], halves->parameters()[i]));
  for (size_t i = 0; i < whole->buffers().size(); ++i) EXPECT_TRUE(torch::equal(whole->buffers()[i], halves->buffers()[i]));
}

TEST(Optimizer, SwappingTwiceIsNothing) {
  auto network = small_network();
  Optimizer optimizer(*network, {.ema = 0.5});
  backward(network, 0);
  optimizer.step(0.1);
  const std::vector<torch::Tensor> weights = copies(*network);
  optimizer.swap_average();
  EXPECT_FALSE(torch::equal(network->parameters()[0], weights[0]));
  optimizer.swap_average();
  EXPECT_TRUE(torch::equal(network->parameters()[0], weights[0]));
}

TEST(LearningRate, RisesHoldsFalls) {
  const auto rate = [](int64_t step) { return learning_rate_at(step, 1000, 2.0, 10, 0.5); };
  EXPECT_DOUBLE_EQ(rate(0), 0.2);
  EXPECT_DOUBLE_EQ(rate(9), 2.0);
  EXPECT_DOUBLE_EQ(rate(500), 2.0);
  EXPECT_DOUBLE_EQ(rate(750), 1.0);
  EXPECT_DOUBLE_EQ(rate(1000), 0.0);
  EXPECT_DOUBLE_EQ(learning_rate_at(900, 1000, 2.0, 0, 1), 2.0);
  EXPECT_DOUBLE_EQ(learning_rate_at(900, 0, 2.0, 0, 0.5), 2.0);
}

TEST(LearningRate, StepsFillTheTime) {
  EXPECT_EQ(steps_for_budget(100, 20, 60, 0.5), 0);
  EXPECT_EQ(steps_for_budget(100, 30, 60, 0.5), 200);
  EXPECT_EQ(steps_for_budget(100, 54, 60, 1), 111);
  // The rate is still at its peak when the length becomes known.
  EXPECT_DOUBLE_EQ(learning_rate_at(100, 200, 1, 0, 0.5), 1);
}

}  // namespace
}  // namespace looking3d
