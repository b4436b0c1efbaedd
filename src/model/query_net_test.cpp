#include "model/query_net.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace looking3d {
namespace {

QueryOptions small(const std::string& network) {
  QueryOptions options;
  options.network = network;
  options.width = 8, options.channels = 16;
  options.vit_channels = 24, options.vit_blocks = 2, options.vit_heads = 3;
  return options;
}

class QueryNetTest : public testing::TestWithParam<const char*> {};

TEST_P(QueryNetTest, EachPhotoIsJudgedByItself) {
  torch::manual_seed(1);
  QueryNet network(small(GetParam()));
  network->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor photos = torch::randn({3, 3, 64, 96});
  const QueryOutput all = network->forward(photos), one = network->forward(photos.slice(0, 1, 2));
  ASSERT_EQ(all.logit.sizes(), torch::IntArrayRef({3}));
  ASSERT_EQ(all.box.sizes(), torch::IntArrayRef({3, 4}));
  EXPECT_NEAR(all.logit[1].item<float>(), one.logit[0].item<float>(), 1e-5);
  EXPECT_TRUE(torch::allclose(all.box[1], one.box[0], 1e-5, 1e-5));
  EXPECT_TRUE(((all.box >= 0) & (all.box <= 1)).all().item<bool>());
}

TEST(QueryNetPositions, WhereThingsAreMatters) {
  for (const char* name : {"resnet-attention", "vit"}) {
    torch::manual_seed(2);
    QueryNet network(small(name));
    network->eval();
    const torch::NoGradGuard no_grad;
    torch::Tensor photo = torch::zeros({1, 3, 64, 64});
    photo.slice(2, 0, 32).fill_(1);
    EXPECT_GT((network->forward(photo).logit - network->forward(photo.flip({2})).logit).abs().item<float>(), 1e-6) << name;
  }
}

TEST_P(QueryNetTest, EveryWeightLearns) {
  torch::manual_seed(3);
  QueryNet network(small(GetParam()));
  const QueryOutput out = network->forward(torch::randn({2, 3, 64, 64}));
  (out.logit.square().sum() + out.box.square().sum()).backward();
  for (const auto& item : network->named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_GT(item.value().grad().abs().sum().item<float>(), 0) << item.key();
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, QueryNetTest, testing::Values("resnet", "resnet-attention", "vit"), [](const auto& info) {
  return info.index == 0 ? "resnet" : info.index == 1 ? "resnet_attention" : "vit";
});

TEST(QueryOptions, UnknownNetworkIsNamed) {
  EXPECT_THROW(QueryNet(small("mlp")), InputError);
}

}  // namespace
}  // namespace looking3d
