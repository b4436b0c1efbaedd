#include "train/cmt_batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "dataset/tiny_data_set.h"
#include "render/reference_views.h"

namespace looking3d {
namespace {

using torch::Tensor;

constexpr uint64_t kBytes = uint64_t{1} << 28;
constexpr int64_t kAllViews = 20;

Tensor flipped(const Tensor& picture) {
  return picture.flip({-1});
}

/// One normal photo of each training shape, each taken from a side, so that a mirrored one is told from a plain one.
class CmtBatchesTest : public testing::Test {
 protected:
  CmtBatchesTest() : photos(data, kTinySize, kBytes), views(data, kTinySize, kBytes), scenes(data, kBytes) {
    std::set<std::string> seen;
    for (const size_t sample : data.samples_of("train")) {
      const Sample& photo = data.samples()[sample];
      if (photo.anomalous || seen.count(photo.shape_id) > 0) continue;
      if (std::abs(std::sin(data.load_annotation(photo).view->azimuth_rad)) < 0.3) continue;
      seen.insert(photo.shape_id);
      samples.push_back(sample);
    }
  }
  CmtBatches batches(int count_of_views) {
    CmtBatchOptions options;
    options.size = kTinySize;
    options.photos_per_shape = 1;
    options.views = count_of_views;
    return {data, samples, photos, views, scenes, options};
  }
  /// Identity of a shape in targets -> its sample.
  std::map<int64_t, size_t> sample_of_shape() {
    std::map<int64_t, size_t> result;
    for (const size_t sample : samples) result[photos.get(sample)->shape] = sample;
    return result;
  }

  const DataSet data = DataSet::open(tiny_data_set());
  PhotoStore photos;
  ViewStore views;
  SceneStore scenes;
  std::vector<size_t> samples;
};

TEST_F(CmtBatchesTest, AMirroredPhotoComesWithTheMirroredReference) {
  ASSERT_GE(samples.size(), 2u);
  const auto count = static_cast<int>(samples.size());
  const std::map<int64_t, size_t> sample_of = sample_of_shape();
  int mirrored_groups = 0, groups = 0;
  for (int64_t step = 0; step < 6; ++step) {
    const CmtBatch batch = batches(3).training(step, count, true);
    for (int64_t g = 0; g < count; ++g) {
      const size_t sample = sample_of.at(batch.targets.shape[g].item<int64_t>());
      const int truth = nearest_reference_view(photos.get(sample)->view->azimuth_rad), told = batch.targets.view[g].item<int>();
      const bool mirrored = told != truth;
      if (mirrored) {
        EXPECT_EQ(told, (kAllViews - truth) % kAllViews);
      }
      mirrored_groups += mirrored, ++groups;
      // Each view is a stored one, mirrored with its places and surface if and only if the photo is.
      const auto stored = views.get(data.samples()[sample].shape_id);
      for (int64_t n = 0; n < 3; ++n) {
        const Tensor view = batch.views[g][n][0];
        const Tensor grey = (mirrored ? flipped(view) : view).add(1).mul(127.5).round().to(torch::kByte);
        int64_t which = -1;
        for (int64_t i = 0; i < kAllViews; ++i)
          if (torch::equal(stored->grey[i], grey)) which = i;
        ASSERT_GE(which, 0) << "step " << step << ", shape " << g;
        const Tensor surface = batch.surface[g][n], position = batch.position[g][n];  // [h, w], [h, w, 3]
        EXPECT_TRUE(torch::equal(mirrored ? flipped(surface) : surface, stored->surface[which]));
        const Tensor back = mirrored ? position.flip({1}) * torch::tensor({-1.0f, 1.0f, 1.0f}) : position;
        EXPECT_TRUE(torch::equal(back, stored->position[which]));
      }
    }
  }
  EXPECT_GT(mirrored_groups, groups / 6);
  EXPECT_LT(mirrored_groups, groups - groups / 6);
}

TEST_F(CmtBatchesTest, PlacesOfAPhotoLieWhereItShowsThem) {
  const auto count = static_cast<int>(samples.size());
  const int64_t patches = kTinySize / kPatchSize;
  double seen = 0, coloured = 0, facing = 0, rows = 0;
  for (int64_t step = 0; step < 6; ++step) {
    const CmtBatch batch = batches(2).training(step, count, true);
    // Darker than the background somewhere in each patch.
    const Tensor darkest = std::get<0>(batch.photos.min(1)).unflatten(2, {patches, kPatchSize}).unflatten(1, {patches, kPatchSize});
    const Tensor shows = darkest.amin({2, 4}) < 0.8;  // [B, h, w]
    coloured += (shows & batch.photo_surface).sum().item<double>();
    seen += batch.photo_surface.sum().item<double>();
    for (int64_t b = 0; b < count; ++b) {
      // The surface that a camera sees lies on its side of the object.
      const double azimuth = batch.targets.view[b].item<double>() * 2 * M_PI / kAllViews;
      const Tensor towards = torch::tensor({static_cast<float>(std::sin(azimuth)), 0.0f, static_cast<float>(std::cos(azimuth))});
      const Tensor places = batch.photo_position[b].reshape({-1, 3}).index_select(0, batch.photo_surface[b].flatten().nonzero().squeeze(1));
      facing += torch::mv(places, towards).mean().item<double>() > 0;
      ++rows;
    }
  }
  EXPECT_GT(coloured / seen, 0.9);
  EXPECT_GT(facing / rows, 0.9);
}

TEST_F(CmtBatchesTest, ViewsOfAShapeAreDrawnWithoutRepetition) {
  const CmtBatch batch = batches(kAllViews).training(0, 1, false);
  const auto stored = views.get(data.samples()[sample_of_shape().at(batch.targets.shape[0].item<int64_t>())].shape_id);
  Tensor sum = torch::zeros({kTinySize, kTinySize}, torch::kDouble);
  for (int64_t n = 0; n < kAllViews; ++n) sum += batch.views[0][n][0].to(torch::kDouble).add(1).mul(127.5);
  EXPECT_TRUE(torch::allclose(sum, stored->grey.to(torch::kDouble).sum(0), 0, 1e-3));
  const CmtBatch other = batches(3).training(0, 1, false), later = batches(3).training(1, 1, false);
  EXPECT_FALSE(torch::equal(other.views, later.views));
}

TEST_F(CmtBatchesTest, PlainPhotosComeWithAllViewsInOrder) {
  const CmtBatch batch = batches(3).plain({samples.front()});
  const auto stored = views.get(data.samples()[samples.front()].shape_id);
  ASSERT_EQ(batch.views.size(1), kAllViews);
  for (int64_t n = 0; n < kAllViews; ++n) {
    EXPECT_TRUE(torch::equal(batch.views[0][n][1].add(1).mul(127.5).round().to(torch::kByte), stored->grey[n]));
  }
  EXPECT_TRUE(torch::equal(batch.position[0], stored->position));
  EXPECT_TRUE(torch::equal(batch.surface[0], stored->surface));
  EXPECT_FALSE(batch.photo_position.defined());
}

}  // namespace
}  // namespace looking3d
