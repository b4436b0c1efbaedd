// The page of `inspect --report` in headless Chromium: on a phone and a desktop, in light and dark. Leaves screenshots in report_page/.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "base/files.h"

namespace looking3d {
namespace {

constexpr int kTall = 7000;  ///< pixels of a window in which all of a page is in view

/// stdout of a command; fails the test where it fails.
std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  char buffer[4096];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  const int status = ::pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command << "\n" << output;
  return output;
}

/// Stands before all else in the page.
constexpr const char* kErrorCatcher = R"(<script>
const failures = [];
window.addEventListener('error', (event) => failures.push(event.message));
</script>)";

/// A window cannot be as narrow as a phone, a frame in it can.
std::string page_in_frame(int width) {
  return R"(<!doctype html><body style="margin:0;overflow:hidden"><iframe src="driven.html" style="border:0;display:block;height:)" +
         std::to_string(kTall) + "px;width:" + std::to_string(width) + R"(px"></iframe><script>
window.addEventListener('message', (event) => {
  document.body.appendChild(document.createElement('pre')).textContent = JSON.stringify(event.data).replace(/[&<>]/g, ' ');
});
</script>)";
}

struct Setting {
  int width;
  bool dark;
};

class ReportPageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v chromium > /dev/null") != 0) GTEST_SKIP() << "no chromium here: the report's page is not tested";
    folder = std::filesystem::absolute("report_page") / testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }

  /// Judges photos of the samples into the folder.
  void inspect(const std::string& method, const std::string& photos) const {
    output_of("cd " LOOKING3D_SOURCE_DIR "/samples && " LOOKING3D_BINARY " inspect --reference chair.obj " + photos + " --method " +
              method + " --report " + folder.string());
  }

  /// Opens the report; what report_page_reader.js tells. Leaves a screenshot, phone-dark.png.
  Json read_page(const Setting& setting, const std::string& more_flags = "") const {
    const std::string name = std::string(setting.width < 500 ? "phone" : "desktop") + (setting.dark ? "-dark" : "-light");
    std::string page = read_file(folder / "report.html");
    page.insert(page.find("<meta"), kErrorCatcher);
    const std::string reader = read_file(Path(LOOKING3D_SOURCE_DIR) / "tests" / "report_page_reader.js");
    page.insert(page.find("</body>"), "<script>\n" + reader + "</script>\n");
    write_file_atomic(folder / "driven.html", page);
    write_file_atomic(folder / "frame.html", page_in_frame(setting.width));
    const Path profile = folder / "profile", picture = folder / (name + ".png");
    const std::string dom = output_of(
        "timeout 240 chromium --headless --no-sandbox --disable-gpu" + more_flags +
        " --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader"
        " --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars"
        " --timeout=60000 --blink-settings=preferredColorScheme=" +
        std::string(setting.dark ? "0" : "1") + " --user-data-dir=" + profile.string() + " --window-size=" + std::to_string(setting.width) +
        "," + std::to_string(kTall) + " --screenshot=" + picture.string() + " --dump-dom file://" + (folder / "frame.html").string() +
        " 2>/dev/null");
    const size_t start = dom.find("<pre>") + 5;
    EXPECT_NE(dom.find("<pre>"), std::string::npos) << "the page told nothing\n" << dom;
    if (start < 5 || dom.find("<pre>") == std::string::npos) return nullptr;
    Json told = Json::parse(dom.substr(start, dom.find("</pre>", start) - start));
    std::filesystem::remove_all(profile);
    const cv::Mat shot = cv::imread(picture.string());
    EXPECT_EQ(shot.cols, setting.width);
    cv::imwrite(picture.string(), shot.rowRange(0, std::min(shot.rows, told["height"].get<int>())));
    return told;
  }

  /// What holds for every report in every setting.
  static void expect_sound(const Json& told, const Setting& setting, size_t photos) {
    EXPECT_EQ(told["failures"], Json::array());
    EXPECT_EQ(told["inner"], setting.width);
    EXPECT_LE(told["width"], setting.width) << "wider than the window";
    EXPECT_LT(told["height"], kTall);
    if (setting.dark) {
      EXPECT_LT(told["paper"], 60);
    } else {
      EXPECT_GT(told["paper"], 200);
    }
    ASSERT_GT(told["pictures"].size(), photos);
    for (const Json& shows : told["pictures"]) EXPECT_EQ(shows, true) << "an empty picture";
    ASSERT_EQ(told["cards"].size(), photos);
    auto ascending = told["sorted"][1].get<std::vector<double>>(), descending = told["sorted"][0].get<std::vector<double>>();
    EXPECT_EQ(ascending.size(), photos);
    EXPECT_TRUE(std::is_sorted(ascending.begin(), ascending.end())) << told["sorted"];
    EXPECT_TRUE(std::is_sorted(descending.rbegin(), descending.rend())) << told["sorted"];
    EXPECT_NE(ascending, descending);
    for (const char* words : {"weights", ".safetensors", "threshold", "looking3d ", "method"})
      EXPECT_NE(told["settings"].get<std::string>().find(words), std::string::npos) << words << " in " << told["settings"];
  }

  Path folder;
};

constexpr Setting kSettings[] = {{390, false}, {390, true}, {1280, false}, {1280, true}};

TEST_F(ReportPageTest, Align) {
  // A photo whose middle is not that of the camera.
  const cv::Mat turned = cv::imread(LOOKING3D_SOURCE_DIR "/samples/turned.png");
  cv::Mat wide(turned.rows, turned.cols + 200, CV_8UC3, cv::Scalar::all(255));
  turned.copyTo(wide.colRange(40, 40 + turned.cols));
  cv::imwrite((folder / "wide.png").string(), wide);
  inspect("align", "whole_1.png broken.png " + (folder / "wide.png").string());
  const Json report = read_json(folder / "report.json");
  for (const Setting& setting : kSettings) {
    SCOPED_TRACE(std::to_string(setting.width) + (setting.dark ? " dark" : " light"));
    const Json told = read_page(setting);
    ASSERT_TRUE(told.is_object());
    expect_sound(told, setting, 3);
    for (size_t i = 0; i < told["cards"].size(); ++i) {
      const Json &card = told["cards"][i], &turn = card["turn"], &photo = report["photos"][i];
      SCOPED_TRACE(card["name"]);
      // The view starts where the reference was rendered, turns away from there, and comes back.
      EXPECT_GT(turn["start"]["overlap"], 0.85);
      EXPECT_LT(turn["start"]["difference"], 16);
      EXPECT_LT(turn["turned"]["overlap"], turn["start"]["overlap"].get<double>() - 0.15);
      EXPECT_EQ(turn["back"], turn["start"]);
      EXPECT_NEAR(turn["dragged"].get<double>(), -90, 1e-6);
      EXPECT_NEAR(turn["pinched"].get<double>(), 2, 1e-6);
      EXPECT_EQ(turn["released"], true) << "a lifted finger still turns or zooms";
      EXPECT_EQ(turn["restored"], turn["start"]) << "after the browser took the context away";
      // The suspected part stands out, and only where there is one.
      if (photo["verdict"] == "deviates") {
        EXPECT_GT(turn["suspicious"], 50);
        EXPECT_TRUE(turn["name"].get<std::string>().starts_with(photo["parts"][0]["name"].get<std::string>() + ": ")) << turn;
      } else {
        EXPECT_EQ(turn["suspicious"], 0);
      }
      // Parts that were not judged are hatched.
      if (photo["not_judged"].empty()) {
        EXPECT_EQ(turn["hatched"], 0);
      } else {
        EXPECT_GT(turn["hatched"], 50);
      }
    }
  }
}

TEST_F(ReportPageTest, WithoutWebGl) {
  inspect("align", "whole_1.png missing.png");
  const Json told = read_page({390, false}, " --disable-3d-apis");
  ASSERT_TRUE(told.is_object());
  expect_sound(told, {390, false}, 2);
  for (const Json& card : told["cards"]) EXPECT_EQ(card["turn"], "This browser offers no WebGL 2, so the reference cannot be turned here.");
}

TEST_F(ReportPageTest, Cmt) {
  inspect("cmt", "whole_1.png missing.png");
  const Json report = read_json(folder / "report.json");
  for (const Setting& setting : kSettings) {
    SCOPED_TRACE(std::to_string(setting.width) + (setting.dark ? " dark" : " light"));
    const Json told = read_page(setting);
    ASSERT_TRUE(told.is_object());
    expect_sound(told, setting, 2);
    for (size_t i = 0; i < told["cards"].size(); ++i) {
      const Json &explorer = told["cards"][i]["explorer"], &photo = report["photos"][i];
      SCOPED_TRACE(photo["name"]);
      ASSERT_TRUE(explorer.is_object());
      EXPECT_GT(told["cards"][i]["turn"]["pixels"], 2000);
      // The patch pointed at lights its five best, in their views.
      const Json& patch = photo["matches"]["patches"][explorer["last"].get<size_t>()];
      std::set<int> views;
      for (const Json& match : patch["best"]) views.insert(match["view"].get<int>());
      EXPECT_EQ(explorer["pointed"]["hits"], 5);
      EXPECT_EQ(explorer["pointed"]["enlarged"], 5);
      EXPECT_EQ(explorer["pointed"]["views"], Json(views));
      EXPECT_NEAR(explorer["pointed"]["left"].get<double>(), 100 * patch["patch"]["x"].get<double>() / photo["width"].get<double>(), 0.01);
      EXPECT_NE(explorer["stepped"], explorer["pointed"]) << "the arrow key chose no other patch";
      EXPECT_EQ(explorer["stepped"]["hits"], 5);
    }
  }
}

}  // namespace
}  // namespace looking3d
