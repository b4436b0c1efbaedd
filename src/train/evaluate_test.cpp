#include "train/evaluate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "train/compare.h"
#include "train/curves.h"
#include "train/tiny_weights.h"
#include "train/train.h"

namespace looking3d {
namespace {

/// A copy of the tiny data set that a test may spoil, and folders for runs.
class EvaluateTest : public testing::Test {
 protected:
  EvaluateTest() : folder(std::filesystem::temp_directory_path() / ("l3d_evaluate_test_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    std::filesystem::copy(tiny_data_set(), folder / "data", std::filesystem::copy_options::recursive);
    weights = untrained_cmt();
  }
  ~EvaluateTest() override {
    std::filesystem::remove_all(folder);
    std::filesystem::remove(weights);
  }
  EvalOptions options(const std::string& out) const {
    EvalOptions options;
    options.data = (folder / "data").string();
    options.weights = weights.string();
    options.out = (folder / out).string();
    return options;
  }
  /// The message with which evaluating is refused; empty when it is not.
  static std::string refusal(const EvalOptions& options) {
    try {
      evaluate(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  /// The first sample of the test split that `wanted` accepts.
  Sample sample(const std::function<bool(const Sample&)>& wanted) const {
    const DataSet data = DataSet::open(folder / "data");
    for (const size_t i : data.samples_of("test"))
      if (wanted(data.samples()[i])) return data.samples()[i];
    ADD_FAILURE() << "the tiny set has no such sample";
    return {};
  }
  /// Half of the file's bytes are lost.
  static void spoil(const Path& file) { std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2); }

  Path folder, weights;
};

std::vector<double> logits(const Evaluation& evaluation) {
  std::vector<double> all;
  for (const JudgedRow& row : evaluation.rows) all.push_back(row.logit);
  return all;
}

TEST_F(EvaluateTest, ASetWithoutMeshesGivesTheSameNumbers) {
  const Evaluation whole = evaluate(options("whole"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "data"))
    if (entry.path().extension() == ".obj") std::filesystem::remove(entry.path());
  const Evaluation meshless = evaluate(options("meshless"));
  EXPECT_EQ(logits(meshless), logits(whole));
  EXPECT_EQ(meshless.results["judged"], whole.results["judged"]);
  EXPECT_EQ(meshless.results["auc"], whole.results["auc"]);

  EvalOptions rendered = options("rendered");
  rendered.views_from = "mesh";
  EXPECT_NE(refusal(rendered).find("no mesh"), std::string::npos);
  EvalOptions align = options("align");
  const Path align_weights = untrained_align();
  align.weights = align_weights.string();
  EXPECT_NE(refusal(align).find("no mesh"), std::string::npos) << refusal(align);
  std::filesystem::remove(align_weights);
}

TEST_F(EvaluateTest, AlignNeverSeesTheTrueCamera) {
  EvalOptions with_truth = options("with_truth");
  const Path align_weights = untrained_align();
  with_truth.weights = align_weights.string();
  const Evaluation honest = evaluate(with_truth);
  // Every annotation now tells another camera.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "data" / "annotations")) {
    if (entry.path().extension() != ".json") continue;
    Json annotation = read_json(entry.path());
    annotation["view"] = {{"azimuth_deg", 123.0}, {"elevation_deg", 71.0}, {"roll_deg", 20.0},      {"distance", 9.0},
                          {"shift_x", 0.1},       {"shift_y", 0.1},        {"focal_per_width", 0.7}};
    annotation.erase("K");
    annotation.erase("camera_from_world");
    write_file_atomic(entry.path(), annotation.dump());
  }
  with_truth.out = (folder / "with_lies").string();
  const Evaluation lied_to = evaluate(with_truth);
  EXPECT_EQ(logits(lied_to), logits(honest));
  EXPECT_EQ(lied_to.results["judged"], honest.results["judged"]);
  EXPECT_NE(lied_to.results["pose"], honest.results["pose"]);  // the lies were read: errors are measured against them
  std::filesystem::remove(align_weights);
}

TEST_F(EvaluateTest, TestViews) {
  const std::vector<double> all = logits(evaluate(options("all")));
  EvalOptions few = options("few");
  few.test_views = 5;
  EXPECT_NE(logits(evaluate(few)), all);
  few.test_views = 20;
  EXPECT_EQ(logits(evaluate(few)), all);
  few.test_views = 21;
  EXPECT_NE(refusal(few).find("--test-views"), std::string::npos);
  few.views_from = "photos";
  EXPECT_NE(refusal(few).find("--views-from"), std::string::npos);
}

TEST_F(EvaluateTest, EverySampleCounts) {
  const Sample normal = sample([](const Sample& s) { return !s.anomalous; });
  const Sample anomalous = sample([](const Sample& s) { return s.anomalous; });
  Path view;
  for (const auto& entry : std::filesystem::directory_iterator(views_folder(folder / "data", normal.shape_id)))
    if (entry.path().extension() == ".npy") view = entry.path();
  for (const Path& file : {normal.image, anomalous.info, anomalous.change, view}) {
    const std::string bytes = read_file(file);
    spoil(file);
    EXPECT_NE(refusal(options("x")).find(file.filename().string()), std::string::npos) << file << "\n" << refusal(options("x"));
    write_file_atomic(file, bytes);
  }
  // What is not there at all does not leave a photo out of a measure either.
  for (const Path& file : {anomalous.info, anomalous.change}) {
    const std::string bytes = read_file(file);
    const auto parts = {anomalous.mask_before, anomalous.mask_after};
    std::filesystem::remove(file);
    if (file == anomalous.change) {
      for (const Path& part : parts) std::filesystem::remove(part);
    }
    EXPECT_NE(refusal(options("x")).find("every sample counts"), std::string::npos) << file << "\n" << refusal(options("x"));
    write_file_atomic(file, bytes);
  }
  EXPECT_EQ(refusal(options("x")), "");
}

TEST_F(EvaluateTest, ComparedWithAnEarlierRun) {
  const Evaluation first = evaluate(options("first"));
  const Path others = untrained_cmt(2);
  EvalOptions second = options("second");
  second.weights = others.string();
  second.compare = (folder / "first").string();
  const Evaluation now = evaluate(second);
  std::filesystem::remove(others);
  const Json& area = now.results["comparison"]["measures"]["auc"];
  EXPECT_EQ(area["before"], first.results["auc"]["value"]);
  EXPECT_EQ(area["after"], now.results["auc"]["value"]);
  EXPECT_NEAR(area["difference"]["value"], area["after"].get<double>() - area["before"].get<double>(), 1e-12);
  EXPECT_NE(results_table(now.results).find("difference"), std::string::npos);

  EvalOptions fewer = options("fewer");
  fewer.photos = 5;
  fewer.compare = (folder / "first/results.json").string();
  const std::string refused = refusal(fewer);
  std::vector<std::string> names;
  for (const JudgedRow& row : first.rows) names.push_back(row.photo);
  std::sort(names.begin(), names.end());
  EXPECT_NE(refused.find("not judged now: " + names[1]), std::string::npos) << refused;  // the first is drawn, the second is not
  write_file_atomic(folder / "other.json", "{}");
  fewer.compare = (folder / "other.json").string();
  EXPECT_NE(refusal(fewer).find("no results.json"), std::string::npos);
}

TEST(PublishedSet, TrainsAndEvaluatesWithoutMeshes) {
  const Path mini = Path(LOOKING3D_SOURCE_DIR) / "../shared/fixtures/brokenchairs-mini";
  if (!std::filesystem::exists(mini)) GTEST_SKIP() << "the published layout's fixture is not here: " << mini;
  const Path out = std::filesystem::temp_directory_path() / ("l3d_published_test_" + std::to_string(::getpid()));
  std::filesystem::remove_all(out);
  TrainOptions train_options;
  train_options.data = mini.string();
  train_options.out = (out / "run").string();
  train_options.method = "cmt";
  train_options.preset = "paper";
  train_options.size = 64, train_options.bf16 = "off";
  train_options.photos = 2, train_options.shapes = 1, train_options.train_views = 2, train_options.steps = 1;
  const TrainResult trained = train(train_options);
  EvalOptions options;
  options.data = mini.string();
  options.weights = trained.weights.string();
  options.out = (out / "results").string();
  const Evaluation evaluation = evaluate(options);
  EXPECT_EQ(evaluation.rows.size(), 2u);
  EXPECT_TRUE(evaluation.results["auc"]["value"].is_number());
  EXPECT_FALSE(evaluation.results.contains("by_visible_size"));  // the published annotations do not tell it
  std::filesystem::remove_all(out);
}

std::vector<JudgedRow> drawn_rows(uint64_t seed) {
  std::vector<JudgedRow> rows;
  Rng rng(seed);
  for (int i = 0; i < 60; ++i) {
    JudgedRow row{.photo = "photo " + std::to_string(100 + i), .shape = std::to_string(i / 6), .kind = "missing", .anomalous = i % 2 == 0};
    row.logit = rng.uniform() + (row.anomalous ? 0.3 : 0);
    row.probability = 1 / (1 + std::exp(-row.logit));
    rows.push_back(row);
  }
  return rows;
}

TEST(Comparison, IntervalsAreThoseOfPairedDraws) {
  const std::vector<JudgedRow> before = drawn_rows(1), now = drawn_rows(2);
  const Json found = comparison_json({"earlier", Json::object(), before}, now)["measures"]["auc"]["difference"];

  // Plainly: the same draws of ten shapes for both runs, AUC by counting pairs.
  const auto area = [](const std::vector<JudgedRow>& rows, const std::vector<size_t>& photos) {
    double pairs = 0, in_order = 0;
    for (const size_t a : photos)
      for (const size_t b : photos)
        if (rows[a].anomalous && !rows[b].anomalous) ++pairs, in_order += rows[a].logit > rows[b].logit;
    return in_order / pairs;
  };
  std::vector<double> differences;
  for (int draw = 0; draw < 1000; ++draw) {
    Rng rng(identity(1, "bootstrap", draw));
    std::vector<size_t> photos;
    for (int shape = 0; shape < 10; ++shape) {
      const size_t first = 6 * rng.index(10);
      for (size_t i = 0; i < 6; ++i) photos.push_back(first + i);
    }
    differences.push_back(area(now, photos) - area(before, photos));
  }
  std::sort(differences.begin(), differences.end());
  EXPECT_NEAR(found["low"], differences[25], 1e-12);
  EXPECT_NEAR(found["high"], differences[974], 1e-12);
}

TEST(Comparison, OfARunWithItselfIsNothing) {
  const std::vector<JudgedRow> rows = drawn_rows(1);
  std::vector<JudgedRow> turned(rows.rbegin(), rows.rend());
  const Json measures = comparison_json({"earlier", Json::object(), rows}, turned)["measures"];
  for (const char* key : {"auc", "accuracy", "average_precision", "calibration_error"}) {
    EXPECT_EQ(measures[key]["difference"]["value"], 0) << key;
    EXPECT_EQ(measures[key]["difference"]["low"], 0) << key;
    EXPECT_EQ(measures[key]["difference"]["high"], 0) << key;
  }
  EXPECT_TRUE(measures["box_ap_50"]["difference"]["value"].is_null());  // nobody drew a box
  turned.back().anomalous = !turned.back().anomalous;
  EXPECT_THROW(require_same_photos({"earlier", Json::object(), rows}, turned), InputError);
}

TEST(JudgedTable, ReadsWhatItWrote) {
  std::vector<JudgedRow> rows = drawn_rows(3);
  rows[1].box = Box{0.25, 0.5, 0.125, 0.0625};
  rows[1].refused = true;
  rows[2].true_box = Box{0.5, 0.5, 1, 1};
  const Json json = Json::parse(Json{{"judged", judged_json(rows)}}.dump());
  const std::vector<JudgedRow> read = judged_rows(json, "results.json");
  ASSERT_EQ(read.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(read[i].photo, rows[i].photo);
    EXPECT_EQ(read[i].logit, rows[i].logit);
    EXPECT_EQ(read[i].anomalous, rows[i].anomalous);
    EXPECT_EQ(read[i].box.has_value(), rows[i].box.has_value());
  }
  EXPECT_TRUE(read[1].refused);
  EXPECT_EQ(read[1].box->w, 0.125);
  EXPECT_EQ(read[2].true_box->h, 1);
  EXPECT_THROW(judged_rows({{"judged", 3}}, "results.json"), InputError);
}

TEST(JudgedTable, MeasuresHandWorked) {
  // Ranked: anomalous 2.0 (box right), normal 1.0 (with a box), anomalous -1.0 (box wrong), normal -2.0.
  const Box right{0.5, 0.5, 0.2, 0.2}, wrong{0.1, 0.1, 0.1, 0.1};
  const auto row = [](bool anomalous, double logit, double probability, std::optional<Box> box, std::optional<Box> truth) {
    JudgedRow row{.anomalous = anomalous};
    row.logit = logit, row.probability = probability, row.box = box, row.true_box = truth;
    return row;
  };
  const std::vector<JudgedRow> rows = {row(true, 2, 0.9, right, right), row(false, 1, 0.8, right, {}), row(true, -1, 0.3, wrong, right),
                                       row(false, -2, 0.1, {}, {})};
  const std::vector<double> found = photo_measures(rows, all_of(rows));
  ASSERT_EQ(found.size(), kMeasures.size());
  const double expected[] = {0.75, 0.5, (1 + 2.0 / 3) / 2, 0.8, 0.5, (0.1 + 0.8 + 0.7 + 0.1) / 4, 0.5, 0.5};
  for (size_t k = 0; k < found.size(); ++k) EXPECT_NEAR(found[k], expected[k], 1e-12) << kMeasures[k];
}

TEST(Curves, RecallBetweenTheCornersOfTheRocCurve) {
  // Corners (0, 1/2), (1/2, 1/2), then a tie: (1, 1).
  const std::vector<LabelledScore> cases = {{4, true}, {3, false}, {1, true}, {1, false}};
  const std::vector<double> found = recall_at(cases, {0, 0.25, 0.5, 0.75, 1});
  const double expected[] = {0.5, 0.5, 0.5, 0.75, 1};
  for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12) << i;
  EXPECT_TRUE(std::isnan(recall_at({{1, true}}, {0.5})[0]));
}

TEST(Curves, LargerChangesAreFoundMoreOftenIfTheyScoreHigher) {
  std::vector<JudgedRow> rows = drawn_rows(7);
  std::vector<double> sizes(rows.size());
  int64_t anomalous = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].logit = -1;
    if (!rows[i].anomalous) continue;
    sizes[i] = ++anomalous % 2 == 0 ? 0.006 : 0.3;
    rows[i].logit = sizes[i] > 0.1 ? 1 : -2;
  }
  const Json curve = size_curve_json(rows, sizes);
  ASSERT_EQ(curve.size(), 2u);
  EXPECT_EQ(curve[0]["from"], 0.005);
  EXPECT_EQ(curve[0]["to"], 0.01);
  EXPECT_LT(curve[0]["recall"], 0.02);
  EXPECT_LT(curve[1]["from"], 0.3);
  EXPECT_EQ(curve[1]["recall"], 1);
  EXPECT_EQ(curve[0]["photos"].get<int64_t>() + curve[1]["photos"].get<int64_t>(), anomalous);
}

TEST(Curves, BinsHoldEveryPhoto) {
  std::vector<JudgedRow> rows = drawn_rows(5);
  rows[0].probability = 0, rows[1].probability = 1;
  const Json curves = curves_json(rows);
  int64_t normal = 0, anomalous = 0, binned = 0;
  for (const Json& count : curves["histogram"]["normal"]) normal += count.get<int64_t>();
  for (const Json& count : curves["histogram"]["anomalous"]) anomalous += count.get<int64_t>();
  for (const Json& bin : curves["calibration"]) binned += bin["photos"].get<int64_t>();
  EXPECT_EQ(normal, 30);
  EXPECT_EQ(anomalous, 30);
  EXPECT_EQ(binned, 60);
  const Json& roc = curves["roc"];
  for (size_t i = 0; i < roc["recall"].size(); ++i) EXPECT_LE(roc["low"][i], roc["high"][i]);
  EXPECT_EQ(roc["recall"].back(), 1);
}

}  // namespace
}  // namespace looking3d
