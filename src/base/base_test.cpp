#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/options.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/random.h"
#include "base/result.h"

namespace looking3d {
namespace {

struct SampleOptions {
  int batch = 4;
  double rate = 0.5;
  bool fast = false;
  std::string name = "x";
  uint64_t seed = 1;
  std::vector<std::string> kinds;
  void visit(OptionVisitor& v) {
    v.field("batch", batch, "");
    v.field("rate", rate, "");
    v.field("fast", fast, "");
    v.field("name", name, "");
    v.field("seed", seed, "");
    v.field("kinds", kinds, "");
  }
};

Path scratch(const std::string& name) {
  const Path path = Path(::testing::TempDir()) / ("l3d_base_" + name);
  std::filesystem::remove_all(path);
  return path;
}

TEST(Random, PhiloxMatchesThePublishedVectors) {
  // Known-answer vectors of Random123 (philox4x32, 10 rounds).
  EXPECT_EQ(philox4x32(0, 0, 0), (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32(~0ull, ~0ull, ~0ull), (std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

TEST(Random, IdentitySeparatesNeighbours) {
  EXPECT_NE(identity(1, "a", "bc"), identity(1, "ab", "c"));
  EXPECT_NE(identity(1, 2), identity(2, 1));
  EXPECT_EQ(identity(7, "view", 3), identity(7, std::string("view"), 3));
}

TEST(Random, DistributionsHaveTheirMoments) {
  Rng rng(identity(1, "moments"));
  double sum = 0, squares = 0, low = 1, high = 0;
  const int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double x = rng.normal();
    sum += x, squares += x * x;
    const double u = rng.uniform();
    low = std::min(low, u), high = std::max(high, u);
  }
  EXPECT_NEAR(sum / n, 0, 0.01);
  EXPECT_NEAR(squares / n, 1, 0.02);
  EXPECT_GE(low, 0);
  EXPECT_LT(high, 1);
  std::array<int, 3> counts{};
  const double weights[] = {1, 0, 3};
  for (int i = 0; i < 40000; ++i) ++counts[rng.pick(weights)];
  EXPECT_EQ(counts[1], 0);
  EXPECT_NEAR(counts[0], 10000, 500);
  for (int i = 0; i < 1000; ++i) {
    const int k = rng.uniform_int(-2, 2);
    EXPECT_TRUE(k >= -2 && k <= 2);
  }
}

TEST(Random, ForkDoesNotDependOnPosition) {
  Rng a(5), b(5);
  b.next_u64();
  EXPECT_EQ(a.fork("x").next_u64(), b.fork("x").next_u64());
}

TEST(Parallel, EveryIndexOnceAndExceptionsArrive) {
  std::vector<std::atomic<int>> seen(1000);
  parallel_for(1000, [&](int64_t i) { ++seen[i]; }, 7);
  for (const auto& count : seen) EXPECT_EQ(count, 1);
  EXPECT_THROW(parallel_for(10, [](int64_t i) { if (i == 3) throw InputError("x", "y"); }), InputError);
}

TEST(Files, AtomicWriteReplacesAndReportsFolders) {
  const Path path = scratch("files") / "deep" / "a.txt";
  write_file_atomic(path, "one");
  write_file_atomic(path, "two");
  EXPECT_EQ(read_file(path), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}), 1);
  EXPECT_THROW(read_file(path, 2), InputError);
  EXPECT_THROW(read_file(path.parent_path()), InputError);
  EXPECT_THROW(read_file(path / "below"), InputError);
  EXPECT_THROW(write_file_atomic("/proc/none/x", "1"), InputError);
  EXPECT_THROW(require_writable_directory(path), InputError);
}

TEST(Options, TomlAndJsonFillTheSameFields) {
  const Path file = scratch("options") / "run.toml";
  write_file_atomic(file, "[train]\nbatch = 8\nrate = 2\nfast = true\nkinds = ['a', 'b']\n[eval]\nother = 1\n");
  SampleOptions options;
  read_toml(file, "train", options);
  EXPECT_EQ(options.batch, 8);
  EXPECT_EQ(options.rate, 2.0);
  EXPECT_TRUE(options.fast);
  EXPECT_EQ(options.kinds.size(), 2u);
  const auto again = from_json<SampleOptions>(to_json(options));
  EXPECT_EQ(to_json(again), to_json(options));
}

TEST(Options, TablesInTables) {
  const Path file = scratch("nested_options") / "run.toml";
  SampleOptions options;
  write_file_atomic(file, "[study.make]\nbatch = 8\n[study.score]\nrate = 2\n");
  read_toml(file, "study.make", options);
  EXPECT_EQ(options.batch, 8);
  EXPECT_EQ(options.rate, SampleOptions().rate);
  read_toml(file, "study.draw", options);  // is not there
  const auto error_of = [&](const std::string& text) -> std::string {
    write_file_atomic(file, text);
    try {
      read_toml(file, "study.make", options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(error_of("[study]\nbatch = 8\n").find("unknown key 'batch' in [study] (see looking3d study --help)"), std::string::npos);
  EXPECT_NE(error_of("[study.make]\nbtach = 8\n").find("in [study.make] (see looking3d study make --help)"), std::string::npos);
  EXPECT_NE(error_of("study = 3\n").find("is not a table"), std::string::npos);
}

TEST(Options, BadTomlNamesTheKey) {
  const Path file = scratch("bad_options") / "run.toml";
  const auto error_of = [&](const std::string& text) -> std::string {
    write_file_atomic(file, text);
    SampleOptions options;
    try {
      read_toml(file, "train", options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(error_of("[train]\nbtach = 8\n").find("unknown key 'btach'"), std::string::npos);
  EXPECT_NE(error_of("[train]\nbatch = 'many'\n").find("train.batch"), std::string::npos);
  EXPECT_NE(error_of("[train\n").find("not valid TOML"), std::string::npos);
  EXPECT_NE(error_of("[train]\n'a\xff' = 1\n").find("not UTF-8"), std::string::npos);
}

TEST(Result, HoldsAValueOrAReason) {
  enum class Why { kSmall };
  const auto half = [](int x) -> Result<int, Why> { return x < 2 ? Result<int, Why>(Why::kSmall) : Result<int, Why>(x / 2); };
  EXPECT_EQ(*half(8), 4);
  EXPECT_FALSE(half(1));
  EXPECT_EQ(half(1).reason(), Why::kSmall);
  EXPECT_THROW(half(1).value(), CheckFailure);
}

TEST(Progress, DurationsReadWell) {
  EXPECT_EQ(duration_text(0.84), "0.8 s");
  EXPECT_EQ(duration_text(125), "2 min 05 s");
  EXPECT_EQ(duration_text(3780), "1 h 03 min");
}

}  // namespace
}  // namespace looking3d
