// Inspecting as scripts do it: folders, tables, exit codes, and JSON that is what its schema says.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>

#include "inspect/json_schema.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

class InspectTest : public ::testing::Test {
 protected:
  InspectTest()
      : folder(Path(::testing::TempDir()) /
               (std::string("l3d_inspect_") + ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder / "photos");
    save_shape(folder / "chair.obj", make_shape({.seed = 1, .index = 0, .family = "chair"}));
    EXPECT_EQ(run("index --reference chair.obj --out chair.l3d"), 0) << output;
  }
  ~InspectTest() override { std::filesystem::remove_all(folder); }

  /// Runs the program in the folder; its exit code, and stdout and stderr in `output`.
  int run(const std::string& arguments) {
    const std::string command = "cd " + folder.string() + " && " + LOOKING3D_BINARY + " " + arguments + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    output.clear();
    char buffer[4096];
    while (const size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
    const int status = ::pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  /// Photographs the whole chair: photos/NAME.png.
  void photograph(const std::string& name, const std::string& azimuth) {
    EXPECT_EQ(run("render --reference chair.obj --size 128 --samples 4 --azimuth " + azimuth + " --out photos/" + name + ".png"), 0)
        << output;
  }
  int inspect(const std::string& arguments) { return run("inspect --reference chair.l3d " + arguments); }

  const Path folder;
  std::string output;
};

TEST_F(InspectTest, AFolderGivesATableAndJsonAsDocumented) {
  photograph("b", "200");
  photograph("a", "30");
  write_file_atomic(folder / "photos" / "notes.txt", "no photo");
  write_file_atomic(folder / "photos" / "c.png", "nor is this");
  EXPECT_EQ(inspect("photos --json v.json --csv v.csv --report report --timings"), 2) << output;
  EXPECT_NE(output.find("time of 2 photos"), std::string::npos) << output;
  const JsonSchema schema(read_json(Path(LOOKING3D_SOURCE_DIR) / "docs" / "report.schema.json"));
  for (const char* file : {"v.json", "report/report.json"}) {
    const Json json = read_json(folder / file);
    EXPECT_EQ(schema.errors(json), std::vector<std::string>{}) << file;
    ASSERT_EQ(json["photos"].size(), 3u);
    EXPECT_EQ(json["photos"][0]["name"], "photos/a.png");
    EXPECT_EQ(json["photos"][1]["name"], "photos/b.png");
    EXPECT_TRUE(json["photos"][2].contains("error"));
  }
  const std::string csv = read_file(folder / "v.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
  EXPECT_LT(csv.find("photos/a.png,"), csv.find("photos/b.png,"));
}

TEST_F(InspectTest, NamesThatAreNoUtf8AreWrittenAsWellAsMayBe) {
  photograph("a", "30");
  std::filesystem::rename(folder / "photos" / "a.png", folder / "photos" / "\xff.png");
  EXPECT_EQ(inspect("photos --json v.json --csv v.csv --report report"), 0) << output;
  EXPECT_EQ(read_json(folder / "v.json")["photos"][0]["name"], "photos/\ufffd.png");
  EXPECT_EQ(read_json(folder / "report" / "report.json")["photos"][0]["name"], "photos/\ufffd.png");
}

TEST_F(InspectTest, StepsAreShownAndCanBeSwitched) {
  EXPECT_EQ(run("render --reference chair.obj --size 256 --samples 4 --azimuth 30 --background hdr --out photos/home.png"), 0) << output;
  EXPECT_EQ(inspect("photos/home.png --report as_it_is"), 0) << output;
  EXPECT_EQ(inspect("photos/home.png --report cut --background cut --no-second-look"), 0) << output;
  const Json as_it_is = read_json(folder / "as_it_is" / "report.json"), cut = read_json(folder / "cut" / "report.json");
  EXPECT_EQ(as_it_is["background"], "auto");
  EXPECT_EQ(cut["background"], "cut");
  EXPECT_EQ(cut["second_look"], false);
  EXPECT_TRUE(as_it_is["photos"][0]["notes"][0].get<std::string>().starts_with("compared in place"));
  EXPECT_TRUE(cut["photos"][0]["notes"][0].get<std::string>().starts_with("object told from its background"));
  for (const char* page : {"as_it_is/report.html", "cut/report.html"})
    EXPECT_NE(read_file(folder / page).find("The picture that was compared"), std::string::npos);
  EXPECT_EQ(inspect("photos/home.png --background none"), 2);
}

TEST_F(InspectTest, ScannedMeshesAreSmoothed) {
  EXPECT_EQ(run("index --reference chair.obj --smooth 5 --out smooth.l3d"), 0) << output;
  EXPECT_NE(output.find("smoothed: 5 rounds"), std::string::npos) << output;
  EXPECT_EQ(run("index --reference smooth.l3d --smooth 5 --out again.l3d"), 2);
  EXPECT_NE(output.find("does not apply to an index file"), std::string::npos) << output;
  EXPECT_EQ(run("index --reference chair.obj --smooth -1 --out no.l3d"), 2);
}

TEST_F(InspectTest, CmtTellsItsCorrespondences) {
  photograph("a", "30");
  EXPECT_EQ(inspect("--method cmt photos/a.png --json v.json"), 0) << output;
  const Json json = read_json(folder / "v.json");
  EXPECT_EQ(JsonSchema(read_json(Path(LOOKING3D_SOURCE_DIR) / "docs" / "report.schema.json")).errors(json), std::vector<std::string>{});
  EXPECT_EQ(json["photos"][0]["correspondences"].size(), 10u);
  EXPECT_FALSE(json["photos"][0]["closest_view"].is_null());
}

TEST_F(InspectTest, ExitCodesTellScriptsWhatTheyAskFor) {
  photograph("a", "30");
  EXPECT_EQ(inspect("photos --threshold 0"), 0) << output;  // it deviates, whatever it shows
  EXPECT_EQ(inspect("photos --threshold 0 --fail-on deviates"), 1) << output;
  EXPECT_EQ(inspect("photos --threshold 1 --fail-on deviates"), 0) << output;
  EXPECT_EQ(inspect("photos --fail-on sometimes"), 2);
  EXPECT_NE(output.find("--fail-on"), std::string::npos) << output;
  EXPECT_EQ(run("inspect --help"), 0);
  EXPECT_NE(output.find("Exit code:"), std::string::npos) << output;
}

TEST_F(InspectTest, OutputsAreRefusedBeforePhotosAreJudged) {
  write_file_atomic(folder / "photos" / "a.png", "no photo");
  write_file_atomic(folder / "file", "x");
  for (const std::string flag : {"--csv file/v.csv", "--json file/v.json", "--report file"}) {
    EXPECT_EQ(inspect("photos " + flag), 2) << flag;
    EXPECT_EQ(output.find("photos/a.png"), std::string::npos) << output;
  }
  std::filesystem::create_directories(folder / "empty");
  EXPECT_EQ(inspect("empty"), 2);
  EXPECT_NE(output.find("holds no pictures"), std::string::npos) << output;
}

}  // namespace
}  // namespace looking3d
