// Bad input, as a user meets it: the program itself is run, and must end with one clear line and exit code 2.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>

#include "base/files.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

struct Run {
  int code;
  std::string output;  ///< stdout and stderr together
};

Run run(const std::string& arguments) {
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
    folder_ = Path(::testing::TempDir()) / (std::string("l3d_bad_input_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    save_shape(folder_ / "chair.obj", make_shape({.seed = 1, .index = 0, .family = "four_legged"}));
    cv::imwrite((folder_ / "photo.png").string(), cv::Mat(64, 64, CV_8UC3, cv::Scalar(90, 120, 150)));
  }

  /// Runs the verb and expects one line naming the culprit, and exit code 2.
  void expect_refusal(const std::string& arguments, const std::string& culprit) {
    const Run result = run(arguments);
    EXPECT_EQ(result.code, 2) << arguments << "\n" << result.output;
    EXPECT_NE(result.output.find(culprit), std::string::npos) << arguments << "\n" << result.output;
    EXPECT_EQ(result.output.find("internal error"), std::string::npos) << result.output;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& bytes) { write_file_atomic(folder_ / name, bytes); }
  std::string inspect(const std::string& reference, const std::string& photo) const {
    return "inspect --reference " + path(reference) + " " + path(photo);
  }

  Path folder_;
};

TEST_F(BadInput, UnknownVerbAndFlag) {
  expect_refusal("inspekt", "inspekt");
  expect_refusal("info --nonsense x", "nonsense");
  expect_refusal("", "subcommand");
}

TEST_F(BadInput, Photos) {
  expect_refusal(inspect("chair.obj", "absent.png"), "absent.png");
  write("text.png", "this is not a picture");
  expect_refusal(inspect("chair.obj", "text.png"), "text.png");
  const std::string whole = read_file(folder_ / "photo.png");
  write("cut.png", whole.substr(0, whole.size() / 2));
  expect_refusal(inspect("chair.obj", "cut.png"), "cut.png");
  write("empty.png", "");
  expect_refusal(inspect("chair.obj", "empty.png"), "empty.png");
}

TEST_F(BadInput, Meshes) {
  expect_refusal(inspect("absent.obj", "photo.png"), "absent.obj");
  write("empty.obj", "");
  expect_refusal(inspect("empty.obj", "photo.png"), "empty.obj");
  write("points.obj", "v 0 0 0\nv 1 0 0\n");
  expect_refusal(inspect("points.obj", "photo.png"), "points.obj");
  write("nan.obj", "v 0 0 0\nv 1 nan 0\nv 0 1 0\nf 1 2 3\n");
  expect_refusal(inspect("nan.obj", "photo.png"), "NaN");
  std::filesystem::create_directories(folder_ / "nothing");
  expect_refusal(inspect("nothing", "photo.png"), "nothing");
  expect_refusal("index --reference " + path("nan.obj") + " --out " + path("x.l3d"), "NaN");
  expect_refusal("render --reference " + path("empty.obj") + " --out " + path("x.png"), "empty.obj");
}

TEST_F(BadInput, IndexCutShortOrOfAnotherVersion) {
  ASSERT_EQ(run("index --reference " + path("chair.obj") + " --out " + path("chair.l3d")).code, 0);
  const std::string whole = read_file(folder_ / "chair.l3d");
  write("cut.l3d", whole.substr(0, whole.size() / 3));
  expect_refusal(inspect("cut.l3d", "photo.png"), "cut.l3d");
  std::string other = whole;
  other[8] = static_cast<char>(other[8] + 1);  // the version follows the eight bytes of magic
  write("other.l3d", other);
  expect_refusal(inspect("other.l3d", "photo.png"), "version");
  std::string damaged = whole;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  write("damaged.l3d", damaged);
  expect_refusal(inspect("damaged.l3d", "photo.png"), "damaged.l3d");
}

TEST_F(BadInput, Weights) {
  write("cut.safetensors", std::string("\x10\0\0\0\0\0\0\0{\"a\":", 13));
  expect_refusal(inspect("chair.obj", "photo.png") + " --weights " + path("cut.safetensors"), "cut.safetensors");
  write("text.safetensors", "hello, this is plain text and no tensor file");
  expect_refusal(inspect("chair.obj", "photo.png") + " --weights " + path("text.safetensors"), "text.safetensors");
  expect_refusal(inspect("chair.obj", "photo.png") + " --weights " + path("absent.safetensors"), "absent.safetensors");
  expect_refusal("info " + path("cut.safetensors"), "cut.safetensors");
}

TEST_F(BadInput, OutputFolders) {
  // A file where a folder is needed stands for every folder that cannot be made; /dev/full stands for a full disk.
  write("file", "x");
  expect_refusal("generate --shapes 1 --size 64 --out " + path("file"), "file");
  expect_refusal("render --reference " + path("chair.obj") + " --out " + path("file/x.png"), "file");
  expect_refusal("index --reference " + path("chair.obj") + " --out /proc/looking3d.l3d", "/proc/looking3d.l3d");
  expect_refusal("generate --shapes 1 --size 64 --out /proc/looking3d", "/proc/looking3d");
  expect_refusal("train --data " + path("absent") + " --out " + path("run"), "absent");
  expect_refusal("eval --data " + path("nothing_here") + " --weights " + path("w.safetensors") + " --out " + path("e"), "");
}

TEST_F(BadInput, ConfigFiles) {
  write("bad.toml", "[generate]\nshpaes = 3\n");
  expect_refusal("generate --config " + path("bad.toml") + " --out " + path("data"), "shpaes");
  expect_refusal("generate --config " + path("absent.toml") + " --out " + path("data"), "absent.toml");
  expect_refusal("generate --splits 50/10/10 --out " + path("data"), "splits");
}

}  // namespace
}  // namespace looking3d
