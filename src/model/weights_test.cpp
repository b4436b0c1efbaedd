#include "model/weights.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"

namespace looking3d {
namespace {

Path scratch() {
  return Path(testing::TempDir()) / "l3d_weights_test.safetensors";
}

NamedTensors some_tensors() {
  return {{"a.weight", torch::randn({3, 4})},
          {"steps", torch::tensor({7}, torch::kLong)},
          {"flags", torch::tensor({true, false})},
          {"empty", torch::zeros({0, 5})}};
}

TEST(Weights, ReadWhatWasWritten) {
  const NamedTensors tensors = some_tensors();
  write_tensors(scratch(), tensors, {{"format", "x"}, {"network", {{"width", 3}}}});
  const TensorFile file = read_tensors(scratch());
  EXPECT_EQ(file.metadata["format"], "x");
  EXPECT_EQ(file.metadata["network"]["width"], 3);
  ASSERT_EQ(file.tensors.size(), tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    EXPECT_EQ(file.tensors[i].first, tensors[i].first);
    EXPECT_TRUE(torch::equal(file.tensors[i].second, tensors[i].second));
  }
}

TEST(Weights, HostileFilesAreRefusedOrReadButNeverCrash) {
  write_tensors(scratch(), some_tensors(), {{"format", "x"}});
  const std::string whole = read_file(scratch());
  Rng rng(3);
  int refused = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::string bytes = whole;
    if (trial % 2 == 0) bytes.resize(rng.index(whole.size()));
    if (trial % 2 == 1) bytes[rng.index(whole.size())] = static_cast<char>(rng.next_u32());
    write_file_atomic(scratch(), bytes);
    try {
      read_tensors(scratch());
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GE(refused, 200);  // every file that is cut short
}

TEST(Weights, StateIsCheckedByNameAndShape) {
  torch::nn::Linear layer(3, 2), other(3, 2);
  load_state(*other, state_of(*layer), "", "memory");
  EXPECT_TRUE(torch::equal(layer->weight, other->weight));
  torch::nn::Linear wider(4, 2);
  EXPECT_THROW(load_state(*wider, state_of(*layer), "", "memory"), InputError);
  EXPECT_THROW(load_state(*other, state_of(*layer), "prefix.", "memory"), InputError);
}

}  // namespace
}  // namespace looking3d
