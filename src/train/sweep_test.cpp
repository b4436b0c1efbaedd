#include "train/sweep.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "train/evaluate.h"
#include "train/tiny_weights.h"

namespace looking3d {
namespace {

class SweepTest : public testing::Test {
 protected:
  SweepTest() : out(std::filesystem::temp_directory_path() / ("l3d_sweep_test_" + std::to_string(::getpid()))), weights(untrained_cmt()) {
    std::filesystem::remove_all(out);
    options.data = tiny_data_set().string();
    options.weights = {weights.string()};
    options.out = out.string();
    options.top_k = {"8", "all"};
    options.test_views = {"5", "20"};
  }
  ~SweepTest() override {
    std::filesystem::remove_all(out);
    std::filesystem::remove(weights);
  }
  /// The files of judged photos.
  std::vector<Path> ledgers() const {
    std::vector<Path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(out / "judged"))
      if (entry.is_regular_file()) files.push_back(entry.path());
    return files;
  }
  std::string refusal() const {
    try {
      sweep(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  const Path out, weights;
  SweepOptions options;
};

TEST_F(SweepTest, CellsAreThoseOfEval) {
  const Json found = sweep(options);
  ASSERT_EQ(found["rows"].size(), 1u);
  EXPECT_EQ(found["rows"][0]["train_views"], 3);
  ASSERT_EQ(found["rows"][0]["auc"].size(), 4u);  // k 8 with 5 and 20 views, all with 5 and 20
  EvalOptions eval;
  eval.data = options.data, eval.weights = weights.string(), eval.out = (out / "eval").string();
  EXPECT_EQ(found["rows"][0]["auc"][1], evaluate(eval).results["auc"]);  // 8 is the network's own k
  eval.test_views = 5;
  EXPECT_EQ(found["rows"][0]["auc"][0], evaluate(eval).results["auc"]);
  const std::string tables = sweep_tables(found);
  EXPECT_NE(tables.find("trained with 3 views"), std::string::npos);
  EXPECT_NE(tables.find("| all |"), std::string::npos);
}

TEST_F(SweepTest, FinishedCellsAreKept) {
  const Json first = sweep(options);
  // What is stored is taken as it stands: reversed logits come back as a reversed AUC.
  for (const Path& file : ledgers()) {
    Json logits = read_json(file);
    for (auto& [photo, logit] : logits["k 8, 20 views"].items()) logit = -logit.get<double>();
    logits.erase("k all, 20 views");
    write_json_atomic(file, logits);
  }
  const Json second = sweep(options);
  const Json &before = first["rows"][0]["auc"], &after = second["rows"][0]["auc"];
  EXPECT_NEAR(after[1]["value"].get<double>(), 1 - before[1]["value"].get<double>(), 1e-12);
  EXPECT_EQ(after[0], before[0]);
  EXPECT_EQ(after[3], before[3]);  // what was lost is judged again
  options.top_k = {"2"};
  sweep(options);
  for (const Path& file : ledgers()) EXPECT_TRUE(read_json(file).contains("k 8, 5 views")) << "a narrower sweep drops nothing";
}

TEST_F(SweepTest, RefusesWhatItCannotMean) {
  options.top_k = {"none"};
  EXPECT_NE(refusal().find("--top-k"), std::string::npos);
  options.top_k = {"8"};
  options.test_views = {"all"};
  EXPECT_NE(refusal().find("--test-views"), std::string::npos);
  options.test_views = {"99"};
  EXPECT_NE(refusal().find("99"), std::string::npos);
  options.test_views = {"5"};
  const Path align = untrained_align();
  options.weights = {align.string()};
  EXPECT_NE(refusal().find("align"), std::string::npos);
  std::filesystem::remove(align);
}

}  // namespace
}  // namespace looking3d
