// Bad input, as a user meets it: the program itself is run, and must end with one clear line and exit code 2.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

#include "base/files.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

struct Outcome {
  int code;
  std::string output;  ///< stdout and stderr together
};

Outcome run(const std::string& arguments) {
  const std::string command = std::string("cd ") + ::testing::TempDir() + " && " + LOOKING3D_BINARY + " " + arguments + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  char buffer[4096];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

class BadInput : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        Path(::testing::TempDir()) / (std::string("l3d_bad_input_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    save_shape(folder_ / "chair.obj", make_shape({.seed = 1, .index = 0, .family = "chair"}));
  }

  /// Runs the verb and expects one line naming the culprit, and exit code 2.
  void expect_refusal(const std::string& arguments, const std::string& culprit) {
    const Outcome result = run(arguments);
    EXPECT_EQ(result.code, 2) << arguments << "\n" << result.output;
    EXPECT_NE(result.output.find(culprit), std::string::npos) << arguments << "\n" << result.output;
    EXPECT_EQ(result.output.find("internal error"), std::string::npos) << result.output;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& bytes) { write_file_atomic(folder_ / name, bytes); }

  Path folder_;
};

TEST_F(BadInput, UnknownVerbAndFlag) {
  expect_refusal("inspekt", "inspekt");
  expect_refusal("generate --out x --nonsense x", "nonsense");
  expect_refusal("", "subcommand");
}

TEST_F(BadInput, Meshes) {
  const auto render = [&](const std::string& reference) { return "render --reference " + path(reference) + " --out " + path("x.png"); };
  expect_refusal(render("absent.obj"), "absent.obj");
  write("empty.obj", "");
  expect_refusal(render("empty.obj"), "empty.obj");
  write("points.obj", "v 0 0 0\nv 1 0 0\n");
  expect_refusal(render("points.obj"), "points.obj");
  write("nan.obj", "v 0 0 0\nv 1 nan 0\nv 0 1 0\nf 1 2 3\n");
  expect_refusal(render("nan.obj"), "NaN");
  std::filesystem::create_directories(folder_ / "nothing");
  expect_refusal(render("nothing"), "nothing");
  write("photo.obj", "\x89PNG\r\n");
  expect_refusal(render("photo.obj"), "photo.obj");
}

TEST_F(BadInput, OutputFolders) {
  // A file where a folder is needed, and /proc, stand for every folder that cannot be made or written to.
  write("file", "x");
  expect_refusal("generate --shapes 1 --size 64 --out " + path("file"), "file");
  expect_refusal("render --reference " + path("chair.obj") + " --out " + path("file/x.png"), "file");
  expect_refusal("generate --shapes 1 --size 64 --out /proc/looking3d", "/proc/looking3d");
}

TEST_F(BadInput, Photos) {
  const auto inspect = [&](const std::string& photo) { return "inspect --reference " + path("chair.obj") + " " + path(photo); };
  ASSERT_EQ(run("render --reference " + path("chair.obj") + " --out " + path("good.png") + " --size 128 --samples 4").code, 0);
  EXPECT_EQ(run(inspect("good.png")).code, 0);
  expect_refusal(inspect("absent.png"), "absent.png");
  write("text.png", "this is no picture");
  expect_refusal(inspect("text.png"), "text.png");
  const std::string whole = read_file(folder_ / "good.png");
  write("cut.png", whole.substr(0, whole.size() / 2));
  expect_refusal(inspect("cut.png"), "cut short");
  write("empty.png", "");
  expect_refusal(inspect("empty.png"), "empty");
  // One bad photo among good ones: the others are judged, and the exit code tells.
  const Outcome mixed = run(inspect("text.png") + " " + path("good.png"));
  EXPECT_EQ(mixed.code, 2);
  EXPECT_NE(mixed.output.find("ERROR"), std::string::npos);
  EXPECT_NE(mixed.output.find("good.png"), std::string::npos);
  // Output that cannot be written.
  write("file", "x");
  expect_refusal(inspect("good.png") + " --report " + path("file"), "file");
  for (const std::string value : {"-0.1", "-1", "1.5", "nan", "inf"})
    expect_refusal(inspect("good.png") + " --threshold " + value, "--threshold");
  for (const std::string value : {"-0.1", "0", "1", "nan"})
    expect_refusal(inspect("good.png") + " --false-alarms " + value, "--false-alarms");
  expect_refusal(inspect("good.png") + " --threshold 0.3 --false-alarms 0.1", "give one of them");
  expect_refusal(inspect("good.png") + " --json /proc/looking3d/x.json", "/proc/looking3d");
}

TEST_F(BadInput, IndexesAndWeights) {
  ASSERT_EQ(run("index --reference " + path("chair.obj") + " --out " + path("chair.l3d")).code, 0);
  ASSERT_EQ(run("render --reference " + path("chair.obj") + " --out " + path("good.png") + " --size 128 --samples 4").code, 0);
  const auto inspect = [&](const std::string& reference) { return "inspect --reference " + path(reference) + " " + path("good.png"); };
  EXPECT_EQ(run(inspect("chair.l3d")).code, 0);
  const std::string whole = read_file(folder_ / "chair.l3d");
  write("cut.l3d", whole.substr(0, whole.size() / 2));
  expect_refusal(inspect("cut.l3d"), "cut short");
  std::string newer = whole;
  newer[8] = 77;
  write("newer.l3d", newer);
  expect_refusal(inspect("newer.l3d"), "version 77");
  std::string altered = whole;
  altered[whole.size() / 2] ^= 8;
  write("altered.l3d", altered);
  expect_refusal(inspect("altered.l3d"), "altered");

  const std::string weights = read_file(Path(LOOKING3D_SOURCE_DIR) / "weights" / "align.safetensors");
  const auto with = [&](const std::string& file) { return inspect("chair.l3d") + " --weights " + path(file); };
  write("cut.safetensors", weights.substr(0, weights.size() / 2));
  expect_refusal(with("cut.safetensors"), "cut.safetensors");
  std::string later = weights;
  later.replace(later.find("looking3d-weights-1"), 19, "looking3d-weights-9");
  write("later.safetensors", later);
  expect_refusal(with("later.safetensors"), "another version");
  expect_refusal(with("absent.safetensors"), "absent.safetensors");
  expect_refusal("info " + path("cut.l3d"), "cut short");
  expect_refusal("info " + path("absent"), "absent");
}

TEST_F(BadInput, IndexesEncodedByOtherWeights) {
  const Path shipped = Path(LOOKING3D_SOURCE_DIR) / "weights";
  const std::string index = "index --reference " + path("chair.obj") + " --out " + path("chair.l3d") + " --weights ";
  expect_refusal(index + (shipped / "align.safetensors").string(), "nothing to encode");
  expect_refusal(index + path("absent.safetensors"), "absent.safetensors");
  ASSERT_EQ(run(index + (shipped / "cmt.safetensors").string()).code, 0);
  const Outcome told = run("info " + path("chair.l3d"));
  EXPECT_NE(told.output.find("encoded for cmt"), std::string::npos) << told.output;
  EXPECT_NE(told.output.find("cmt.safetensors"), std::string::npos) << told.output;

  ASSERT_EQ(run("render --reference " + path("chair.obj") + " --out " + path("good.png") + " --size 128 --samples 4").code, 0);
  std::string other = read_file(shipped / "cmt.safetensors");
  other[other.size() - 3] ^= 1;
  write("other.safetensors", other);
  const std::string inspect = "inspect --reference " + path("chair.l3d") + " " + path("good.png") + " --method cmt";
  EXPECT_EQ(run(inspect).code, 0);
  expect_refusal(inspect + " --weights " + path("other.safetensors"), "was indexed with other weights (cmt.safetensors, ");
  // Many photos are refused as one.
  expect_refusal(inspect + " " + path("good.png") + " --weights " + path("other.safetensors"), "--weights " + path("other.safetensors"));
}

TEST_F(BadInput, DataSets) {
  expect_refusal("train --minutes 1 --data " + path("absent") + " --out " + path("run"), "absent");
  std::filesystem::create_directories(folder_ / "nothing");
  expect_refusal("train --minutes 1 --data " + path("nothing") + " --out " + path("run"), "nothing");
  expect_refusal("train --data " + path("nothing") + " --out " + path("run"), "--minutes");
  expect_refusal("train --minutes 1 --method guess --data " + path("nothing") + " --out " + path("run"), "guess");
  expect_refusal("sweep --top-k 0 --data x --weights w --out " + path("sweep"), "--top-k");
  expect_refusal("eval --views-from dreams --data x --weights w --out " + path("results"), "--views-from");
  expect_refusal("eval --data " + path("absent") + " --weights " + path("w") + " --out " + path("results"), "absent");
}

TEST_F(BadInput, Studies) {
  expect_refusal("study", "subcommand");
  expect_refusal("study make --out " + path("study"), "--data");
  expect_refusal("study make --pool 7 --data x --out " + path("study"), "--pool");
  expect_refusal("study make --data " + path("absent") + " --out " + path("study"), "absent");
  write("bad.toml", "[study]\npool = 20\n");
  expect_refusal("study make --config " + path("bad.toml") + " --data x --out " + path("study"), "unknown key 'pool' in [study]");
  expect_refusal("study score " + path("absent") + " " + path("answers.json"), "absent");
  expect_refusal("study score " + path("chair.obj") + " " + path("answers.json"), "chair.obj");
  expect_refusal("study score " + path("study"), "answers");

  // A study of one pair, and hostile answers to it.
  const Json key = {{"format", "looking3d-study-1"},
                    {"study", "0123456789abcdef"},
                    {"options", Json::object()},
                    {"pairs", {{{"pair", "001"}, {"photo", "render_1"}, {"shape", "s"}, {"kind", "broken"}, {"anomalous", true}}}},
                    {"people", Json::array({Json::array({"001"}), Json::array({"001"})})}};
  write("study/study_key.json", key.dump());
  const std::string score = "study score " + path("study") + " ",
                    whole = R"({"format":"looking3d-study-answers-1","study":"0123456789abcdef","participant":1,)"
                            R"("answers":[{"pair":"001","answer":"normal","confidence":null,"response_ms":900}]})";
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    write("answers.json", text.replace(text.find(from), from.size(), to));
    return score + path("answers.json");
  };
  EXPECT_EQ(run(changed("900", "901")).code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "study/study_score.json"));
  expect_refusal(changed("]}", ""), "is not whole JSON");
  expect_refusal(changed("900", "NaN"), "is not whole JSON");
  expect_refusal(changed("0123456789abcdef", "ffff"), "answers study \"ffff\"");
  expect_refusal(changed("\"001\"", "\"017\""), "pair \"017\"");
  expect_refusal(changed("participant\":1", "participant\":3"), "participant 3");
  write("first.json", whole);
  expect_refusal(changed("900", "901") + " " + path("first.json"), "a participant counts once");
  expect_refusal(score + path("first.json") + " --results " + path("absent.json"), "absent.json");
  write("results.json", "{}");
  expect_refusal(score + path("first.json") + " --results " + path("results.json"), "results.json");
}

TEST_F(BadInput, Anomalies) {
  const std::string render = "render --reference " + path("chair.obj") + " --out " + path("x.png");
  expect_refusal(render + " --anomaly melted", "melted");
  expect_refusal(render + " --anomaly missing --part wing_9", "wing_9");
}

TEST_F(BadInput, ConfigFiles) {
  write("bad.toml", "[generate]\nshpaes = 3\n");
  expect_refusal("generate --config " + path("bad.toml") + " --out " + path("data"), "shpaes");
  expect_refusal("generate --config " + path("absent.toml") + " --out " + path("data"), "absent.toml");
  expect_refusal("generate --splits 50/10/10 --out " + path("data"), "splits");
  expect_refusal("generate --light neon --out " + path("data"), "neon");
  expect_refusal("generate --background sea --out " + path("data"), "sea");
  expect_refusal("generate --background hdr --hdr " + path("no_maps") + " --out " + path("data"), "no_maps");
  expect_refusal("generate --materials " + path("no_sets") + " --out " + path("data"), "no_sets");
  expect_refusal("render --out " + path("x.png"), "--reference");
  expect_refusal("render --sheet cheese --out " + path("x.png"), "cheese");
}

}  // namespace
}  // namespace looking3d
