#include <gtest/gtest.h>

#include <cmath>

#include "model/lfd_net.h"
#include "model/lin_net.h"
#include "model/viewpoint_net.h"

namespace looking3d {
namespace {

using torch::Tensor;

LfdNet small_lfd() {
  torch::manual_seed(1);
  LfdNet network(LfdOptions{4, 8, 4, 6});
  return network;
}

LinNet small_lin() {
  torch::manual_seed(2);
  LinNet network(LinOptions{4, 6});
  return network;
}

void expect_all_learn(const torch::nn::Module& network) {
  for (const auto& item : network.named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_GT(item.value().grad().abs().sum().item<float>(), 0) << item.key();
  }
}

TEST(ResNet18, HasTheSizeOfThePaper) {
  int64_t weights = 0;
  for (const Tensor& parameter : ResNet18(64)->parameters()) weights += parameter.numel();
  EXPECT_EQ(weights, 11689512 - 513000);  // as published, less its layer of 1000 classes
}

TEST(LfdNet, FieldsHaveAPlaceForEachPatch) {
  LfdNet network = small_lfd();
  network->eval();
  const torch::NoGradGuard no_grad;
  const Tensor pictures = torch::randn({3, 3, 64, 96});
  const LocationField all = network->locate(pictures), one = network->locate(pictures.slice(0, 1, 2));
  ASSERT_EQ(all.position.sizes(), torch::IntArrayRef({3, 8, 12, 3}));
  ASSERT_EQ(all.surface_logit.sizes(), torch::IntArrayRef({3, 8, 12}));
  EXPECT_TRUE(torch::allclose(all.position[1], one.position[0], 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(all.surface_logit[1], one.surface_logit[0], 1e-4, 1e-5));
}

TEST(LfdNet, DescriptorsReadOnlyTheObject) {
  LfdNet network = small_lfd();
  network->eval();
  const torch::NoGradGuard no_grad;
  const Tensor position = torch::randn({2, 8, 8, 3});
  Tensor surface = torch::zeros({2, 8, 8});
  surface.slice(1, 2, 6).fill_(1);
  const Tensor descriptor = network->describe(position, surface);
  ASSERT_EQ(descriptor.sizes(), torch::IntArrayRef({2, 6}));
  EXPECT_TRUE(torch::allclose(descriptor.norm(2, 1), torch::ones({2})));
  const Tensor hidden = position + 5 * (1 - surface).unsqueeze(3);
  EXPECT_TRUE(torch::equal(network->describe(hidden, surface), descriptor));
  EXPECT_FALSE(torch::allclose(network->describe(position + 0.5 * surface.unsqueeze(3), surface), descriptor));
}

TEST(LfdNet, NearestViewIsTheBestOfAll) {
  torch::manual_seed(3);
  const Tensor photos = torch::randn({3, 5}), views = torch::randn({2, 4, 5});
  const Tensor similarity = nearest_view_similarity(photos, views);
  for (int b = 0; b < 3; ++b) {
    for (int g = 0; g < 2; ++g) {
      float best = -1e9f;
      for (int n = 0; n < 4; ++n) best = std::max(best, photos[b].dot(views[g][n]).item<float>());
      EXPECT_NEAR(similarity[b][g].item<float>(), best, 1e-5);
    }
  }
}

TEST(LfdNet, DistancesAreEuclidean) {
  torch::manual_seed(5);
  const auto unit = [](const Tensor& x) { return x / x.norm(); };
  const Tensor a = unit(torch::randn({6})), b = unit(torch::randn({6}));
  EXPECT_NEAR(unit_distance(a.dot(b)).item<double>(), (a - b).norm().item<double>(), 1e-5);
}

TEST(LfdNet, EveryWeightLearns) {
  LfdNet network = small_lfd();
  const LocationField field = network->locate(torch::randn({4, 3, 64, 64}));
  const Tensor photos = network->describe(field.position, torch::sigmoid(field.surface_logit));
  photos.slice(1, 0, 1).sum().backward();
  expect_all_learn(*network);
}

TEST(LinNet, ShapesAreAttendedMeansOfTheirViews) {
  LinNet network = small_lin();
  network->eval();
  const torch::NoGradGuard no_grad;
  const int photos = 2, groups = 3, views = 4, c = 6;
  const Tensor photo = network->embed_photos(torch::randn({photos, 3, 64, 64}));
  const Tensor view = network->embed_views(torch::randn({groups * views, 3, 64, 64})).view({groups, views, c});
  EXPECT_TRUE(torch::allclose(photo.norm(2, 1), torch::ones({photos})));
  const Tensor similarity = network->similarity(photo, view);
  ASSERT_EQ(similarity.sizes(), torch::IntArrayRef({photos, groups}));

  const auto weights = network->named_parameters();
  for (int b = 0; b < photos; ++b) {
    const Tensor query = weights["query.weight"].mv(photo[b]) + weights["query.bias"];
    for (int g = 0; g < groups; ++g) {
      Tensor shape = torch::zeros({c});
      double sum = 0;
      for (int n = 0; n < views; ++n) {
        const Tensor key = weights["key.weight"].mv(view[g][n]) + weights["key.bias"];
        const double weight = std::exp(query.dot(key).item<double>() / std::sqrt(c));
        shape += weight * view[g][n];
        sum += weight;
      }
      shape /= sum;
      EXPECT_NEAR(similarity[b][g].item<double>(), photo[b].dot(shape / shape.norm()).item<double>(), 1e-5);
    }
  }
  // The order of the views says nothing.
  EXPECT_TRUE(torch::allclose(network->similarity(photo, view.flip({1})), similarity, 1e-5, 1e-6));
}

TEST(LinNet, EveryWeightLearns) {
  LinNet network = small_lin();
  const Tensor views = network->embed_views(torch::randn({6, 3, 64, 64})).view({2, 3, 6});
  network->similarity(network->embed_photos(torch::randn({2, 3, 64, 64})), views).square().sum().backward();
  // A bias of the keys shifts all logits of a softmax alike.
  for (const auto& item : network->named_parameters()) {
    if (item.key() != "key.bias") {
      EXPECT_GT(item.value().grad().abs().sum().item<float>(), 0) << item.key();
    }
  }
}

TEST(ViewpointNet, HasALogitForEachViewAndLearns) {
  torch::manual_seed(4);
  ViewpointNet network(ViewpointOptions{4, 20});
  const Tensor logits = network->forward(torch::randn({3, 3, 64, 64}));
  ASSERT_EQ(logits.sizes(), torch::IntArrayRef({3, 20}));
  logits.square().sum().backward();
  expect_all_learn(*network);
}

}  // namespace
}  // namespace looking3d
