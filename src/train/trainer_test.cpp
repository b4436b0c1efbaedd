// What a training leaves behind: the best weights, not the last; a log; and nothing when its numbers stop being numbers.
#include "train/trainer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/error.h"
#include "base/parallel.h"
#include "dataset/tiny_data_set.h"
#include "model/query_net.h"
#include "model/weights.h"

namespace looking3d {
namespace {

class TrainerTest : public testing::Test {
 protected:
  TrainerTest() : folder(std::filesystem::temp_directory_path() / ("l3d_trainer_test_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder);
    set_thread_count(1);  // tests run side by side
    options.data = tiny_data_set().string();
    options.out = (folder / "run").string();
    options.method = "query-only";
    options.size = kTinySize;
    options.photos = 4;
    options.bf16 = "off";
    options.warmup = 0;
  }
  ~TrainerTest() override {
    set_thread_count(0);
    std::filesystem::remove_all(folder);
  }

  const Path folder;
  TrainOptions options;
};

TEST_F(TrainerTest, TheBestWeightsAreKept) {
  options.steps = 8, options.val_every = 1, options.val_photos = 12, options.learning_rate = 3e-3;
  Trainer trainer(options);
  trainer.run();
  int64_t best_step = 0, validations = 0;
  double best = -1;
  std::ifstream log(folder / "run/log.jsonl");
  for (std::string line; std::getline(log, line);) {
    const Json entry = Json::parse(line);
    if (!entry.contains("val_auc")) continue;
    ++validations;
    if (entry["val_auc"] >= best) best = entry["val_auc"], best_step = entry["step"];
  }
  EXPECT_EQ(validations, 8);
  EXPECT_EQ(trainer.state().best, best);
  EXPECT_EQ(trainer.state().step, 8);
  const Json trained = read_tensors(folder / "run/weights.safetensors").metadata["trained"];
  EXPECT_EQ(trained["steps"], best_step);
  EXPECT_EQ(trained["val_auc"], best);
  int64_t events = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "run"))
    events += entry.path().filename().string().starts_with("events.out.tfevents.");
  EXPECT_EQ(events, 1);
}

TEST_F(TrainerTest, StopsWhenLossesAreNoLongerNumbers) {
  QueryNet spoilt;
  {
    const torch::NoGradGuard no_grad;
    for (torch::Tensor weight : spoilt->parameters()) weight.fill_(std::numeric_limits<float>::quiet_NaN());
  }
  write_tensors(folder / "spoilt.safetensors", state_of(*spoilt), {{"format", "looking3d-weights-1"}});
  options.steps = 50, options.init = (folder / "spoilt.safetensors").string();
  Trainer trainer(options);
  std::string said;
  try {
    trainer.run();
  } catch (const InputError& error) {
    said = error.what();
  }
  EXPECT_NE(said.find("training diverged: 10 steps"), std::string::npos) << said;
  EXPECT_FALSE(std::filesystem::exists(folder / "run/weights.safetensors"));
}

}  // namespace
}  // namespace looking3d
