// What `inspect` writes is what docs/report.schema.json says, key by key.
#include "inspect/report.h"

#include <gtest/gtest.h>

#include "inspect/json_schema.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

class ReportTest : public testing::Test {
 protected:
  ReportTest() : reference(Reference::prepare(make_shape({1, 1, "stool"}))) {}

  /// As JSON that went through a file.
  Json written(const std::vector<ReportEntry>& entries) const {
    const Json json = report_json({"1.0", "align", "align.safetensors", "2026-11-28 12:00", 0.5}, reference, entries);
    return Json::parse(json.dump());
  }
  static Path schema_file() { return Path(LOOKING3D_SOURCE_DIR) / "docs" / "report.schema.json"; }
  static JsonSchema schema() { return JsonSchema(read_json(schema_file())); }

  const Reference reference;
};

/// Everything that an inspection may hold.
ReportEntry full_entry() {
  Inspection found;
  found.verdict = Verdict::kDeviates;
  found.probability = 0.97;
  found.kind = "rotation";
  for (const char* kind : {"rotation", "position", "broken", "swapped", "missing"}) found.kinds.push_back({kind, 0.2});
  found.box = PixelBox{10.5, 20, 30, 40};
  found.camera = FoundCamera{.azimuth_deg = 359.9,
                             .elevation_deg = 20,
                             .roll_deg = -1,
                             .distance = 3,
                             .focal_px = 700,
                             .intrinsics = cv::Matx33d::eye(),
                             .camera_from_world = cv::Matx44d::eye(),
                             .score = 0.95,
                             .probability = 0.9};
  found.parts = {{"leg_1", "leg", 0.9, 0.8, 0.1}, {"seat_1", "seat", 0.1, 0.0, 0.6}};
  found.motion = PartMotion{14, 3, 0.04, 0.01};
  found.lost_share = 0.4;
  found.not_judged = {"leg_3"};
  found.next_camera = NextCamera{205, 30, 1};
  found.closest_view = ViewOfReference{19, 342};
  found.correspondences = {{{0, 0, 8, 8}, {3, 54}, {0.5, 0.25, 0.0625, 0.0625}, 0.83}};
  found.matches = {{{0, 0, 8, 8}, {3, 54}, {0.5, 0.25, 0.0625, 0.0625}, 0.8312},
                   {{0, 0, 8, 8}, {4, 72}, {0.25, 0.25, 0.0625, 0.0625}, 0.5},
                   {{8, 0, 8, 8}, {5, 90}, {0.5, 0.75, 0.0625, 0.0625}, 0.7}};
  found.notes = {"mask: by network"};
  found.times = {1, 2, 3, 4, 5, 15};
  return {"photos/a.png", "", {640, 480}, {}, found, 3};
}

ReportEntry refused_entry() {
  Inspection found;
  found.reason = "no object was found";
  return {"b.png", "", {64, 48}, {}, found, 3};
}

ReportEntry unreadable_entry() {
  return {"c.png", "c.png: is cut short", {}, {}, {}};
}

TEST_F(ReportTest, IsWhatItsSchemaSays) {
  const Json json = written({full_entry(), refused_entry(), unreadable_entry()});
  EXPECT_EQ(schema().errors(json), std::vector<std::string>{});
  EXPECT_EQ(schema().errors(written({})), std::vector<std::string>{});
}

/// Every key that the schema speaks of is written somewhere in the report, but those of the folder.
void expect_described_keys(const Json& schema, const std::string& where, const std::string& report) {
  if (schema.is_object() && schema.contains("properties")) {
    for (const auto& [key, property] : schema["properties"].items()) {
      const bool written = report.find("\"" + key + "\":") != std::string::npos;
      EXPECT_TRUE(written || key == "overlay" || key == "matches") << where << "/" << key;
    }
  }
  for (const auto& [key, value] : schema.items())
    if (value.is_structured() && !key.starts_with("match")) expect_described_keys(value, where + "/" + key, report);
}

TEST_F(ReportTest, HasEveryKeyOfItsSchema) {
  const Json json = written({full_entry(), unreadable_entry()});
  expect_described_keys(read_json(schema_file()), "", json.dump());
}

TEST_F(ReportTest, TheSchemaRefusesOtherReports) {
  const Json good = written({full_entry()});
  const auto refused = [&](const std::string& pointer, const Json& value, const std::string& expected) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    const std::vector<std::string> errors = schema().errors(bad);
    std::string all;
    for (const std::string& error : errors) all += error + "\n";
    EXPECT_NE(all.find(expected), std::string::npos) << pointer << "\n" << all;
  };
  refused("/photos/0/verdict", "perhaps", "/photos/0/verdict: enum");
  refused("/photos/0/probability", 1.5, "/photos/0/probability: maximum");
  refused("/photos/0/probability", nullptr, "/photos/0/probability: type");
  refused("/photos/0/box/depth", 1, "/photos/0/box: knows no depth");
  refused("/photos/0/camera/K", Json::array(), "/photos/0/camera/K: minItems");
  refused("/photos/0/correspondences/0/view/index", 1.5, "/photos/0/correspondences/0/view/index: type");
  refused("/format", "looking3d-report-0", "/format: const");
  Json without = good;
  without["photos"][0].erase("times_ms");
  EXPECT_EQ(schema().errors(without), std::vector<std::string>{"/photos/0: lacks times_ms"});
}

TEST_F(ReportTest, TheFolderHoldsWhatTheSchemaSays) {
  const Path folder = Path(testing::TempDir()) / "l3d_report_test";
  std::filesystem::remove_all(folder);
  ReportEntry entry = full_entry();
  entry.photo = cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(200));
  entry.size = entry.photo.size();
  entry.inspection->heat_map = cv::Mat(48, 64, CV_32F, cv::Scalar(0.5));
  write_report(folder, {"1.0", "align", "align.safetensors", "2026-11-28 12:00", 0.5}, reference, {entry, unreadable_entry()});
  const Json json = read_json(folder / "report.json");
  EXPECT_EQ(schema().errors(json), std::vector<std::string>{});
  EXPECT_TRUE(std::filesystem::exists(folder / json["photos"][0]["overlay"].get<std::string>()));

  // Matches are told patch by patch.
  const Json& matches = json["photos"][0]["matches"];
  EXPECT_EQ(matches["view_patch_side"], 0.0625);
  ASSERT_EQ(matches["patches"].size(), 2u);
  EXPECT_EQ(matches["patches"][0]["best"][0], (Json{{"view", 3}, {"x", 0.5}, {"y", 0.25}, {"similarity", 0.831}}));
  EXPECT_EQ(matches["patches"][0]["best"].size(), 2u);
  EXPECT_EQ(matches["patches"][1]["patch"]["x"], 8);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace looking3d
