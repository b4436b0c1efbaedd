// A build as it happens in the world: killed at any moment, made on many machines, on a disk that fills up. The program itself is run.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "base/files.h"

namespace looking3d {
namespace {

constexpr int kRunning = -1;

/// A run of looking3d in a process of its own; its output goes to a file.
class Process {
 public:
  /// `max_file_bytes`: files cannot grow beyond, as if the disk were full; 0: no limit.
  Process(std::vector<std::string> arguments, Path log, rlim_t max_file_bytes = 0) : log_(std::move(log)) {
    arguments.insert(arguments.begin(), LOOKING3D_BINARY);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
    const int out = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(out, 1);
    ::dup2(out, 2);
    const rlimit limit{max_file_bytes, max_file_bytes};
    if (max_file_bytes > 0) ::signal(SIGXFSZ, SIG_IGN), ::setrlimit(RLIMIT_FSIZE, &limit);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  /// kRunning, the exit code, or 1000 + the signal that ended it.
  int poll(bool wait = false) {
    int status = 0;
    if (code_ == kRunning && ::waitpid(pid_, &status, wait ? 0 : WNOHANG) == pid_)
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    return code_;
  }
  int wait() { return poll(true); }
  void kill() { ::kill(pid_, SIGKILL); }
  std::string output() const { return read_file(log_); }

 private:
  Path log_;
  pid_t pid_ = 0;
  int code_ = kRunning;
};

using Tree = std::map<std::string, std::string>;

Tree tree(const Path& root) {
  Tree files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    if (entry.is_regular_file()) files[entry.path().lexically_relative(root).generic_string()] = read_file(entry.path());
  return files;
}

std::vector<std::string> differences(const Tree& a, const Tree& b) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : a)
    if (!b.contains(name) || b.at(name) != bytes) names.push_back(name);
  for (const auto& [name, bytes] : b)
    if (!a.contains(name)) names.push_back(name);
  return names;
}

class BuildRun : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = Path(::testing::TempDir()) / ("l3d_build_run_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    ASSERT_EQ(Process(generate("whole"), folder_ / "log").wait(), 0);
    whole_ = tree(folder_ / "whole");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  static std::vector<std::string> generate(const std::string& out, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{
        "generate", "--out",   (folder_ / out).string(), "--shapes", "5", "--seed", "11", "--size", "64", "--samples", "2",
        "--splits", "60/20/20"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  static void expect_whole(const std::string& out) { EXPECT_EQ(differences(whole_, tree(folder_ / out)), std::vector<std::string>()); }
  static size_t files_in(const std::string& out) {
    size_t count = 0;
    std::error_code gone;  // files are renamed while we look
    for (std::filesystem::recursive_directory_iterator i(folder_ / out, gone), end; i != end && !gone; i.increment(gone)) ++count;
    return count;
  }

  static inline Path folder_;
  static inline Tree whole_;
};

TEST_F(BuildRun, KilledAtAnyMomentItGoesOnToTheSameBytes) {
  int kills = 0;
  for (size_t files = 40; files + 40 < whole_.size(); files += whole_.size() / 5) {
    Process run(generate("killed"), folder_ / "log");
    while (run.poll() == kRunning && files_in("killed") < files) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    run.kill();
    kills += run.wait() == 1000 + SIGKILL;
  }
  EXPECT_GE(kills, 4);
  // What a kill in the middle of a file leaves.
  const std::string photo = std::find_if(whole_.begin(), whole_.end(), [](const auto& f) { return f.first.starts_with("images/"); })->first;
  std::filesystem::remove(folder_ / "killed/shapes/shape_000000/manifest.json");
  std::filesystem::remove(folder_ / "killed/shapes/shape_000004/manifest.json");
  for (const std::string& half : {photo + ".tmp123_4", std::string("shapes/shape_000004/shape.obj.tmp99999_0")}) {
    std::filesystem::create_directories((folder_ / "killed" / half).parent_path());
    write_file_atomic(folder_ / "killed" / half, "half");
  }
  ASSERT_NE(photo.find("_000000_"), std::string::npos);
  write_file_atomic(folder_ / "killed/shapes/odd", "somebody's own");
  EXPECT_EQ(Process(generate("killed"), folder_ / "log").wait(), 0);
  EXPECT_TRUE(std::filesystem::remove(folder_ / "killed/shapes/odd"));
  expect_whole("killed");
}

TEST_F(BuildRun, ShardsSideBySideInOneFolder) {
  Process first(generate("beside", {"--shard", "0/2", "--threads", "1"}), folder_ / "log0");
  Process second(generate("beside", {"--shard", "1/2", "--threads", "1"}), folder_ / "log1");
  EXPECT_EQ(first.wait(), 0) << first.output();
  EXPECT_EQ(second.wait(), 0) << second.output();
  EXPECT_EQ(Process(generate("beside"), folder_ / "log").wait(), 0);
  expect_whole("beside");
}

TEST_F(BuildRun, ShardsInFoldersOfTheirOwnCopiedTogether) {
  std::filesystem::create_directories(folder_ / "together");
  for (const char* shard : {"1/2", "0/2"}) {
    const std::string own = "shard" + std::string(1, shard[0]);
    ASSERT_EQ(Process(generate(own, {"--shard", shard}), folder_ / "log").wait(), 0);
    std::filesystem::copy(folder_ / own, folder_ / "together",
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  EXPECT_EQ(Process(generate("together"), folder_ / "log").wait(), 0);
  expect_whole("together");
}

TEST_F(BuildRun, AFullDiskIsOneClearErrorAndGoesOn) {
  // Some mesh outgrows the limit that stands for a disk without room.
  Process full(generate("full"), folder_ / "log", 60'000);
  EXPECT_EQ(full.wait(), 2);
  const std::string output = full.output();
  EXPECT_NE(output.find("cannot be written"), std::string::npos) << output;
  EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 1) << output;
  EXPECT_EQ(Process(generate("full"), folder_ / "log").wait(), 0);
  expect_whole("full");
}

TEST_F(BuildRun, TooSmallADiskIsRefusedBeforeTheFirstPhoto) {
  Process run({"generate", "--out", (folder_ / "huge").string(), "--shapes", "300000", "--size", "2048"}, folder_ / "log");
  EXPECT_EQ(run.wait(), 2);
  EXPECT_NE(run.output().find(" GB free, "), std::string::npos) << run.output();
  EXPECT_FALSE(std::filesystem::exists(folder_ / "huge/shapes"));
}

}  // namespace
}  // namespace looking3d
