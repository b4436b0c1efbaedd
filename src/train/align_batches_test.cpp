#include "train/align_batches.h"

#include <gtest/gtest.h>

#include "base/parallel.h"
#include "train/prefetch.h"
#include "train/tiny_data_set.h"

namespace looking3d {
namespace {

bool same(const AlignBatch& a, const AlignBatch& b) {
  return torch::equal(a.photos, b.photos) && torch::equal(a.rendered, b.rendered) && torch::equal(a.targets.change, b.targets.change) &&
         torch::equal(a.targets.box, b.targets.box) && torch::equal(a.targets.anomalous, b.targets.anomalous);
}

class AlignBatchesTest : public testing::Test {
 protected:
  AlignBatchesTest() : photos(data, kTinySize, 1 << 26), scenes(data, 1 << 26) {}
  AlignBatches batches(uint64_t seed = 1) { return {data, data.samples_of("train"), photos, scenes, kTinySize, seed}; }

  const DataSet data = DataSet::open(tiny_data_set());
  PhotoStore photos;
  SceneStore scenes;
};

TEST_F(AlignBatchesTest, SameForAnyNumberOfWorkers) {
  const AlignBatches source = batches();
  const auto make = [&](int64_t step) { return source.training(step, 6, true); };
  Prefetcher<AlignBatch> one(make, 0, 1), two(make, 0, 2);
  for (int step = 0; step < 5; ++step) EXPECT_TRUE(same(one.next(), two.next())) << step;
}

TEST_F(AlignBatchesTest, SeedAndStepDecide) {
  EXPECT_TRUE(same(batches(1).training(3, 4, true), batches(1).training(3, 4, true)));
  EXPECT_FALSE(same(batches(1).training(3, 4, true), batches(2).training(3, 4, true)));
  EXPECT_FALSE(same(batches(1).training(3, 4, true), batches(1).training(4, 4, true)));
}

TEST_F(AlignBatchesTest, RenderedReferenceLiesOnTheObject) {
  // Reference and normal photo show the same object: almost all silhouette pixels must be coloured in the photo.
  std::vector<size_t> normals;
  for (const size_t i : data.samples_of("train"))
    if (!data.samples()[i].anomalous) normals.push_back(i);
  ASSERT_FALSE(normals.empty());
  const AlignBatch batch = batches().validation(normals);
  const torch::Tensor inside = batch.rendered.select(1, 5) > 0.5;
  const torch::Tensor coloured = std::get<0>(batch.photos.min(1)) < 0.97;
  const double covered = (inside & coloured).sum().item<double>() / inside.sum().item<double>();
  EXPECT_GT(covered, 0.85);
  EXPECT_EQ(batch.targets.change.sum().item<double>(), 0);
}

TEST_F(AlignBatchesTest, ChangedPatchesLieInTheBox) {
  std::vector<size_t> damaged;
  for (const size_t i : data.samples_of("train"))
    if (data.samples()[i].anomalous) damaged.push_back(i);
  ASSERT_FALSE(damaged.empty());
  const Targets targets = batches().validation(damaged).targets;
  const int64_t cells = kTinySize / kPatchSize;
  for (int64_t row = 0; row < targets.change.size(0); ++row) {
    ASSERT_TRUE(targets.has_box[row].item<bool>());
    const auto box = targets.box.accessor<float, 2>()[row];
    for (int64_t i = 0; i < cells; ++i)
      for (int64_t j = 0; j < cells; ++j) {
        if (targets.change[row][i][j].item<float>() == 0) continue;
        EXPECT_GT((j + 1.0) / cells, box[0] - box[2] / 2);
        EXPECT_LT(static_cast<double>(j) / cells, box[0] + box[2] / 2);
        EXPECT_GT((i + 1.0) / cells, box[1] - box[3] / 2);
        EXPECT_LT(static_cast<double>(i) / cells, box[1] + box[3] / 2);
      }
  }
}

TEST(MirrorPlanes, ReversesRowsAndTurnsNormals) {
  // Planes of 2 x 2 pixels numbered through; normal x is plane 2.
  std::vector<float> planes(7 * 4);
  for (size_t i = 0; i < planes.size(); ++i) planes[i] = static_cast<float>(i + 1);
  mirror_channels(planes, 2);
  EXPECT_EQ((std::vector<float>(planes.begin(), planes.begin() + 4)), (std::vector<float>{2, 1, 4, 3}));
  EXPECT_EQ((std::vector<float>(planes.begin() + 8, planes.begin() + 12)), (std::vector<float>{-10, -9, -12, -11}));
  EXPECT_EQ((std::vector<float>(planes.begin() + 12, planes.begin() + 16)), (std::vector<float>{14, 13, 16, 15}));
}

TEST(Targets, MirrorMovesBoxAndPatches) {
  TrainingPhoto photo;
  photo.anomalous = true;
  photo.kind = 2;
  photo.box = Box{0.25, 0.4, 0.2, 0.1};
  photo.change = cv::Mat::zeros(kTinySize, kTinySize, CV_8U);
  photo.change(cv::Rect(8, 24, 8, 8)).setTo(255);  // patch row 3, column 1
  photo.change.at<uchar>(60, 60) = 255;            // one pixel of 64: below the share
  Targets targets = empty_targets(2, kTinySize);
  write_targets(photo, false, 0, targets);
  write_targets(photo, true, 1, targets);
  EXPECT_EQ(targets.change[0].sum().item<float>(), 1);
  EXPECT_EQ(targets.change[0][3][1].item<float>(), 1);
  EXPECT_EQ(targets.change[1][3][6].item<float>(), 1);
  EXPECT_NEAR(targets.box[0][0].item<float>(), 0.25, 1e-6);
  EXPECT_NEAR(targets.box[1][0].item<float>(), 0.75, 1e-6);
}

TEST(PhotoPlanes, AreRgbInRange) {
  cv::Mat photo(1, 2, CV_8UC3);
  photo.at<cv::Vec3b>(0, 0) = {0, 127, 255};  // B, G, R
  photo.at<cv::Vec3b>(0, 1) = {255, 255, 255};
  std::vector<float> planes(6);
  write_photo_planes(photo, false, planes.data());
  EXPECT_FLOAT_EQ(planes[0], 1);   // R
  EXPECT_FLOAT_EQ(planes[4], -1);  // B
  write_photo_planes(photo, true, planes.data());
  EXPECT_FLOAT_EQ(planes[5], -1);
}

}  // namespace
}  // namespace looking3d
