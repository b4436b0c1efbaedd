// What is kept in memory changes no batch: the same bits whether all is held, nothing, or what earlier batches left.
#include "train/stores.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "dataset/tiny_data_set.h"
#include "train/align_batches.h"
#include "train/cmt_batches.h"
#include "train/photo_batches.h"
#include "train/prefetch.h"

namespace looking3d {
namespace {

using torch::Tensor;
using Tensors = std::vector<Tensor>;

constexpr uint64_t kAll = uint64_t{1} << 30, kNothing = 1, kFewPhotos = 30'000;  // bytes; a photo of 64 x 64 pixels takes up to 20,480
constexpr int64_t kSteps = 4;

const DataSet& data() {
  static const DataSet set = DataSet::open(tiny_data_set());
  return set;
}

void add(const Targets& t, Tensors& all) {
  for (const Tensor& tensor :
       {t.anomalous, t.kind, t.box, t.has_box, t.change, t.change_fine, t.has_change, t.cover, t.shape, t.family, t.view})
    all.push_back(tensor);
}

Tensors all_of(const PhotoBatch& batch) {
  Tensors all = {batch.photos};
  add(batch.targets, all);
  return all;
}
Tensors all_of(const AlignBatch& batch) {
  Tensors all = {batch.photos, batch.rendered, batch.mask_photos, batch.objects};
  add(batch.targets, all);
  return all;
}
Tensors all_of(const CmtBatch& batch) {
  Tensors all = {batch.views, batch.position, batch.surface, batch.photos};
  if (batch.photo_position.defined()) all.insert(all.end(), {batch.photo_position, batch.photo_surface});
  add(batch.targets, all);
  return all;
}

/// The stores of a training, each with its own bytes.
struct Stores {
  explicit Stores(uint64_t bytes) : photos(data(), kTinySize, bytes), views(data(), kTinySize, bytes), scenes(data(), bytes) {}
  PhotoStore photos;
  ViewStore views;
  SceneStore scenes;
};

/// The batch of a step from these stores.
using BatchOf = std::function<Tensors(Stores& stores, int64_t step)>;

Tensors photo_batch(Stores& stores, int64_t step) {
  return all_of(PhotoBatches(data(), data().samples_of("train"), stores.photos, kTinySize, 3).training(step, 6, true));
}

Tensors align_batch(Stores& stores, int64_t step) {
  return all_of(AlignBatches(data(), data().samples_of("train"), stores.photos, stores.scenes, {.size = kTinySize, .seed = 3})
                    .training(step, 6, true));
}

CmtBatchOptions cmt_options(bool paper) {
  CmtBatchOptions options;
  options.size = kTinySize;
  options.photos_per_shape = paper ? 1 : 3;
  options.views = 3;
  options.photo_positions = options.photometric = !paper;
  return options;
}

Tensors cmt_batch(Stores& stores, int64_t step, bool paper) {
  const CmtBatches batches(data(), data().samples_of("train"), stores.photos, stores.views, stores.scenes, cmt_options(paper));
  return all_of(batches.training(step, 2, true));
}

struct Case {
  const char* name;
  BatchOf batch;
};

class CachedBatches : public testing::TestWithParam<Case> {};

TEST_P(CachedBatches, AreTheSameBitsWhateverIsHeld) {
  const BatchOf& batch = GetParam().batch;
  std::vector<Tensors> expected;
  for (int64_t step = 0; step < kSteps; ++step) {
    Stores fresh(kAll);
    expected.push_back(batch(fresh, step));
  }
  Stores everything(kAll), few(kFewPhotos), nothing(kNothing);
  for (Stores* stores : {&everything, &everything, &few, &nothing}) {  // the second time all of it is there
    for (int64_t step = 0; step < kSteps; ++step) {
      const Tensors found = batch(*stores, step);
      const Tensors& wanted = expected[static_cast<size_t>(step)];
      ASSERT_EQ(found.size(), wanted.size());
      for (size_t i = 0; i < wanted.size(); ++i) EXPECT_TRUE(torch::equal(found[i], wanted[i])) << "step " << step << ", tensor " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, CachedBatches,
                         testing::Values(Case{"photos", photo_batch}, Case{"align", align_batch},
                                         Case{"cmt_paper", [](Stores& stores, int64_t step) { return cmt_batch(stores, step, true); }},
                                         Case{"cmt_looking3d",
                                              [](Stores& stores, int64_t step) { return cmt_batch(stores, step, false); }}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Stores, HoldWhatTheirBytesAllow) {
  // Else the test above would compare the same thing with itself.
  Stores everything(kAll), nothing(kNothing);
  const size_t sample = data().samples_of("train").front();
  const std::string& shape = data().samples()[sample].shape_id;
  const auto photo = everything.photos.get(sample);
  EXPECT_EQ(everything.photos.get(sample), photo);
  EXPECT_EQ(everything.views.get(shape), everything.views.get(shape));
  EXPECT_EQ(everything.scenes.get(shape), everything.scenes.get(shape));

  const auto again = nothing.photos.get(sample);
  EXPECT_NE(nothing.photos.get(sample), again);
  EXPECT_EQ(cv::norm(again->photo, photo->photo, cv::NORM_INF), 0);
  const auto views = nothing.views.get(shape);
  EXPECT_NE(nothing.views.get(shape), views);
  const auto scene = nothing.scenes.get(shape);
  EXPECT_NE(nothing.scenes.get(shape), scene);
}

TEST(Stores, WorkersThatShareThemChangeNothing) {
  const auto batches_of = [](int workers, uint64_t bytes) {
    Stores stores(bytes);
    const CmtBatches batches(data(), data().samples_of("train"), stores.photos, stores.views, stores.scenes, cmt_options(false));
    Prefetcher<CmtBatch> ahead([&](int64_t step) { return batches.training(step, 2, true); }, 0, workers);
    std::vector<Tensors> result;
    for (int64_t step = 0; step < kSteps; ++step) result.push_back(all_of(ahead.next()));
    return result;
  };
  const std::vector<Tensors> one = batches_of(1, kAll), three = batches_of(3, kFewPhotos);
  for (size_t step = 0; step < one.size(); ++step)
    for (size_t i = 0; i < one[step].size(); ++i) EXPECT_TRUE(torch::equal(one[step][i], three[step][i])) << step << " " << i;
}

}  // namespace
}  // namespace looking3d
