#include "inspect/verdict_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace looking3d {
namespace {

/// CSV read by the letter of RFC 4180.
std::vector<std::vector<std::string>> records_of(const std::string& csv) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record;
  std::string field;
  bool quoted = false;
  for (size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (quoted && c == '"' && csv.substr(i, 2) == "\"\"") {
      field += csv[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      record.push_back(std::move(field)), field.clear();
    } else if (!quoted && csv.substr(i, 2) == "\r\n") {
      record.push_back(std::move(field)), field.clear();
      records.push_back(std::move(record)), record.clear();
      ++i;
    } else {
      field += c;
    }
  }
  EXPECT_FALSE(quoted);
  EXPECT_TRUE(field.empty() && record.empty());  // the last line is ended too
  return records;
}

ReportEntry deviating(const std::string& name) {
  Inspection found;
  found.verdict = Verdict::kDeviates;
  found.probability = 0.97;
  found.kind = "rotation";
  found.box = PixelBox{10.5, 20, 30, 40};
  found.parts = {{"leg_1", "leg", 0.9, 0.8, 0.1}};
  found.motion = PartMotion{14, 3, 0.04, 0.01};
  found.camera.emplace();
  found.camera->azimuth_deg = 30, found.camera->elevation_deg = 20, found.camera->roll_deg = -1;
  found.camera->distance = 3, found.camera->score = 0.95, found.camera->probability = 0.9;
  found.times = {10, 40, 20, 20, 5, 100};
  return {name, "", {640, 480}, {}, found, 20};
}

TEST(VerdictTable, HasALineForEachPhoto) {
  Inspection whole;
  whole.verdict = Verdict::kMatches;
  whole.probability = 1e-7;
  whole.parts = {{"leg_1", "leg", 0.9, 0.8, 0.1}};  // nobody's fault
  whole.closest_view = ViewOfReference{3, 54};
  const ReportEntry matching{"whole.png", "", {64, 64}, {}, whole}, unreadable{"cut.png", "cut.png: is cut short", {}, {}, {}};
  const auto records = records_of(verdicts_csv({deviating("a.png"), matching, unreadable}));
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0], verdict_columns());
  const auto field = [&](size_t line, const std::string& column) {
    const auto found = std::find(records[0].begin(), records[0].end(), column);
    EXPECT_NE(found, records[0].end()) << column;
    return records[line].at(static_cast<size_t>(found - records[0].begin()));
  };
  for (const auto& record : records) EXPECT_EQ(record.size(), records[0].size());
  const std::pair<const char*, const char*> expected[] = {
      {"photo", "a.png"},
      {"verdict", "deviates"},
      {"probability", "0.97"},
      {"threshold", "0.5"},
      {"box_x", "10.5"},
      {"box_y", "20"},
      {"box_width", "30"},
      {"box_height", "40"},
      {"kind", "rotation"},
      {"part", "leg_1"},
      {"moved", "0.04"},
      {"moved_sigma", "0.01"},
      {"turned_deg", "14"},
      {"turned_sigma_deg", "3"},
      {"lost_share", ""},
      {"azimuth_deg", "30"},
      {"elevation_deg", "20"},
      {"roll_deg", "-1"},
      {"distance", "3"},
      {"camera_score", "0.95"},
      {"camera_probability", "0.9"},
      {"closest_view_deg", ""},
      {"milliseconds", "100"},
      {"explanation", "Deviates (p = 0.97): part leg_1 turned 14 +- 3 deg, moved 4 +- 1 % of the height."},
      {"error", ""}};
  EXPECT_EQ(std::size(expected), records[0].size());
  for (const auto& [column, value] : expected) EXPECT_EQ(field(1, column), value) << column;
  EXPECT_EQ(field(2, "verdict"), "matches");
  EXPECT_EQ(field(2, "probability"), "1e-07");
  EXPECT_EQ(field(2, "closest_view_deg"), "54");
  for (const char* column : {"part", "kind", "box_x", "moved", "azimuth_deg", "error"}) EXPECT_EQ(field(2, column), "") << column;
  EXPECT_EQ(field(3, "photo"), "cut.png");
  EXPECT_EQ(field(3, "verdict"), "");
  EXPECT_EQ(field(3, "error"), "cut.png: is cut short");
}

TEST(VerdictTable, QuotesWhatWouldBreakALine) {
  for (const std::string name : {"a,b.png", "say \"no\".png", "two\nlines.png", "cr\rhere.png", "\"", ",", "plain"}) {
    const auto records = records_of(verdicts_csv({deviating(name), deviating("next.png")}));
    ASSERT_EQ(records.size(), 3u) << name;
    EXPECT_EQ(records[1].front(), name);
    EXPECT_EQ(records[2].front(), "next.png");
  }
  EXPECT_NE(verdicts_csv({deviating("say \"no\".png")}).find("\"say \"\"no\"\".png\","), std::string::npos);
}

TEST(ExitCode, TellsScriptsWhatTheyAskFor) {
  const auto with = [](Verdict verdict) {
    ReportEntry entry = deviating("a.png");
    entry.inspection->verdict = verdict;
    return entry;
  };
  const ReportEntry good = with(Verdict::kMatches), bad = with(Verdict::kDeviates), unsure = with(Verdict::kCannotJudge);
  const ReportEntry unreadable{"cut.png", "cut.png: is cut short", {}, {}, {}};
  struct Case {
    std::vector<ReportEntry> entries;
    int never, deviates, unsure;
  };
  for (const auto& [entries, never, deviates, at_unsure] :
       {Case{{}, 0, 0, 0}, Case{{good, good}, 0, 0, 0}, Case{{good, bad, good}, 0, 1, 1}, Case{{good, unsure}, 0, 0, 1},
        Case{{bad, unreadable, bad}, 2, 2, 2}, Case{{unsure, unreadable}, 2, 2, 2}}) {
    EXPECT_EQ(exit_code(entries, FailOn::kNever), never);
    EXPECT_EQ(exit_code(entries, FailOn::kDeviates), deviates);
    EXPECT_EQ(exit_code(entries, FailOn::kUnsure), at_unsure);
  }
}

TEST(VerdictTable, ColumnsAreDocumented) {
  const std::string text = read_file(Path(LOOKING3D_SOURCE_DIR) / "docs" / "report_format.md");
  for (const std::string& column : verdict_columns()) EXPECT_NE(text.find("`" + column + "`"), std::string::npos) << column;
}

/// The numbers of the line that starts with the word.
std::pair<double, double> numbers_after(const std::string& table, const std::string& word) {
  std::istringstream in(table.substr(table.find("  " + word) + 2 + word.size()));
  std::pair<double, double> numbers{-1, -1};
  in >> numbers.first >> numbers.second;
  return numbers;
}

TEST(Timings, AreMediansAndShares) {
  ReportEntry slow = deviating("slow.png"), slower = deviating("slower.png");
  slow.inspection->times = {10, 140, 20, 20, 5, 200};    // 5 of it nobody's
  slower.inspection->times = {10, 240, 20, 20, 5, 300};  // and here
  const ReportEntry unreadable{"cut.png", "cut.png: is cut short", {}, {}, {}, 7};
  const std::string table = timings_table({deviating("a.png"), slower, unreadable, slow});
  EXPECT_NE(table.find("3 photos"), std::string::npos) << table;
  const double all = 120 + 220 + 320;
  const auto expect = [&](const std::string& phase, double median_ms, double sum_ms) {
    const auto [median, percent] = numbers_after(table, phase);
    EXPECT_NEAR(median, median_ms, 0.051) << table;
    EXPECT_NEAR(percent, 100 * sum_ms / all, 0.051) << table;
  };
  expect("read", 20, 60);
  expect("prepare", 10, 30);
  expect("pose", 140, 40 + 140 + 240);
  expect("render", 20, 60);
  expect("network", 20, 60);
  expect("explain", 5, 15);
  expect("other", 5, 15);
  expect("all", 220, all);
  // Of two, the middle.
  EXPECT_NEAR(numbers_after(timings_table({slow, slower}), "pose").first, 190, 0.051);
  EXPECT_NE(timings_table({slow}).find("1 photo\n"), std::string::npos);
  EXPECT_EQ(timings_table({unreadable}), "");
}

}  // namespace
}  // namespace looking3d
