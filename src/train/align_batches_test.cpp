#include "train/align_batches.h"

#include <gtest/gtest.h>

#include "base/parallel.h"
#include "dataset/tiny_data_set.h"
#include "pose/rendered_channels.h"
#include "shapes/procedural.h"
#include "train/prefetch.h"

namespace looking3d {
namespace {

bool same(const AlignBatch& a, const AlignBatch& b) {
  return torch::equal(a.photos, b.photos) && torch::equal(a.rendered, b.rendered) && torch::equal(a.targets.change, b.targets.change) &&
         torch::equal(a.targets.box, b.targets.box) && torch::equal(a.targets.anomalous, b.targets.anomalous);
}

class AlignBatchesTest : public testing::Test {
 protected:
  AlignBatchesTest() : photos(data, kTinySize, 1 << 26), scenes(data, 1 << 26) {}
  AlignBatches batches(uint64_t seed = 1) { return {data, data.samples_of("train"), photos, scenes, {.size = kTinySize, .seed = seed}}; }

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

TEST_F(AlignBatchesTest, DetailShowsTheSamePhotosFiner) {
  const std::vector<size_t> samples = data.samples_of("train");
  PhotoStore finer(data, kTinySize, 1 << 26, 2);
  const AlignBatches detailed(data, samples, finer, scenes, {.size = kTinySize, .detail = 2});
  const AlignBatch fine = detailed.validation(samples), coarse = batches().validation(samples);
  const auto count = static_cast<int64_t>(samples.size());
  EXPECT_EQ(fine.photos.sizes(), (std::vector<int64_t>{count, 3, 2 * kTinySize, 2 * kTinySize}));
  // The same cameras, photos and truth. Photos of the set are no larger than kTinySize, so they are enlarged, to the nearest grey level.
  namespace F = torch::nn::functional;
  const auto bilinear = F::InterpolateFuncOptions().scale_factor(std::vector<double>{2, 2}).mode(torch::kBilinear).align_corners(false);
  EXPECT_LT((fine.photos - F::interpolate(coarse.photos, bilinear)).abs().max().item<double>(), 1.5 / 127.5);
  EXPECT_LT((torch::avg_pool2d(fine.rendered, 2) - coarse.rendered).abs().mean().item<double>(), 0.04);
  EXPECT_TRUE(torch::equal(fine.targets.change, coarse.targets.change));
  EXPECT_TRUE(torch::equal(fine.targets.change_fine, coarse.targets.change_fine));
  // Masks are learnt at the network's own size.
  const AlignBatch trained = detailed.training(0, 6, true);
  EXPECT_EQ(trained.mask_photos.size(2), kTinySize);
  EXPECT_EQ(trained.objects.size(2), kTinySize);
}

TEST_F(AlignBatchesTest, SomethingLiesOnAShareOfThePiecesAndTheOthersAreAsBefore) {
  const std::vector<size_t> samples = data.samples_of("train");
  const AlignBatches plain = batches(), covers(data, samples, photos, scenes, {.size = kTinySize, .covers = true});
  int covered = 0, count = 0;
  for (int64_t step = 0; step < 16; ++step) {
    const AlignBatch a = plain.training(step, 9, true), b = covers.training(step, 9, true);
    EXPECT_EQ(a.targets.cover.sum().item<float>(), 0);
    EXPECT_TRUE(torch::equal(a.rendered, b.rendered));
    EXPECT_TRUE(torch::equal(a.objects, b.objects));  // also the hidden part of a piece is the piece
    for (int64_t row = 0; row < 9; ++row, ++count) {
      if (b.targets.cover[row].sum().item<float>() == 0) {
        EXPECT_TRUE(torch::equal(a.photos[row], b.photos[row]));
        EXPECT_TRUE(torch::equal(a.targets.change_fine[row], b.targets.change_fine[row]));
        continue;
      }
      ++covered;
      EXPECT_FALSE(torch::equal(a.photos[row], b.photos[row]));
      EXPECT_EQ(b.targets.anomalous[row].item<float>(), 1);
      EXPECT_EQ(b.targets.kind[row].item<int64_t>(), -1);
      EXPECT_FALSE((b.targets.change[row] < b.targets.cover[row]).any().item<bool>());
      EXPECT_EQ(b.targets.has_box[row].item<bool>(), a.targets.anomalous[row].item<float>() == 0);  // two changes have none
    }
  }
  EXPECT_GT(covered, 0.04 * count);
  EXPECT_LT(covered, 0.25 * count);
  EXPECT_TRUE(torch::equal(plain.validation(samples).photos, covers.validation(samples).photos));
}

TEST_F(AlignBatchesTest, AShareIsBesideTheReferenceSeenFromElsewhereAndTheOthersAreAsBefore) {
  WrongCameras cameras(data, scenes, 1 << 26);
  const std::vector<size_t> samples = data.samples_of("train");
  const AlignBatches plain = batches(), wrong(data, samples, photos, scenes, {.size = kTinySize, .wrong_cameras = &cameras});
  int elsewhere = 0, count = 0;
  for (int64_t step = 0; step < 16; ++step) {
    const AlignBatch a = plain.training(step, 9, true), b = wrong.training(step, 9, true);
    EXPECT_TRUE(torch::equal(a.photos, b.photos));
    EXPECT_TRUE(torch::equal(a.objects, b.objects));
    EXPECT_TRUE(a.targets.right_camera.all().item<bool>());
    for (int64_t row = 0; row < 9; ++row, ++count) {
      if (b.targets.right_camera[row].item<bool>()) {
        EXPECT_TRUE(torch::equal(a.rendered[row], b.rendered[row]));
        EXPECT_TRUE(torch::equal(a.targets.has_change[row], b.targets.has_change[row]));
        continue;
      }
      ++elsewhere;
      EXPECT_GT((a.rendered[row] - b.rendered[row]).abs().sum().item<float>(), 0);
      for (const torch::Tensor& known : {b.targets.has_change, b.targets.has_box, b.targets.has_part})
        EXPECT_FALSE(known[row].item<bool>()) << "from elsewhere nothing else is to be judged";
      EXPECT_EQ(b.targets.kind[row].item<int64_t>(), -1);
    }
  }
  EXPECT_GT(elsewhere, 0.03 * count);
  EXPECT_LT(elsewhere, 0.25 * count);
  EXPECT_TRUE(wrong.validation(samples).targets.right_camera.all().item<bool>());
}

TEST_F(AlignBatchesTest, ThePartThatChangedLiesOnTheReference) {
  const std::vector<size_t> samples = data.samples_of("train");
  const AlignBatch batch = batches().validation(samples);
  int known = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    const torch::Tensor part = batch.targets.part_fine[row];
    EXPECT_LE(batch.targets.has_part[row].item<bool>(), data.samples()[samples[i]].anomalous);
    if (!batch.targets.has_part[row].item<bool>()) {
      EXPECT_EQ(part.sum().item<float>(), 0);
      continue;
    }
    ++known;
    const torch::Tensor silhouette = torch::max_pool2d(batch.rendered[row].slice(0, 5, 6).unsqueeze(0), 3, 1, 1)[0][0];
    const torch::Tensor seen = torch::max_pool2d(silhouette.unsqueeze(0).unsqueeze(0), 2)[0][0];
    EXPECT_GT(part.sum().item<float>(), 0);
    EXPECT_LT(((part > 0) & (seen == 0)).sum().item<float>(), 0.05 * (part > 0).sum().item<float>() + 1);
  }
  EXPECT_GT(known, 0);
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

TEST(Mirror, EqualsTheMirroredShapeSeenByTheMirroredCamera) {
  const Shape shape = make_shape({2, 5, "armchair"});
  Shape mirrored_shape = shape;
  for (Part& part : mirrored_shape.parts) {
    for (Eigen::Vector3f& vertex : part.mesh.vertices) vertex.x() = -vertex.x();
    for (Eigen::Vector3i& triangle : part.mesh.triangles) std::swap(triangle[0], triangle[1]);
  }
  OrbitView view{.azimuth_rad = 0.8, .elevation_rad = 0.4, .roll_rad = 0.05, .distance = 3.2, .shift_x = 0.03, .shift_y = -0.02};
  Camera camera = orbit_camera(view, 128);
  Layers layers = render_layers(Scene(shape), camera);
  mirror(layers, camera);
  view.azimuth_rad = -view.azimuth_rad, view.roll_rad = -view.roll_rad, view.shift_x = -view.shift_x;
  const Camera other_camera = orbit_camera(view, 128);
  const std::vector<float> ours = rendered_channels(layers, camera);
  const std::vector<float> other = rendered_channels(render_layers(Scene(mirrored_shape), other_camera), other_camera);
  ASSERT_EQ(ours.size(), other.size());
  int differing = 0;
  for (size_t i = 0; i < ours.size(); ++i) differing += std::abs(ours[i] - other[i]) > 0.02f;
  EXPECT_LT(differing, 0.002 * static_cast<double>(ours.size()));  // rays that just graze an edge
}

TEST(Targets, MirrorMovesBoxAndPatches) {
  TrainingPhoto photo;
  photo.anomalous = true;
  photo.kind = 2;
  photo.box = Box{0.25, 0.4, 0.2, 0.1};
  photo.change = cv::Mat::zeros(kTinySize, kTinySize, CV_8U);
  photo.change(cv::Rect(8, 24, 8, 8)).setTo(255);  // patch row 3, column 1
  photo.change.at<uchar>(60, 60) = 255;            // one pixel of 64: below the share
  photo.part = photo.change.clone();
  Targets targets = empty_targets(2, kTinySize);
  write_targets(photo, false, 0, targets);
  write_targets(photo, true, 1, targets);
  EXPECT_EQ(targets.change[0].sum().item<float>(), 1);
  EXPECT_EQ(targets.change[0][3][1].item<float>(), 1);
  EXPECT_EQ(targets.change[1][3][6].item<float>(), 1);
  EXPECT_EQ(targets.change_fine[0].sum().item<float>(), 16.25f);
  EXPECT_EQ(targets.change_fine[0][12][4].item<float>(), 1);
  EXPECT_EQ(targets.change_fine[0][30][30].item<float>(), 0.25f);
  EXPECT_TRUE(torch::equal(targets.change_fine[1], targets.change_fine[0].flip({1})));
  EXPECT_TRUE(torch::equal(targets.part_fine, targets.change_fine));
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
