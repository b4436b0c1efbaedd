#include "dataset/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

GenerateOptions options_for(int shapes) {
  GenerateOptions options;
  options.out = "unused";
  options.shapes = shapes;
  return options;
}

int median(std::vector<int> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

TEST(Plan, SplitSizesAreExact) {
  EXPECT_EQ(split_sizes(1000, "78/7/15"), (std::array<int64_t, 3>{780, 70, 150}));
  EXPECT_EQ(split_sizes(10, "78/7/15"), (std::array<int64_t, 3>{8, 1, 1}));  // 7.8, 0.7, 1.5: the largest remainders win
  EXPECT_EQ(split_sizes(1, "78/7/15"), (std::array<int64_t, 3>{1, 0, 0}));
  EXPECT_EQ(split_sizes(7, "0/0/100"), (std::array<int64_t, 3>{0, 0, 7}));
  for (const char* bad : {"78/7", "78/7/16", "a/b/c", "78/7/15/0", "-10/10/100", ""}) EXPECT_THROW(split_sizes(10, bad), InputError) << bad;
}

TEST(Plan, EachShapeIsInOneSplit) {
  const Plan plan(options_for(1000));
  std::set<std::string> seen;
  for (const auto& [split, ids] : plan.splits()) {
    for (const std::string& id : ids) EXPECT_TRUE(seen.insert(id).second) << id;
  }
  EXPECT_EQ(seen.size(), 1000u);
  for (const PlannedShape& shape : plan.shapes()) {
    const auto& ids = plan.splits().at(shape.split);
    EXPECT_TRUE(std::binary_search(ids.begin(), ids.end(), shape.id));
  }
}

TEST(Plan, MakesTheFamiliesAskedForWithDonorsOfTheirCategory) {
  GenerateOptions options = options_for(12);
  options.families = "tables,gear";
  const Plan plan(options);
  const std::vector<std::string> wanted = family_names("tables,gear");
  std::set<std::string> seen;
  for (const PlannedShape& planned : plan.shapes()) {
    const Shape shape = plan.make(planned);
    seen.insert(shape.family);
    EXPECT_NE(std::find(wanted.begin(), wanted.end(), shape.family), wanted.end()) << shape.family;
    for (const Shape& donor : plan.donors(planned, shape.family)) EXPECT_EQ(category_of(donor.family), category_of(shape.family));
  }
  EXPECT_GE(seen.size(), 2u);
  options.families = "cheese";
  EXPECT_THROW(Plan{options}, InputError);
}

// Paper, table 1: [min, max, median] of views, 28,919 anomalous shapes of 8,143 (3.55 each), 56 % of images anomalous.
TEST(Plan, ProportionsOfThePaper) {
  const Plan plan(options_for(1000));
  std::map<AnomalyKind, int> kinds;
  std::vector<int> normal_views, anomalous_views;
  int64_t normal = 0, anomalous = 0;
  for (const PlannedShape& shape : plan.shapes()) {
    normal_views.push_back(shape.normal_views);
    normal += shape.normal_views;
    std::set<AnomalyKind> own;
    for (const PlannedAnomaly& anomaly : shape.anomalies) {
      ++kinds[anomaly.kind];
      own.insert(anomaly.kind);
      anomalous_views.push_back(anomaly.views);
      anomalous += anomaly.views;
    }
    EXPECT_EQ(own.size(), shape.anomalies.size()) << "up to five anomalies of a shape are of different kinds";
  }
  EXPECT_EQ(median(normal_views), 8);
  EXPECT_EQ(*std::min_element(normal_views.begin(), normal_views.end()), 1);
  EXPECT_EQ(*std::max_element(normal_views.begin(), normal_views.end()), 12);
  EXPECT_EQ(median(anomalous_views), 4);
  EXPECT_EQ(*std::min_element(anomalous_views.begin(), anomalous_views.end()), 1);
  EXPECT_EQ(*std::max_element(anomalous_views.begin(), anomalous_views.end()), 8);
  EXPECT_NEAR(static_cast<double>(anomalous_views.size()) / 1000, 3.5, 0.06);
  EXPECT_NEAR(static_cast<double>(anomalous) / static_cast<double>(normal + anomalous), 0.56, 0.02);
  ASSERT_EQ(kinds.size(), 5u);
  for (const auto& [kind, count] : kinds) EXPECT_NEAR(count, 700, 80) << name_of(kind);
}

TEST(Plan, ViewsAreDistinctAndWithinTheirRanges) {
  const Plan plan(options_for(20));
  for (const PlannedShape& shape : plan.shapes()) {
    for (int anomaly = kNormal; anomaly < 3; ++anomaly) {
      std::set<double> azimuths;
      for (const PlannedView& view : plan.candidate_views(shape, anomaly)) {
        EXPECT_EQ(static_cast<int>(view.azimuth_deg) % 18, 0);
        azimuths.insert(view.azimuth_deg);
        EXPECT_GE(view.elevation_deg, 20);
        EXPECT_LE(view.elevation_deg, 40);
      }
      EXPECT_EQ(azimuths.size(), 20u);
    }
  }
}

TEST(Plan, DependsOnSeedAndIdAlone) {
  const Plan few(options_for(10)), many(options_for(500));
  for (size_t i = 0; i < 10; ++i) {
    const PlannedShape &a = few.shapes()[i], &b = many.shapes()[i];
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.normal_views, b.normal_views);
    ASSERT_EQ(a.anomalies.size(), b.anomalies.size());
    EXPECT_EQ(few.candidate_views(a, kNormal)[3].noise_seed, many.candidate_views(b, kNormal)[3].noise_seed);
  }
  GenerateOptions other = options_for(500);
  other.seed = 2;
  const Plan reseeded(other);
  EXPECT_NE(reseeded.splits(), many.splits());
  EXPECT_NE(reseeded.candidate_views(reseeded.shapes()[0], 0)[0].noise_seed, many.candidate_views(many.shapes()[0], 0)[0].noise_seed);
}

TEST(Plan, AllTest) {
  GenerateOptions options = options_for(12);
  options.all_test = true;
  const Plan plan(options);
  EXPECT_EQ(plan.splits().at("test").size(), 12u);
  EXPECT_TRUE(plan.splits().at("train").empty());
}

TEST(Plan, TestOnlyShapesAreNeverTrainedOn) {
  const Path folder = Path(::testing::TempDir()) / "l3d_plan_sources";
  std::filesystem::remove_all(folder);
  for (int i = 0; i < 12; ++i) {
    const Path shape = folder / ("shape" + std::to_string(i));
    write_file_atomic(shape / "a.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
    if (i % 3 == 0) write_json_atomic(shape / "source.json", {{"use", "test-only"}});
    if (i % 3 == 1) write_json_atomic(shape / "source.json", {{"use", "training"}});
  }
  GenerateOptions options = options_for(1);
  options.shapes_from = folder.string();
  options.splits = "50/25/25";
  const Plan plan(options);
  for (const std::string split : {"train", "val"})
    for (const std::string& id : plan.splits().at(split)) EXPECT_NE(std::stoi(id.substr(5)) % 3, 0) << id;
  EXPECT_EQ(plan.splits().at("train").size(), 4u) << "half of the other eight";
  EXPECT_EQ(plan.splits().at("val").size(), 2u);
  EXPECT_EQ(plan.splits().at("test").size(), 6u);
  write_json_atomic(folder / "shape2/source.json", {{"use", "anything"}});
  EXPECT_THROW(Plan{options}, InputError);
}

TEST(GenerateOptions, BadValuesNameTheirFlag) {
  const auto refusal = [](auto change) -> std::string {
    GenerateOptions options = options_for(3);
    change(options);
    try {
      options.check();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal([](GenerateOptions&) {}), "");
  EXPECT_TRUE(refusal([](GenerateOptions& o) { o.out = ""; }).starts_with("--out"));
  EXPECT_TRUE(refusal([](GenerateOptions& o) { o.shapes = 0; }).starts_with("--shapes"));
  EXPECT_TRUE(refusal([](GenerateOptions& o) { o.size = 100; }).starts_with("--size"));
  EXPECT_TRUE(refusal([](GenerateOptions& o) { o.shard = "2/2"; }).starts_with("--shard"));
  EXPECT_TRUE(refusal([](GenerateOptions& o) { o.shard = "1"; }).starts_with("--shard"));
  EXPECT_TRUE(refusal([](GenerateOptions& o) { o.only = {"chair=3"}; }).starts_with("--only"));
  EXPECT_TRUE(refusal([](GenerateOptions& o) { o.splits = "50/50/50"; }).starts_with("--splits"));
}

}  // namespace
}  // namespace looking3d
