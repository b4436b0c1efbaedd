#include "inspect/explanation.h"

#include <gtest/gtest.h>

#include "inspect/report.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

Inspection deviating(const std::string& kind) {
  Inspection inspection;
  inspection.verdict = Verdict::kDeviates;
  inspection.probability = 0.97;
  inspection.kind = kind;
  inspection.parts = {{"leg_2", "leg", 0.9, 0.8, 0.1}, {"seat_1", "seat", 0.1, 0.1, 0.5}};
  return inspection;
}

TEST(Explanation, TellsMotionsWithTheirUncertainty) {
  Inspection inspection = deviating("rotation");
  inspection.motion = {14.2, 3.1, 0.043, 0.012};
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): part leg_2 turned 14 +- 3 deg, moved 4 +- 1 % of the height.");
  inspection.motion = {14.2, 3.1, 0.013, 0.012};  // may as well not have moved
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): part leg_2 turned 14 +- 3 deg.");
  inspection.motion = {1.5, 0.2, 0.06, 0.001};
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): part leg_2 moved 6 +- 1 % of the height.");
  inspection.motion = {14.2, 9.0, 0.02, 0.02};
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): part leg_2 is turned.");
}

TEST(Explanation, TellsWhatIsLost) {
  Inspection inspection = deviating("missing");
  inspection.lost_share = 0.93;
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): part leg_2 is missing: 93 % of its visible area is gone.");
  inspection.kind = "broken";
  inspection.lost_share = 0.31;
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): part leg_2 is broken: 31 % of its visible area is gone.");
  inspection.lost_share.reset();
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): part leg_2 is broken.");
}

TEST(Explanation, NamesRivalsAndNobodyWithoutEvidence) {
  Inspection inspection = deviating("swapped");
  inspection.parts[1].share = 0.6;
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): part leg_2 or seat_1 was swapped for another.");
  inspection.parts[0].share = inspection.parts[1].share = 0.1;
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): something was swapped for another.");
  EXPECT_EQ(main_suspect(inspection), nullptr);
  inspection.parts.clear();
  inspection.kind.clear();
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): something differs.");
}

TEST(Explanation, SaysWhatIsCovered) {
  Inspection inspection = deviating("covered");
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): something covers part leg_2.");
  inspection.parts[0].share = 0.5, inspection.parts[1].share = 0.3;
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): something covers parts leg_2 and seat_1.");
  inspection.parts.push_back({"back", "back", 0.2, 0.1, 0.3});
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): something covers parts leg_2, seat_1 and back.");
  inspection.parts.clear();
  EXPECT_EQ(explain(inspection), "Deviates (p = 0.97): something covers a part of it.");
}

TEST(Explanation, SaysWhatIsHiddenAndWhereToLookFrom) {
  Inspection inspection;
  inspection.verdict = Verdict::kMatches;
  inspection.probability = 0.03;
  EXPECT_EQ(explain(inspection), "Matches its reference (p of a deviation = 0.03).");
  inspection.not_judged = {"leg_3"};
  EXPECT_EQ(explain(inspection), "Matches its reference (p of a deviation = 0.03). Hidden from this side, so not judged: leg_3.");
  inspection.not_judged = {"leg_3", "leg_4", "leg_bar_1", "caster_1", "caster_2"};
  inspection.next_camera = {205, 30, 4};
  EXPECT_EQ(
      explain(inspection),
      "Matches its reference (p of a deviation = 0.03). Hidden from this side, so not judged: leg_3, leg_4, leg_bar_1 and 2 more; look "
      "from azimuth 205, elevation 30.");
}

TEST(Explanation, RefusalsGiveTheirReason) {
  Inspection inspection;
  inspection.verdict = Verdict::kCannotJudge;
  inspection.reason = "no object was found in the photo";
  EXPECT_EQ(explain(inspection), "Cannot judge: no object was found in the photo.");
}

TEST(Report, HoldsWhatTheSentenceSays) {
  Inspection inspection = deviating("rotation");
  inspection.motion = {14.2, 3.1, 0.043, 0.012};
  inspection.not_judged = {"leg_3"};
  inspection.next_camera = {210, 32, 1};
  const ReportEntry moved{"a.jpg", "", {8, 8}, {}, inspection};
  Inspection gone = deviating("missing");
  gone.lost_share = 0.9;
  const ReportEntry lost{"b.jpg", "", {8, 8}, {}, gone};
  const Json json = report_json({}, Reference::prepare(make_shape({1, 1, "stool"})), {moved, lost});
  const Json &first = json.at("photos").at(0), &second = json.at("photos").at(1);
  EXPECT_EQ(first.at("explanation"), explain(inspection));
  EXPECT_EQ(first.at("motion"), Json({{"turned_deg", 14.2}, {"turned_sigma_deg", 3.1}, {"moved", 0.043}, {"moved_sigma", 0.012}}));
  EXPECT_TRUE(first.at("lost_share").is_null());
  EXPECT_EQ(first.at("not_judged"), Json::array({"leg_3"}));
  EXPECT_EQ(first.at("next_camera"), Json({{"azimuth_deg", 210.0}, {"elevation_deg", 32.0}, {"shows", 1}}));
  EXPECT_TRUE(second.at("motion").is_null());
  EXPECT_EQ(second.at("lost_share"), 0.9);
  EXPECT_TRUE(second.at("next_camera").is_null());
}

}  // namespace
}  // namespace looking3d
