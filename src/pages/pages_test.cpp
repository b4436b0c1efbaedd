#include <gtest/gtest.h>

#include "inspect/page.h"
#include "pages/eval_page.h"
#include "pages/match_figure.h"
#include "train/tiny_weights.h"

namespace looking3d {
namespace {

/// The JSON that a page carries.
Json data_of(const std::string& page) {
  const std::string open = "id=\"data\">";
  const size_t start = page.find(open);
  EXPECT_NE(start, std::string::npos);
  const size_t end = page.find("</script>", start);
  return Json::parse(page.substr(start + open.size(), end - start - open.size()));
}

class PagesTest : public testing::Test {
 protected:
  PagesTest() : out(std::filesystem::temp_directory_path() / ("l3d_pages_test_" + std::to_string(::getpid()))), weights(untrained_cmt()) {
    std::filesystem::remove_all(out);
    std::filesystem::create_directories(out);
  }
  ~PagesTest() override {
    std::filesystem::remove_all(out);
    std::filesystem::remove(weights);
  }
  const Path out, weights;
};

TEST_F(PagesTest, EvalPageCarriesWhatItShows) {
  EvalOptions options;
  options.data = tiny_data_set().string(), options.weights = weights.string(), options.out = out.string();
  const Evaluation evaluation = evaluate(options);
  write_eval_page(evaluation, out);
  const std::string page = read_file(out / "eval.html");
  EXPECT_LT(page.size(), 6u << 20);
  EXPECT_EQ(page.find("{{"), std::string::npos) << "a slot was left open";
  EXPECT_EQ(page.find("src=\"http"), std::string::npos) << "nothing is fetched";
  const Json data = data_of(page);
  EXPECT_EQ(data["results"]["auc"], evaluation.results["auc"]);
  EXPECT_EQ(data["results"]["curves"], evaluation.results["curves"]);
  EXPECT_FALSE(data["results"].contains("judged"));

  // Each group holds photos of its kind only, the surest first, one of a shape.
  ASSERT_EQ(data["gallery"].size(), 4u);
  size_t shown = 0;
  for (size_t g = 0; g < 4; ++g) {
    const Json& group = data["gallery"][g];
    const bool anomalous = g == 1 || g == 2, called = g == 0 || g == 2;
    std::set<std::string> shapes;
    double last = called ? 2 : -1;
    for (const Json& photo : group["photos"]) {
      EXPECT_EQ(photo["anomalous"], anomalous);
      EXPECT_EQ(photo["probability"] >= 0.5, called);
      EXPECT_TRUE(shapes.insert(photo["shape"]).second);
      EXPECT_TRUE(called ? photo["probability"] <= last : photo["probability"] >= last);
      last = photo["probability"];
      EXPECT_TRUE(photo["photo"].get<std::string>().starts_with("data:image/jpeg;base64,"));
      EXPECT_TRUE(photo["reference"].is_string());
      EXPECT_EQ(photo["true_box"].is_array(), anomalous);
      ++shown;
    }
  }
  EXPECT_GT(shown, 0u);

  ASSERT_EQ(data["matches"].size(), 4u);
  for (const Json& photo : data["matches"]) {
    EXPECT_EQ(photo["views"].size(), 20u);
    EXPECT_EQ(photo["azimuths"][1], 18);
    ASSERT_GE(photo["patches"].size(), 1u);
    for (const Json& patch : photo["patches"]) {
      EXPECT_EQ(patch["top"].size(), 8u);  // the network's k
      EXPECT_EQ(patch["views"].size(), 4u);
      double last = 2;
      for (const Json& match : patch["top"]) {
        EXPECT_LE(match[2].get<double>(), last + 1e-3);
        last = match[2];
      }
    }
  }
}

TEST_F(PagesTest, SweepPageCarriesTheTable) {
  const Json sweep = {{"options", {{"split", "test"}}}, {"rows", Json::array({{{"weights", "</script><b>"}}})}};
  write_sweep_page(sweep, out);
  const std::string page = read_file(out / "sweep.html");
  EXPECT_EQ(data_of(page), sweep);  // and a name cannot end the script that holds it
  EXPECT_EQ(page.find("{{"), std::string::npos);
}

TEST(FigurePatches, OneOnTheChangeTheOthersFarFromItAndEachOther) {
  // 8 x 8 patches of 8 pixels: the object fills columns 2 to 5, the change lies in its upper left corner.
  cv::Mat object = cv::Mat::zeros(64, 64, CV_8U), change = object.clone();
  object(cv::Rect(16, 0, 32, 64)) = 255;
  change(cv::Rect(16, 0, 8, 8)) = 255;
  const std::vector<int> patches = figure_patches(change, object, 8);
  EXPECT_EQ(patches, (std::vector<int>{2, 7 * 8 + 5, 3 * 8 + 5}));
  EXPECT_EQ(figure_patches(change, cv::Mat::zeros(64, 64, CV_8U), 8), std::vector<int>{2});
  EXPECT_EQ(figure_patches(cv::Mat::zeros(64, 64, CV_8U), object, 8).size(), 3u);
}

}  // namespace
}  // namespace looking3d
