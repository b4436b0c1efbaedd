#include "study/draw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/random.h"
#include "study/key.h"

namespace looking3d {
namespace {

/// Shapes with 3 normal and 5 anomalous photos each.
std::vector<StudyPhoto> photos_of(int shapes) {
  static constexpr const char* kKinds[] = {"missing", "broken", "position", "rotation", "swapped"};
  std::vector<StudyPhoto> photos;
  for (int s = 0; s < shapes; ++s) {
    const std::string shape = "shape" + std::to_string(s);
    for (int i = 0; i < 3; ++i) photos.push_back({shape + "_normal" + std::to_string(i), shape, "normal", false});
    for (const char* kind : kKinds) photos.push_back({shape + "_" + kind, shape, kind, true});
  }
  return photos;
}

std::map<std::string, int> photos_by_shape(const std::vector<StudyPhoto>& pool, bool anomalous) {
  std::map<std::string, int> count;
  for (const StudyPhoto& photo : pool)
    if (photo.anomalous == anomalous) ++count[photo.shape];
  return count;
}

TEST(DrawPool, HalfOfItIsAnomalousAndShapesComeEvenly) {
  const std::vector<StudyPhoto> pool = draw_pool(photos_of(80), 200, 1);
  ASSERT_EQ(pool.size(), 200u);
  EXPECT_EQ(std::count_if(pool.begin(), pool.end(), [](const StudyPhoto& photo) { return photo.anomalous; }), 100);
  std::set<std::string> names;
  for (const StudyPhoto& photo : pool) EXPECT_TRUE(names.insert(photo.photo).second) << "drawn twice";
  for (const bool anomalous : {false, true}) {
    const std::map<std::string, int> count = photos_by_shape(pool, anomalous);
    EXPECT_EQ(count.size(), 80u) << "100 photos reach all 80 shapes";
    for (const auto& [shape, photos] : count) EXPECT_LE(photos, 2);
  }
  // Numbers tell nothing: neither half of the pool holds one class.
  const auto first_half = std::count_if(pool.begin(), pool.begin() + 100, [](const StudyPhoto& photo) { return photo.anomalous; });
  EXPECT_GT(first_half, 30);
  EXPECT_LT(first_half, 70);
}

TEST(DrawPool, DependsOnSeedAndNamesAlone) {
  std::vector<StudyPhoto> photos = photos_of(30);
  const std::vector<StudyPhoto> pool = draw_pool(photos, 40, 7);
  Rng(3).shuffle(photos);
  EXPECT_EQ(draw_pool(photos, 40, 7), pool);
  EXPECT_NE(draw_pool(photos, 40, 8), pool);
}

TEST(DrawPool, TooFewPhotosOfAClass) {
  try {
    draw_pool(photos_of(10), 200, 1);
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "--pool: needs 100 normal photos, the split has 30 (give --pool 60 or less, or another --split)");
  }
}

TEST(DealPairs, EveryPhotoIsShownAsOftenAsAnyOther) {
  const std::vector<StudyPhoto> pool = draw_pool(photos_of(80), 200, 1);
  for (const int people : {1, 7, 20, 100, 113}) {
    std::vector<int> shown(pool.size());
    for (const std::vector<int>& hand : deal_pairs(pool, people, 10, 1)) {
      EXPECT_EQ(hand.size(), 10u);
      EXPECT_EQ(std::set<int>(hand.begin(), hand.end()).size(), 10u) << "a pair twice";
      for (const int pair : hand) ++shown[static_cast<size_t>(pair)];
    }
    EXPECT_LE(*std::max_element(shown.begin(), shown.end()) - *std::min_element(shown.begin(), shown.end()), 1) << people;
  }
}

TEST(DealPairs, RoundsThatEndWithinAHandRepeatNothing) {
  // 6 pairs, 4 a hand: every second participant starts in one round and ends in the next.
  const std::vector<StudyPhoto> pool = draw_pool(photos_of(5), 6, 1);
  std::vector<int> shown(pool.size());
  for (const std::vector<int>& hand : deal_pairs(pool, 60, 4, 2)) {
    EXPECT_EQ(std::set<int>(hand.begin(), hand.end()).size(), 4u);
    for (const int pair : hand) ++shown[static_cast<size_t>(pair)];
  }
  EXPECT_EQ(shown, std::vector<int>(6, 40));
  // All of the pool each time.
  for (const std::vector<int>& hand : deal_pairs(pool, 3, 6, 2)) EXPECT_EQ(std::set<int>(hand.begin(), hand.end()).size(), 6u);
}

TEST(DealPairs, AParticipantSeesDifferentShapes) {
  const std::vector<StudyPhoto> pool = draw_pool(photos_of(80), 200, 1);
  int repeated = 0;
  for (const std::vector<int>& hand : deal_pairs(pool, 100, 10, 1)) {
    std::set<std::string> shapes;
    for (const int pair : hand) repeated += !shapes.insert(pool[static_cast<size_t>(pair)].shape).second;
  }
  EXPECT_LE(repeated, 5) << "of 1000";
}

TEST(DealPairs, MoreParticipantsLeaveTheFirstAsTheyWere) {
  const std::vector<StudyPhoto> pool = draw_pool(photos_of(20), 40, 1);
  const std::vector<std::vector<int>> few = deal_pairs(pool, 5, 10, 1), many = deal_pairs(pool, 50, 10, 1);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
  EXPECT_NE(deal_pairs(pool, 5, 10, 2), few);
}

TEST(StudyKeyTest, ItsNameTellsStudiesApart) {
  const std::vector<StudyPhoto> photos = photos_of(20);
  const std::string study = make_key(photos, 40, 10, 5, 1).study;
  EXPECT_EQ(study.size(), 16u);
  EXPECT_EQ(make_key(photos, 40, 10, 5, 1).study, study);
  EXPECT_NE(make_key(photos, 40, 10, 5, 2).study, study);
  EXPECT_NE(make_key(photos, 40, 10, 6, 1).study, study);
  EXPECT_EQ(make_key(photos, 40, 11, 5, 1).study, study) << "one participant more joins the study";
  EXPECT_NE(make_key(photos, 38, 10, 5, 1).study, study);
}

}  // namespace
}  // namespace looking3d
