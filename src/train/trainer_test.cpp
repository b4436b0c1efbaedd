// What a training leaves behind: the best weights, not the last; a log; and nothing when its numbers stop being numbers.
#include "train/trainer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/error.h"
#include "base/parallel.h"
#include "dataset/tiny_data_set.h"
#include "model/query_net.h"
#include "model/weights.h"
#include "train/judge.h"
#include "train/train.h"

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

TEST_F(TrainerTest, WeightsRememberWhatWholeValidationPiecesScore) {
  options.steps = 2, options.val_photos = 4;
  const Path weights = train(options).weights;
  const auto calibration = [&] { return read_weights_info(read_tensors(weights).metadata, weights).calibration; };
  const Calibration stored = calibration();

  const DataSet data = DataSet::open(tiny_data_set());
  std::vector<double> expected;
  for (const JudgedPhoto& photo : judge(*Detector::open(weights), data, val_samples(data, 600), "judge"))
    if (!photo.refused && !data.samples()[photo.sample].anomalous) expected.push_back(photo.logit);
  std::sort(expected.begin(), expected.end());
  ASSERT_FALSE(expected.empty());
  ASSERT_EQ(stored.normal_logits.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(stored.normal_logits[i], expected[i], 1e-4) << i;

  // Weights from before they remembered it: to resume the finished run is enough.
  TensorFile file = read_tensors(weights);
  file.metadata.erase("calibration");
  write_tensors(weights, file.tensors, file.metadata);
  EXPECT_TRUE(calibration().normal_logits.empty());
  options.resume = true;
  EXPECT_EQ(train(options).steps, 2);
  EXPECT_EQ(calibration().normal_logits, stored.normal_logits);
  EXPECT_EQ(calibration().scale, stored.scale);
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
