// The shares of several processes are together what one process would see.
#include "train/share.h"

#include <gtest/gtest.h>

#include <functional>

#include "dataset/tiny_data_set.h"
#include "train/align_batches.h"
#include "train/cmt_batches.h"
#include "train/detection_loss.h"
#include "train/local_group.h"
#include "train/match_loss.h"
#include "train/photo_batches.h"

namespace looking3d {
namespace {

using torch::Tensor;

constexpr uint64_t kBytes = 1 << 28;

const DataSet& data() {
  static const DataSet set = DataSet::open(tiny_data_set());
  return set;
}

/// Whether the pieces one after another are the whole, bit for bit.
void expect_joined(const std::vector<std::vector<Tensor>>& pieces, const std::vector<Tensor>& whole) {
  for (size_t i = 0; i < whole.size(); ++i) {
    std::vector<Tensor> column;
    for (const std::vector<Tensor>& piece : pieces) column.push_back(piece[i]);
    EXPECT_TRUE(torch::equal(torch::cat(column), whole[i])) << i;
  }
}

std::vector<Tensor*> all_of(Targets& t) {
  return {&t.anomalous, &t.kind,      &t.box,      &t.has_box,      &t.change, &t.change_fine, &t.has_change,
          &t.cover,     &t.part_fine, &t.has_part, &t.right_camera, &t.shape,  &t.family,      &t.view};
}

std::vector<Tensor> with_targets(std::vector<Tensor> tensors, Targets targets) {
  for (const Tensor* t : all_of(targets)) tensors.push_back(*t);
  return tensors;
}

TEST(Share, PartsAreConsecutiveAndComplete) {
  for (const int64_t total : {0, 1, 7, 48}) {
    int64_t at = 0;
    for (int64_t i = 0; i < 5; ++i) {
      const Share share{i, 5};
      EXPECT_EQ(share.begin(total), at);
      EXPECT_EQ(share.of(total), share.end(total) - at);
      EXPECT_LE(share.of(total), total / 5 + 1);
      at = share.end(total);
    }
    EXPECT_EQ(at, total);
  }
}

TEST(Share, PhotosOfAllProcessesAreThoseOfOne) {
  PhotoStore photos(data(), kTinySize, kBytes);
  const PhotoBatches batches(data(), data().samples_of("train"), photos, kTinySize, 5);
  const auto tensors = [&](const Share& share) {
    const PhotoBatch batch = batches.training(3, 6, true, share);
    return with_targets({batch.photos}, batch.targets);
  };
  expect_joined({tensors({0, 3}), tensors({1, 3}), tensors({2, 3})}, tensors({}));
}

TEST(Share, RenderedReferencesAndMasksToo) {
  PhotoStore photos(data(), kTinySize, kBytes);
  SceneStore scenes(data(), kBytes);
  const AlignBatches batches(data(), data().samples_of("train"), photos, scenes, {.size = kTinySize, .seed = 5});
  const auto tensors = [&](const Share& share) {
    const AlignBatch batch = batches.training(1, 8, true, share);
    return with_targets({batch.photos, batch.rendered, batch.mask_photos, batch.objects}, batch.targets);
  };
  EXPECT_EQ(batches.training(1, 8, true).objects.size(0), AlignBatches::mask_photos(8));
  expect_joined({tensors({0, 2}), tensors({1, 2})}, tensors({}));
}

TEST(Share, GroupsOfAShapeStayTogether) {
  PhotoStore photos(data(), kTinySize, kBytes);
  ViewStore views(data(), kTinySize, kBytes);
  SceneStore scenes(data(), kBytes);
  CmtBatchOptions options;
  options.size = kTinySize;
  options.photos_per_shape = 2;
  options.views = 3;
  const CmtBatches batches(data(), data().samples_of("train"), photos, views, scenes, options);
  const auto tensors = [&](const Share& share) {
    const CmtBatch b = batches.training(2, 4, true, share);
    return with_targets({b.views, b.position, b.surface, b.photos, b.photo_position, b.photo_surface}, b.targets);
  };
  expect_joined({tensors({0, 2}), tensors({1, 2})}, tensors({}));
}

/// Loss and gradient of `heads` on one share of the photos.
struct Outcome {
  double loss = 0;
  Tensor gradient;
};

TEST(Share, DetectionLossesAddUpThoughCountsDiffer) {
  // Four photos: only the first two are anomalous, only the first has a box, a known kind and part, the third is beside a reference seen
  // from elsewhere, the last says nothing of its change.
  torch::manual_seed(4);
  Targets targets = empty_targets(4, 16);
  targets.anomalous.slice(0, 0, 2).fill_(1);
  targets.kind[0] = 2;
  targets.has_box[0] = true;
  targets.box.fill_(0.4);
  targets.change = torch::randint(0, 2, {4, 2, 2}).to(torch::kFloat);
  targets.has_change = torch::tensor({true, true, true, false});
  targets.has_part[0] = true;
  targets.part_fine[0].slice(0, 2, 5).fill_(1);
  write_wrong_camera(2, targets);
  const Tensor heads = torch::randn({4, 1 + 4 + 5 + 4 + 64 + 1});
  const auto outcome = [&](int64_t begin, int64_t end, const ProcessGroup& group) {
    const Tensor own = heads.slice(0, begin, end).clone().requires_grad_(true);
    const std::vector<Tensor> parts = own.split_with_sizes({1, 4, 5, 4, 64, 1}, 1);
    Targets some = targets;
    for (Tensor* t : all_of(some)) *t = t->slice(0, begin, end);
    const DetectionHeads told{.logit = parts[0].squeeze(1),
                              .patch_logits = parts[1].view({-1, 2, 2}),
                              .kind_logits = parts[2],
                              .box = torch::sigmoid(parts[3]),
                              .part_logits = parts[4].view({-1, 8, 8}),
                              .camera_logit = parts[5].squeeze(1)};
    const Tensor loss = detection_loss(told, some, group, 1).total;
    loss.backward();
    return Outcome{loss.item<double>(), own.grad()};
  };
  const Outcome whole = outcome(0, 4, ProcessGroup());
  std::array<Outcome, 2> parts;
  together(2, [&](const ProcessGroup& group) {
    parts[static_cast<size_t>(group.rank())] = outcome(2 * group.rank(), 2 * group.rank() + 2, group);
  });
  EXPECT_NEAR(parts[0].loss + parts[1].loss, whole.loss, 1e-6);
  EXPECT_TRUE(torch::allclose(torch::cat({parts[0].gradient, parts[1].gradient}), whole.gradient, 1e-5, 1e-7));
}

TEST(Share, MatchLossesAddUpThoughCountsDiffer) {
  torch::manual_seed(5);
  constexpr int64_t kGroups = 2, kPatches = 6, kViews = 2;
  const auto unit = [](Tensor t) { return torch::nn::functional::normalize(t, torch::nn::functional::NormalizeFuncOptions().dim(2)); };
  const Tensor z = unit(torch::randn({kGroups, kPatches, 4})), seen = unit(torch::randn({kGroups, kPatches * kViews, 4}));
  const Tensor at = torch::rand({kGroups, kPatches, 3}), positions = torch::rand({kGroups, kPatches * kViews, 3});
  Tensor surface = torch::ones({kGroups, kPatches}, torch::kBool);
  surface[1].slice(0, 2).fill_(false);  // the second process has fewer patches on the object
  MatchLossOptions options;
  options.points = kPatches;  // every patch is drawn: only their order is left to chance
  options.max_distance = 0.5;
  const auto outcome = [&](int64_t begin, int64_t end, const ProcessGroup& group) {
    const Tensor own = z.slice(0, begin, end).clone().requires_grad_(true);
    const auto cut = [&](const Tensor& t) { return t.slice(0, begin, end); };
    const Tensor all = torch::ones({end - begin, kPatches * kViews}, torch::kBool);
    const Tensor loss = match_loss({own, cut(at), cut(surface)}, {cut(seen), cut(positions), all}, kViews, options, group);
    loss.backward();
    return Outcome{loss.item<double>(), own.grad()};
  };
  const Outcome whole = outcome(0, 2, ProcessGroup());
  std::array<Outcome, 2> parts;
  together(2,
           [&](const ProcessGroup& group) { parts[static_cast<size_t>(group.rank())] = outcome(group.rank(), group.rank() + 1, group); });
  EXPECT_GT(whole.loss, 0);
  EXPECT_NEAR(parts[0].loss + parts[1].loss, whole.loss, 1e-5);
  EXPECT_TRUE(torch::allclose(torch::cat({parts[0].gradient, parts[1].gradient}), whole.gradient, 1e-4, 1e-6));
}

}  // namespace
}  // namespace looking3d
