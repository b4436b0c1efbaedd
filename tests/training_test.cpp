// Training as a user runs it: interrupted or killed and resumed, it ends with the weights of an uninterrupted run.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sstream>
#include <thread>

#include "base/files.h"

namespace looking3d {
namespace {

/// Tensors of a weights file, without the header (which holds minutes).
std::string tensors_of(const Path& weights) {
  const std::string bytes = read_file(weights);
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  return bytes.substr(sizeof header + header);
}

/// Each test has a data set of its own, so that tests run one beside another.
class TrainingTest : public testing::Test {
 protected:
  TrainingTest() : folder(Path(testing::TempDir()) / ("l3d_training_test_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    EXPECT_EQ(run("generate --out " + data() + " --shapes 6 --size 64 --samples 1 --splits 60/20/20 --seed 3"), 0);
  }
  ~TrainingTest() override { std::filesystem::remove_all(folder); }

  std::string data() const { return (folder / "data").string(); }
  static pid_t start(const std::string& words) {
    std::istringstream in(words);
    std::vector<std::string> split = {LOOKING3D_BINARY};
    for (std::string word; in >> word;) split.push_back(word);
    std::vector<char*> arguments;
    for (std::string& word : split) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  /// Exit code; 128 + signal if one ended it.
  static int wait(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  static int run(const std::string& words) { return wait(start(words)); }

  /// Runs a training that writes a checkpoint after each step, and stops it by `signal` once one is there; its exit code.
  static int stopped(const std::string& train, const Path& run, int signal) {
    const pid_t pid = start(train);
    for (;;) {
      siginfo_t info{};
      const bool over = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
      if (over || std::filesystem::exists(run / "last.ckpt")) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ::kill(pid, signal);
    return wait(pid);
  }

  Json evaluated(const std::string& name) const {
    const Path out = folder / ("eval_" + name);
    EXPECT_EQ(run("eval --data " + data() + " --weights " + (folder / name / "weights.safetensors").string() + " --out " + out.string()),
              0);
    return read_json(out / "results.json");
  }

  const Path folder;
};

struct Case {
  const char* method;
  const char* more;  ///< options
  int signal;
};

class Training : public TrainingTest, public testing::WithParamInterface<Case> {};

TEST_P(Training, StoppedAndResumedEqualsUninterrupted) {
  const auto [method, more, signal] = GetParam();
  const std::string train = "train --data " + data() + " --method " + method + " " + more +
                            " --size 64 --photos 6 --steps 6 --threads 1 --bf16 off --seed 5 --val-every 0 --out ";
  const Path whole = folder / "whole", parts = folder / "parts";
  ASSERT_EQ(run(train + whole.string()), 0);
  // A machine may be so busy that the training has ended before it is stopped.
  bool cut = false;
  for (int attempt = 0; attempt < 10 && !cut; ++attempt) {
    std::filesystem::remove_all(parts);
    const int code = stopped(train + parts.string() + " --checkpoint-every 1e-9", parts, signal);
    cut = !std::filesystem::exists(parts / "weights.safetensors");
    if (cut) {
      EXPECT_EQ(code, signal == SIGINT ? 130 : 128 + signal);
    }
  }
  ASSERT_TRUE(cut);
  ASSERT_TRUE(std::filesystem::exists(parts / "last.ckpt"));
  ASSERT_EQ(run(train + parts.string() + " --resume"), 0);
  EXPECT_EQ(tensors_of(whole / "weights.safetensors"), tensors_of(parts / "weights.safetensors"));
  EXPECT_EQ(tensors_of(whole / "last.ckpt"), tensors_of(parts / "last.ckpt"));
}

INSTANTIATE_TEST_SUITE_P(Methods, Training,
                         testing::Values(Case{"align", "", SIGINT}, Case{"cmt", "", SIGINT}, Case{"query-only", "", SIGKILL},
                                         Case{"lfd", "--shapes 3 --train-views 2", SIGKILL},
                                         Case{"lin", "--shapes 3 --train-views 2", SIGINT}, Case{"viewpoint", "", SIGINT}),
                         [](const auto& info) {
                           std::string name = info.param.method;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_F(TrainingTest, AblationsTrainAndEvaluationGivesEachMethodItsMeasures) {
  const auto train = [&](const std::string& name, const std::string& options) {
    return run("train --data " + data() + " --size 64 --threads 1 --bf16 off --steps 1 " + options + " --out " + (folder / name).string());
  };
  const std::string cmt = "--method cmt --preset paper --photos 4 --shapes 2 --train-views 3 ";
  EXPECT_EQ(train("plain", cmt + "--without cga,vlfa,3dpe"), 0);
  EXPECT_EQ(train("aligned", cmt + "--top-k all --vlfa view-view"), 0);
  EXPECT_NE(train("wrong", cmt + "--without wheels"), 0);  // a part that does not exist
  EXPECT_EQ(train("vit", "--method query-only --network vit --photos 2"), 0);
  EXPECT_EQ(train("lin", "--method lin --photos 4 --shapes 2 --train-views 2"), 0);
  EXPECT_EQ(train("viewpoint", "--method viewpoint --photos 4"), 0);
  // Boxes where one is drawn, closest views where one is told.
  EXPECT_TRUE(evaluated("vit").at("box_ap_50").at("value").is_number());
  EXPECT_TRUE(evaluated("lin").at("auc").at("value").is_number());
  const Json viewpoint = evaluated("viewpoint");
  for (const Json& results : {evaluated("plain"), viewpoint}) {
    const Json& closest = results.at("closest_view");
    EXPECT_GT(closest.at("photos"), 0);
    for (const char* measure : {"accuracy", "within_one", "mean_error_deg"}) EXPECT_TRUE(closest.at(measure).is_number()) << measure;
  }
  EXPECT_FALSE(viewpoint.contains("auc"));
}

}  // namespace
}  // namespace looking3d
