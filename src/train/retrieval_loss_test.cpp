#include "train/retrieval_loss.h"

#include <gtest/gtest.h>

#include <cmath>

namespace looking3d {
namespace {

using torch::Tensor;

/// Three groups of two photos: shapes 7, 8, 7 (the third group repeats the first shape); families 1, 2, 1. Photos 1 and 3 are anomalous.
BatchPairs three_groups() {
  Targets targets = empty_targets(6, 32);
  targets.shape = torch::tensor({7, 7, 8, 8, 7, 7}, torch::kLong);
  targets.family = torch::tensor({1, 1, 2, 2, 1, 1}, torch::kLong);
  targets.anomalous = torch::tensor({0.f, 1.f, 0.f, 1.f, 0.f, 0.f});
  return batch_pairs(targets, 3);
}

/// Any six photos against three shapes.
Tensor table() {
  return torch::tensor({{0.2, 0.5, 0.3}, {0.3, 0.9, 0.1}, {0.8, 0.6, 0.7}, {0.4, 0.5, 0.6}, {0.9, 0.4, 0.5}, {0.1, 0.2, 0.3}},
                       torch::kDouble);
}

/// The gradient of a scalar function of a table against differences.
void expect_gradient(const std::function<Tensor(const Tensor&)>& loss, const Tensor& at) {
  const Tensor x = at.clone().requires_grad_(true);
  loss(x).backward();
  constexpr double kStep = 1e-5;
  for (int64_t i = 0; i < at.numel(); ++i) {
    Tensor up = at.clone(), down = at.clone();
    up.view(-1)[i] += kStep;
    down.view(-1)[i] -= kStep;
    const double slope = (loss(up).item<double>() - loss(down).item<double>()) / (2 * kStep);
    EXPECT_NEAR(x.grad().view(-1)[i].item<double>(), slope, 1e-6) << i;
  }
}

TEST(BatchPairs, RepeatedShapesAreKnown) {
  const BatchPairs pairs = three_groups();
  EXPECT_TRUE(torch::equal(pairs.own, torch::tensor({0, 0, 1, 1, 2, 2}, torch::kLong)));
  EXPECT_TRUE(torch::equal(pairs.same_shape[0], torch::tensor({true, false, true})));
  EXPECT_TRUE(torch::equal(pairs.same_family[2], torch::tensor({false, true, false})));
  Targets unknown = empty_targets(2, 32);
  unknown.shape = torch::tensor({3, 4}, torch::kLong);
  EXPECT_FALSE(batch_pairs(unknown, 2).same_family.any().item<bool>());
}

TEST(TripletLoss, ByHand) {
  // Normal photos 0, 2, 4, 5 with margin 0.2: own - nearest other shape is 0.2 - 0.5, 0.6 - 0.7, 0.5 - 0.4, 0.3 - 0.2.
  const double shapes = (0.0 + 0.1 + 0.3 + 0.3) / 4;
  // Pairs in a group: photos 0 and 1, own distances 0.2 and 0.3; photos 2 and 3, 0.6 and 0.5.
  const double damage = (0.1 + 0.3) / 2;
  EXPECT_NEAR(triplet_loss(table(), three_groups(), 0.2).item<double>(), shapes + damage, 1e-9);
  expect_gradient([](const Tensor& x) { return triplet_loss(x, three_groups(), 0.25); }, table());
}

TEST(InstanceLoss, ByHand) {
  const auto share = [](double own, std::initializer_list<double> others) {
    double sum = std::exp(own / 0.5);
    for (const double other : others) sum += std::exp(other / 0.5);
    return -std::log(std::exp(own / 0.5) / sum);
  };
  // Each normal photo's shape among the shapes, then the photo among all others that are not normal ones of its shape.
  const double photo0 = share(0.2, {0.5}) + share(0.2, {0.3, 0.8, 0.4});
  const double photo2 = share(0.6, {0.8, 0.7}) + share(0.6, {0.5, 0.9, 0.5, 0.4, 0.2});
  const double photo4 = share(0.5, {0.4}) + share(0.5, {0.1, 0.7, 0.6});
  const double photo5 = share(0.3, {0.2}) + share(0.3, {0.1, 0.7, 0.6});
  EXPECT_NEAR(instance_loss(table(), three_groups(), 0.5).item<double>(), (photo0 + photo2 + photo4 + photo5) / 8, 1e-9);
  expect_gradient([](const Tensor& x) { return instance_loss(x, three_groups(), 0.5); }, table());
}

TEST(CategoryLoss, ByHand) {
  const auto e = [](double x) { return std::exp(x / 0.5); };
  const Tensor rows = table();
  double sum = 0;
  for (int b = 0; b < 6; ++b) {
    const double a = e(rows[b][0].item<double>()), m = e(rows[b][1].item<double>()), c = e(rows[b][2].item<double>());
    sum -= std::log((b == 2 || b == 3 ? m : a + c) / (a + m + c));
  }
  EXPECT_NEAR(category_loss(rows, three_groups(), 0.5).item<double>(), sum / 6, 1e-9);
  expect_gradient([](const Tensor& x) { return category_loss(x, three_groups(), 0.5); }, table());
  // One family: nothing to tell apart. None known: nothing counts.
  BatchPairs one = three_groups();
  one.same_family.fill_(true);
  EXPECT_NEAR(category_loss(rows, one, 0.5).item<double>(), 0, 1e-9);
  one.same_family.fill_(false);
  EXPECT_EQ(category_loss(rows, one, 0.5).item<double>(), 0);
}

TEST(LocationLoss, CountsKnownPatchesOfTheObject) {
  // Four patches: one of the object, one beside it, one whose truth is unknown, one more of the object.
  const Tensor surface = torch::tensor({true, false, true, true}).view({1, 1, 4}),
               known = torch::tensor({true, true, false, true}).view({1, 1, 4});
  const Tensor truth = torch::zeros({1, 1, 4, 3}, torch::kDouble);
  const Tensor position = torch::tensor({{0.3, 0., 0.}, {9., 9., 9.}, {9., 9., 9.}, {0.1, 0.1, -0.4}}, torch::kDouble).view({1, 1, 4, 3});
  const Tensor logit = torch::tensor({0., 1., 50., 2.}, torch::kDouble).view({1, 1, 4});
  const double places = (0.1 + 0.2) / 2, seen = (std::log(2) + std::log1p(std::exp(1)) + std::log1p(std::exp(-2))) / 3;
  EXPECT_NEAR(location_loss({position, logit}, {truth, surface, known}).item<double>(), places + seen, 1e-9);
  expect_gradient([&](const Tensor& x) { return location_loss({x, logit}, {truth, surface, known}); }, position + 0.01);
  expect_gradient([&](const Tensor& x) { return location_loss({position, x}, {truth, surface, known}); }, logit);
}

}  // namespace
}  // namespace looking3d
