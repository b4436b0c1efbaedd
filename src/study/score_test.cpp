#include "study/score.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"

namespace looking3d {
namespace {

/// Four pairs of two shapes, three a participant.
StudyKey small_key() {
  StudyKey key;
  key.study = "00000000000000aa";
  key.options = Json::object();
  key.pool = {{"render_1", "s", "normal", false},
              {"render_2", "s", "missing", true},
              {"render_3", "t", "broken", true},
              {"render_4", "t", "normal", false}};
  key.people = {{0, 1, 2}, {3, 1, 0}, {2, 3, 0}};
  return key;
}

/// Participant 1: right, wrong, right. Participant 2: wrong, right, right.
std::vector<ParticipantAnswers> two_people() {
  return {{"second.json", 2, {{3, true, 1, 3}, {1, true, 2, 4}, {0, false, {}, 5}}},
          {"first.json", 1, {{0, false, {}, 1}, {1, false, 1, 2}, {2, true, 2, 9}}}};
}

/// Wrong, right, wrong, right.
EarlierRun small_run() {
  EarlierRun run;
  run.file = "results.json";
  run.head = {{"method", "align"}};
  const double probability[] = {0.9, 0.5, 0.4, 0.1};
  const StudyKey key = small_key();
  for (size_t i = 0; i < 4; ++i) {
    JudgedRow row{.photo = key.pool[i].photo, .shape = key.pool[i].shape, .kind = key.pool[i].kind, .anomalous = key.pool[i].anomalous};
    row.probability = probability[i];
    run.rows.push_back(row);
  }
  run.rows.push_back({.photo = "render_5", .shape = "u", .kind = "normal"});  // not in the study
  return run;
}

void expect_statistic(const Json& statistic, double value, double low, double high) {
  EXPECT_NEAR(statistic["value"], value, 1e-12);
  EXPECT_NEAR(statistic["low"], low, 1e-12);
  EXPECT_NEAR(statistic["high"], high, 1e-12);
}

TEST(ScoreAnswers, HandWorkedTable) {
  const Json score = score_answers(small_key(), two_people(), small_run());
  EXPECT_EQ(score["participants"], 2);
  EXPECT_EQ(score["pool"], 4);
  EXPECT_EQ(score["pairs_shown"], 4);
  EXPECT_EQ(score["accuracy"]["answers"], 6);
  EXPECT_EQ(score["median_response_s"], 4);  // 1 2 3 4 5 9
  // Both were right twice of three times, so that every draw of them gives the same. The model was right once where the first was asked,
  // twice where the second was: draws give differences of 1/3, 1/6 and 0.
  expect_statistic(score["accuracy"]["human"], 4 / 6.0, 2 / 3.0, 2 / 3.0);
  expect_statistic(score["accuracy"]["difference"], 1 / 6.0, 0, 1 / 3.0);
  // The model over shapes: s has two right of four answers, t one of two.
  expect_statistic(score["accuracy"]["model"], 3 / 6.0, 0.5, 0.5);

  // kind -> answers, right of people, right of the model
  const std::map<std::string, std::array<double, 3>> by_kind = {
      {"normal", {3, 2, 1}}, {"anomalous", {3, 2, 2}}, {"missing", {2, 1, 2}}, {"broken", {1, 1, 0}}};
  EXPECT_EQ(score["by_kind"].size(), by_kind.size());
  for (const auto& [kind, counts] : by_kind) {
    const Json& slice = score["by_kind"][kind];
    EXPECT_EQ(slice["answers"], counts[0]) << kind;
    EXPECT_NEAR(slice["human"]["value"], counts[1] / counts[0], 1e-12) << kind;
    EXPECT_NEAR(slice["model"]["value"], counts[2] / counts[0], 1e-12) << kind;
  }
  EXPECT_TRUE(score["by_kind"]["broken"]["human"]["low"].is_null()) << "one answer tells nothing of its spread";
  EXPECT_EQ(score["by_confidence"]["guess"]["human"]["value"], 0);
  EXPECT_EQ(score["by_confidence"]["fairly sure"]["human"]["value"], 1);
  EXPECT_EQ(score["by_confidence"]["certain"]["answers"], 0);

  ASSERT_EQ(score["people"].size(), 2u);
  EXPECT_EQ(score["people"][0], Json({{"participant", 1},
                                      {"answers", 3},
                                      {"right", 2},
                                      {"said_anomalous", 1},
                                      {"anomalous", 2},
                                      {"median_response_s", 2.0},
                                      {"model_right", 1}}));
  EXPECT_EQ(score["people"][1], Json({{"participant", 2},
                                      {"answers", 3},
                                      {"right", 2},
                                      {"said_anomalous", 2},
                                      {"anomalous", 1},
                                      {"median_response_s", 4.0},
                                      {"model_right", 2}}));
}

TEST(ScoreAnswers, TablesForPeople) {
  const std::string text = score_text(score_answers(small_key(), two_people(), small_run()));
  EXPECT_NE(text.find("participants 2, answers 6, pairs shown 4 of 4, median response 4.0 s"), std::string::npos) << text;
  EXPECT_NE(text.find("| accuracy | answers | people [95 % interval] | align on the same pairs | people - model |"), std::string::npos)
      << text;
  EXPECT_NE(text.find("| all | 6 | 0.667 [0.667, 0.667] | 0.500 [0.500, 0.500] | +0.167 [+0.000, +0.333] |"), std::string::npos) << text;
  EXPECT_NE(text.find("| broken | 1 | 1.000 [-, -] | 0.000 [-, -] | +1.000 [-, -] |"), std::string::npos) << text;
  EXPECT_NE(text.find("| 2 | 2 of 3 | 2 | 1 | 4.0 | 2 of 3 |"), std::string::npos) << text;
  EXPECT_NE(text.find("| confidence: guess | 2 | 0.000"), std::string::npos) << text;
  EXPECT_EQ(text.find("confidence: certain"), std::string::npos) << text;

  const std::string alone = score_text(score_answers(small_key(), two_people(), std::nullopt));
  EXPECT_NE(alone.find("| all | 6 | 0.667 [0.667, 0.667] |\n"), std::string::npos) << alone;
  EXPECT_NE(alone.find("| 2 | 2 of 3 | 2 | 1 | 4.0 |\n"), std::string::npos) << alone;
  EXPECT_EQ(alone.find("model"), std::string::npos) << alone;
}

TEST(ScoreAnswers, OneParticipantHasNoInterval) {
  const Json score = score_answers(small_key(), {two_people()[1]}, std::nullopt);
  EXPECT_NEAR(score["accuracy"]["human"]["value"], 2 / 3.0, 1e-12);
  EXPECT_TRUE(score["accuracy"]["human"]["low"].is_null());
}

TEST(ScoreAnswers, RunsThatJudgedOtherPhotos) {
  const auto refusal = [](const std::function<void(EarlierRun&)>& change) -> std::string {
    EarlierRun run = small_run();
    change(run);
    try {
      score_answers(small_key(), two_people(), run);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal([](EarlierRun&) {}), "");
  EXPECT_NE(
      refusal([](EarlierRun& run) { run.rows.erase(run.rows.begin() + 2); }).find("results.json: did not judge the photo render_3 (run"),
      std::string::npos);
  EXPECT_NE(refusal([](EarlierRun& run) { run.rows[1].anomalous = false; }).find("has another truth of render_2"), std::string::npos);
}

/// Answers files on disk.
class AnswersTest : public testing::Test {
 protected:
  AnswersTest() : folder(std::filesystem::temp_directory_path() / ("l3d_answers_test_" + std::to_string(::getpid()))), key(small_key()) {
    std::filesystem::remove_all(folder);
    write_key(folder, key);
  }
  ~AnswersTest() override { std::filesystem::remove_all(folder); }

  /// A file as the page writes it for participant 1.
  Json good() const {
    Json json = {{"format", "looking3d-study-answers-1"}, {"study", key.study}, {"participant", 1}, {"answers", Json::array()}};
    for (const char* pair : {"001", "002", "003"})
      json["answers"].push_back({{"pair", pair}, {"answer", "anomalous"}, {"confidence", nullptr}, {"response_ms", 1500}});
    return json;
  }
  std::string write(const std::string& name, const std::string& bytes) const {
    write_file_atomic(folder / name, bytes);
    return (folder / name).string();
  }
  std::string refusal_of(const std::string& bytes) const {
    try {
      read_answers(write("answers.json", bytes), key);
    } catch (const InputError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      EXPECT_NE(message.find("answers.json: "), std::string::npos) << message;
      EXPECT_EQ(message.back(), ')') << "no hint: " << message;
      return message;
    }
    return "";
  }
  void expect_refusal(const std::string& problem, const std::function<void(Json&)>& change) const {
    Json json = good();
    change(json);
    const std::string message = refusal_of(json.dump());
    EXPECT_NE(message.find(problem), std::string::npos) << message << "\nagainst: " << problem;
  }

  const Path folder;
  const StudyKey key;
};

TEST_F(AnswersTest, AreReadAsWritten) {
  Json json = good();
  json["answers"][1]["answer"] = "normal";
  json["answers"][1]["confidence"] = 3;
  json["answers"][1]["response_ms"] = 250.5;
  const ParticipantAnswers read = read_answers(write("answers.json", json.dump()), key);
  EXPECT_EQ(read.participant, 1);
  ASSERT_EQ(read.answers.size(), 3u);
  EXPECT_EQ(read.answers[1].pair, 1);
  EXPECT_TRUE(read.answers[0].anomalous);
  EXPECT_FALSE(read.answers[1].anomalous);
  EXPECT_EQ(read.answers[1].confidence, 3);
  EXPECT_FALSE(read.answers[0].confidence.has_value());
  EXPECT_EQ(read.answers[1].response_s, 0.2505);
}

TEST_F(AnswersTest, BrokenFiles) {
  const std::string whole = good().dump();
  for (size_t length = 0; length < whole.size(); length += 7)
    EXPECT_NE(refusal_of(whole.substr(0, length)).find("is not whole JSON"), std::string::npos) << length;
  EXPECT_NE(refusal_of("\xff\xfe\x01").find("is not whole JSON"), std::string::npos);
  EXPECT_NE(refusal_of(std::string(100000, '[')).find("is not whole JSON"), std::string::npos);
  EXPECT_NE(refusal_of("[]").find("is no answers file"), std::string::npos);
  EXPECT_NE(refusal_of("null").find("is no answers file"), std::string::npos);
  std::string nan = whole;
  nan.replace(nan.find("1500"), 4, "NaN");
  EXPECT_NE(refusal_of(nan).find("is not whole JSON"), std::string::npos);
  std::string infinite = whole;
  infinite.replace(infinite.find("1500"), 4, "1e999");
  EXPECT_NE(refusal_of(infinite), "");
}

TEST_F(AnswersTest, WrongValues) {
  expect_refusal("is no answers file of format looking3d-study-answers-1", [](Json& json) { json["format"] = 1; });
  expect_refusal("answers study \"ffff\", the folder holds study \"00000000000000aa\"", [](Json& json) { json["study"] = "ffff"; });
  expect_refusal("is of participant 4, the study has 1 to 3", [](Json& json) { json["participant"] = 4; });
  expect_refusal("is of participant 0", [](Json& json) { json["participant"] = 0; });
  expect_refusal("is of participant 1.5", [](Json& json) { json["participant"] = 1.5; });
  expect_refusal("is of participant 18446744073709551615", [](Json& json) { json["participant"] = UINT64_MAX; });
  expect_refusal("is of participant null", [](Json& json) { json.erase("participant"); });
  expect_refusal("has no list of answers", [](Json& json) { json["answers"] = "none"; });
  expect_refusal("answers 2 of 3 pairs", [](Json& json) { json["answers"].erase(2); });
  expect_refusal("holds 5 where an answer was expected", [](Json& json) { json["answers"][0] = 5; });
  expect_refusal("answers pair \"900\", which the study does not have", [](Json& json) { json["answers"][0]["pair"] = "900"; });
  expect_refusal("answers pair 1, which the study does not have", [](Json& json) { json["answers"][0]["pair"] = 1; });
  expect_refusal("answers pair \"004\", which this participant was not shown", [](Json& json) { json["answers"][0]["pair"] = "004"; });
  expect_refusal("answers pair \"001\" twice", [](Json& json) { json["answers"][1]["pair"] = "001"; });
  expect_refusal("answer of pair \"001\" is \"maybe\\n\"", [](Json& json) { json["answers"][0]["answer"] = "maybe\n"; });
  expect_refusal("confidence of pair \"001\" is 4", [](Json& json) { json["answers"][0]["confidence"] = 4; });
  expect_refusal("confidence of pair \"001\" is 1.5", [](Json& json) { json["answers"][0]["confidence"] = 1.5; });
  expect_refusal("response_ms of pair \"001\" is -1", [](Json& json) { json["answers"][0]["response_ms"] = -1; });
  expect_refusal("response_ms of pair \"001\" is null", [](Json& json) { json["answers"][0]["response_ms"] = nullptr; });
  expect_refusal("response_ms of pair \"001\" is \"fast\"", [](Json& json) { json["answers"][0]["response_ms"] = "fast"; });
  expect_refusal("...", [](Json& json) { json["study"] = std::string(100000, 'x'); });
}

TEST_F(AnswersTest, AParticipantCountsOnce) {
  const std::string a = write("a.json", good().dump()), b = write("b.json", good().dump());
  try {
    read_all_answers({a, b}, key);
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()),
              b + ": is of participant 1, as " + a + " is (a participant counts once: leave one of the two out)");
  }
}

TEST_F(AnswersTest, ScoresGoToAFile) {
  StudyScoreOptions options;
  options.folder = folder.string(), options.answers = {write("answers.json", good().dump())};
  const Json score = score_study(options);
  EXPECT_EQ(read_json(folder / "study_score.json"), score);
  EXPECT_NEAR(score["accuracy"]["human"]["value"], 2 / 3.0, 1e-12);
  options.out = (folder / "elsewhere" / "score.json").string();
  score_study(options);
  EXPECT_EQ(read_json(options.out), score);
  options.results = write("results.json", "{}");
  EXPECT_THROW(score_study(options), InputError);
  options.folder = (folder / "nowhere").string();
  EXPECT_THROW(score_study(options), InputError);
}

}  // namespace
}  // namespace looking3d
