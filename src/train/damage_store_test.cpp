#include "train/damage_store.h"

#include <gtest/gtest.h>

#include "dataset/tiny_data_set.h"
#include "train/align_batches.h"

namespace looking3d {
namespace {

constexpr uint64_t kAll = uint64_t{1} << 28, kNothing = 1;  // bytes

class DamageStoreTest : public testing::Test {
 protected:
  DamageStoreTest() : photos(data, kTinySize, kAll), scenes(data, kAll), damages(data, kAll, 1) {}
  AlignBatches batches(DamageStore* with) { return {data, data.samples_of("train"), photos, scenes, {.size = kTinySize, .damages = with}}; }
  const std::string& some_shape() const { return data.samples()[data.samples_of("train").front()].shape_id; }

  const DataSet data = DataSet::open(tiny_data_set());
  PhotoStore photos;
  SceneStore scenes;
  DamageStore damages;
};

TEST_F(DamageStoreTest, VariantsDifferAndAreTheSameWhateverIsHeld) {
  DamageStore nothing(data, kNothing, 1);
  const Camera camera = orbit_camera({.azimuth_rad = 0.7, .elevation_rad = 0.4}, 96);
  cv::Mat before;
  int different = 0;
  for (int variant = 0; variant < DamageStore::kVariants; ++variant) {
    const auto held = damages.get(some_shape(), variant), fresh = nothing.get(some_shape(), variant);
    ASSERT_TRUE(held && fresh);
    EXPECT_EQ(held, damages.get(some_shape(), variant));
    EXPECT_EQ(held->part, fresh->part);
    EXPECT_EQ(held->kind, fresh->kind);
    const cv::Mat depth = render_layers(held->scene, camera).depth;
    EXPECT_EQ(cv::norm(depth, render_layers(fresh->scene, camera).depth, cv::NORM_INF), 0);
    if (variant > 0) different += cv::norm(depth, before, cv::NORM_INF) > 0;
    before = depth;
  }
  EXPECT_GE(different, DamageStore::kVariants - 2);  // a change may be hidden from one side
}

TEST_F(DamageStoreTest, PhotosBesideDamageShowItsChangeAndTheirOwn) {
  Change change;
  change.changed = cv::Mat::zeros(kTinySize, kTinySize, CV_8U);
  change.changed(cv::Rect(16, 8, 8, 4)).setTo(255);
  change.box_px = {16, 8, 8, 4};
  change.mask_after = cv::Mat::zeros(kTinySize, kTinySize, CV_8U);
  change.mask_after(cv::Rect(16, 8, 6, 4)).setTo(255);

  TrainingPhoto whole;
  const TrainingPhoto turned = beside_damaged(whole, change, AnomalyKind::kRotation);
  EXPECT_TRUE(turned.anomalous);
  EXPECT_EQ(turned.kind, static_cast<int>(AnomalyKind::kRotation));
  EXPECT_EQ(cv::countNonZero(turned.change), 32);
  ASSERT_TRUE(turned.box);
  EXPECT_DOUBLE_EQ(turned.box->cx, 20.0 / kTinySize);
  EXPECT_DOUBLE_EQ(turned.box->cy, 10.0 / kTinySize);
  EXPECT_DOUBLE_EQ(turned.box->w, 8.0 / kTinySize);
  EXPECT_DOUBLE_EQ(turned.box->h, 4.0 / kTinySize);
  EXPECT_EQ(cv::countNonZero(turned.part), 24) << "where the damaged reference shows the part";
  EXPECT_EQ(beside_damaged(whole, change, AnomalyKind::kMissing).kind, -1);  // the piece has more than the reference: no kind of ours

  TrainingPhoto damaged;
  damaged.anomalous = true;
  damaged.kind = static_cast<int>(AnomalyKind::kBroken);
  damaged.box = Box{0.5, 0.5, 0.1, 0.1};
  damaged.change = cv::Mat::zeros(kTinySize, kTinySize, CV_8U);
  damaged.change(cv::Rect(40, 40, 5, 2)).setTo(255);
  EXPECT_TRUE(beside_damaged(damaged, change, AnomalyKind::kPosition).part.empty()) << "its own part is not known, so neither are both";
  damaged.part = cv::Mat::zeros(kTinySize, kTinySize, CV_8U);
  damaged.part(cv::Rect(40, 40, 5, 4)).setTo(255);
  const TrainingPhoto both = beside_damaged(damaged, change, AnomalyKind::kPosition);
  EXPECT_EQ(cv::countNonZero(both.part), 24 + 20);
  EXPECT_EQ(cv::countNonZero(damaged.part), 20);
  EXPECT_EQ(both.kind, -1);
  EXPECT_FALSE(both.box);
  EXPECT_EQ(cv::countNonZero(both.change), 42);
  EXPECT_EQ(cv::countNonZero(damaged.change), 10);  // the photo, which the store hands out again, has only its own change

  damaged.change.release();  // a data set that does not say where
  EXPECT_TRUE(beside_damaged(damaged, change, AnomalyKind::kPosition).change.empty());
}

TEST_F(DamageStoreTest, AShareOfTrainingPhotosIsBesideDamageAndTheOthersAreAsBefore) {
  const AlignBatches plain = batches(nullptr), damaged = batches(&damages);
  int beside = 0, photo_count = 0;
  for (int64_t step = 0; step < 12; ++step) {
    const AlignBatch a = plain.training(step, 8, true), b = damaged.training(step, 8, true);
    EXPECT_TRUE(torch::equal(a.photos, b.photos));
    EXPECT_TRUE(torch::equal(a.objects, b.objects));
    for (int64_t row = 0; row < 8; ++row, ++photo_count) {
      if (torch::equal(a.rendered[row], b.rendered[row])) {
        // Where the change cannot be seen from there, neither is the photo judged differently.
        EXPECT_TRUE(torch::equal(a.targets.anomalous[row], b.targets.anomalous[row]));
        EXPECT_TRUE(torch::equal(a.targets.change_fine[row], b.targets.change_fine[row]));
        continue;
      }
      ++beside;
      EXPECT_EQ(b.targets.anomalous[row].item<float>(), 1);
      EXPECT_GT(b.targets.change_fine[row].sum().item<float>(), a.targets.change_fine[row].sum().item<float>());
      EXPECT_FALSE((b.targets.change_fine[row] < a.targets.change_fine[row]).any().item<bool>());
    }
  }
  EXPECT_GT(beside, 0.1 * photo_count);
  EXPECT_LT(beside, 0.5 * photo_count);
}

TEST_F(DamageStoreTest, ValidationIsBesideTheWholeReference) {
  const std::vector<size_t> samples = data.samples_of("train");
  EXPECT_TRUE(torch::equal(batches(nullptr).validation(samples).rendered, batches(&damages).validation(samples).rendered));
}

}  // namespace
}  // namespace looking3d
