// Training as a user runs it: interrupted and resumed, it ends with the weights of an uninterrupted run.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/files.h"

namespace looking3d {
namespace {

int run(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str());
}

/// Tensors of a weights file, without the header (which holds minutes).
std::string tensors_of(const Path& weights) {
  const std::string bytes = read_file(weights);
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  return bytes.substr(sizeof header + header);
}

TEST(Training, InterruptedAndResumedEqualsUninterrupted) {
  const Path folder = Path(testing::TempDir()) / ("l3d_training_test_" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  const std::string binary = LOOKING3D_BINARY, data = (folder / "data").string();
  ASSERT_EQ(run(binary + " generate --out " + data + " --shapes 6 --size 64 --samples 1 --splits 60/20/20 --seed 3"), 0);
  for (const std::string method : {"align", "query-only", "cmt", "lfd", "lin", "viewpoint"}) {
    const std::string few = method == "lfd" || method == "lin" ? " --shapes 3 --train-views 2" : "";
    const std::string train = binary + " train --data " + data + " --method " + method + few +
                              " --size 64 --photos 6 --steps 8 --threads 1 --bf16 off --seed 5 --val-every 0 --out ";
    const Path whole = folder / (method + "_whole"), parts = folder / (method + "_parts");
    ASSERT_EQ(run(train + whole.string()), 0) << method;
    // However far the interrupted run comes, the end must be the same.
    for (int attempt = 0; attempt < 60 && !std::filesystem::exists(parts / "weights.safetensors"); ++attempt) {
      const std::string resume = std::filesystem::exists(parts / "last.ckpt") ? " --resume" : "";
      if (!resume.empty() && attempt > 3) {
        ASSERT_EQ(run(train + parts.string() + resume), 0) << method;
      } else {
        run("timeout -s INT " + std::to_string(1 + attempt) + " " + train + parts.string() + resume);
      }
    }
    ASSERT_TRUE(std::filesystem::exists(parts / "weights.safetensors")) << method;
    EXPECT_EQ(tensors_of(whole / "weights.safetensors"), tensors_of(parts / "weights.safetensors")) << method;
  }
  // Ablations train too; a part that does not exist is named.
  const std::string cmt = binary + " train --data " + data +
                          " --method cmt --preset paper --size 64 --photos 4 --shapes 2 --train-views 3 --steps 2 --threads 1 --out ";
  EXPECT_EQ(run(cmt + (folder / "plain").string() + " --without cga,vlfa,3dpe"), 0);
  EXPECT_EQ(run(cmt + (folder / "aligned").string() + " --top-k all --vlfa view-view"), 0);
  const std::string vit =
      binary + " train --data " + data + " --method query-only --network vit --size 64 --photos 2 --steps 1 --threads 1 --out ";
  EXPECT_EQ(run(vit + (folder / "vit").string()), 0);
  // Evaluation gives each method its measures: boxes where one is drawn, closest views where one is told.
  const auto evaluated = [&](const std::string& weights) {
    const std::string out = (folder / ("eval_" + weights)).string();
    EXPECT_EQ(run(binary + " eval --data " + data + " --weights " + (folder / weights / "weights.safetensors").string() + " --out " + out),
              0);
    return read_json(Path(out) / "results.json");
  };
  EXPECT_TRUE(evaluated("vit").at("box_ap_50").at("value").is_number());
  EXPECT_TRUE(evaluated("lin_whole").at("auc").at("value").is_number());
  for (const char* weights : {"cmt_whole", "viewpoint_whole"}) {
    const Json closest = evaluated(weights).at("closest_view");
    EXPECT_GT(closest.at("photos"), 0) << weights;
    for (const char* measure : {"accuracy", "within_one", "mean_error_deg"})
      EXPECT_TRUE(closest.at(measure).is_number()) << weights << measure;
  }
  EXPECT_FALSE(evaluated("viewpoint_whole").contains("auc"));
  EXPECT_NE(run(cmt + (folder / "wrong").string() + " --without wheels"), 0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace looking3d
