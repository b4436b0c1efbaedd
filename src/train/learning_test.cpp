// Every method learns: twenty steps on a tiny data set bring its loss down, and the paper's network learns sixteen photos by heart.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/ranking.h"
#include "dataset/tiny_data_set.h"
#include "model/cmt.h"
#include "train/cmt_batches.h"
#include "train/detection_loss.h"
#include "train/match_loss.h"
#include "train/method.h"
#include "train/optimizer.h"

namespace looking3d {
namespace {

const ProcessGroup alone;

struct Case {
  const char* method;
  const char* preset;
  int photos, shapes;  ///< of a step; shapes 0: the photos of a step do not come by shapes
};

class TwentySteps : public testing::TestWithParam<Case> {
 protected:
  static TrainOptions options() {
    TrainOptions options;
    options.data = tiny_data_set().string();
    options.out = "unused";
    options.method = GetParam().method;
    options.preset = GetParam().preset;
    options.size = kTinySize;
    options.photos = GetParam().photos;
    options.steps = 20;
    options.bf16 = "off";
    options.augment = false;  // fewer photos look different, so twenty steps tell
    if (GetParam().shapes > 0) {
      options.shapes = GetParam().shapes;
      options.train_views = 3;
    }
    return options.resolved();
  }
};

TEST_P(TwentySteps, BringTheLossDown) {
  torch::manual_seed(1);
  const DataSet data = DataSet::open(tiny_data_set());
  const std::unique_ptr<Method> method = make_method(options(), data, alone);
  // The paper's rate, 2e-5, is made for 86,000 steps.
  torch::optim::Adam optimizer(method->network().parameters(), std::string(GetParam().preset) == "paper" ? 1e-3 : 3e-4);
  method->start(0);
  double first = 0, last = 0;
  for (int step = 0; step < 20; ++step) {
    const StepLoss loss = method->loss();
    EXPECT_EQ(loss.photos, GetParam().photos);
    optimizer.zero_grad();
    loss.total.backward();
    optimizer.step();
    (step < 5 ? first : last) += step < 5 || step >= 15 ? loss.total.item<double>() : 0;
  }
  EXPECT_LT(last, 0.95 * first);

  // Every photo is scored, but that viewpoints are learnt and told on normal photos.
  const std::vector<size_t> samples = data.samples_of("val");
  const auto normal = std::count_if(samples.begin(), samples.end(), [&](size_t i) { return !data.samples()[i].anomalous; });
  const std::vector<LabelledScore> scores = method->scores(samples);
  const bool viewpoint = std::string(GetParam().method) == "viewpoint";
  EXPECT_EQ(static_cast<int64_t>(scores.size()), viewpoint ? normal : static_cast<int64_t>(samples.size()));
  EXPECT_EQ(method->measures(scores).front().name, viewpoint ? "val_view_accuracy" : "val_auc");
  EXPECT_GE(method->measures(scores).front().value, 0);
}

INSTANTIATE_TEST_SUITE_P(Methods, TwentySteps,
                         testing::Values(Case{"align", "looking3d", 16, 0}, Case{"cmt", "looking3d", 8, 2}, Case{"cmt", "paper", 8, 2},
                                         Case{"query-only", "looking3d", 16, 0}, Case{"lfd", "looking3d", 16, 4},
                                         Case{"lin", "looking3d", 16, 4}, Case{"viewpoint", "looking3d", 16, 0}),
                         [](const auto& info) {
                           std::string name = std::string(info.param.method) + "_" + info.param.preset;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(MatchFirst, DetectionIsLearntAfterTheCorrespondences) {
  TrainOptions options;
  options.data = tiny_data_set().string(), options.out = "unused", options.method = "cmt";
  options.size = kTinySize, options.photos = 4, options.shapes = 2, options.train_views = 3;
  options.steps = 2, options.bf16 = "off", options.match_first = 1;
  const DataSet data = DataSet::open(tiny_data_set());
  const std::unique_ptr<Method> method = make_method(options.resolved(), data, alone);
  method->start(0);
  for (const bool detection : {false, true}) {
    method->network().zero_grad();
    method->loss().total.backward();
    std::map<std::string, double> gradient;
    for (const auto& item : method->network().named_parameters())
      if (item.value().grad().defined())
        gradient[item.key().substr(0, item.key().find('.'))] += item.value().grad().abs().sum().item<double>();
    EXPECT_GT(gradient["encoder"], 0);
    EXPECT_EQ(gradient["image_head"] > 0, detection);
    EXPECT_EQ(gradient["patch_head"] > 0, detection);
  }
  options.vlfa = "none";
  EXPECT_THROW(options.resolved(), std::runtime_error);
}

/// Sixteen photos: two whole and two damaged ones of each of four shapes.
std::vector<size_t> sixteen_photos(const DataSet& data) {
  std::map<std::string, std::array<std::vector<size_t>, 2>> of_shape;
  for (const size_t sample : data.samples_of("train")) {
    std::vector<size_t>& some = of_shape[data.samples()[sample].shape_id][data.samples()[sample].anomalous];
    if (some.size() < 2) some.push_back(sample);
  }
  std::vector<size_t> photos;
  for (const auto& [shape, normal_and_not] : of_shape)
    for (const std::vector<size_t>& some : normal_and_not) photos.insert(photos.end(), some.begin(), some.end());
  return photos;
}

class Overfitting : public testing::TestWithParam<bool> {
 protected:
  static constexpr int kShapes = 4, kPhotosOfShape = 4;
  static constexpr uint64_t kBytes = uint64_t{1} << 28;

  static CmtOptions network_options(bool paper) {
    CmtOptions options = paper ? CmtOptions::paper() : CmtOptions::looking3d();
    options.width = 16, options.channels = 32, options.heads = 4, options.blocks = 2;
    options.top_k = 16, options.match_hidden = 64, options.match_channels = 32;
    return options;
  }
  static CmtBatchOptions batch_options(bool paper) {
    CmtBatchOptions options;
    options.size = kTinySize;
    options.photos_per_shape = kPhotosOfShape;
    options.views = 4;
    options.photo_positions = options.photometric = !paper;
    return options;
  }

  Overfitting()
      : samples(sixteen_photos(data)),
        photos(data, kTinySize, kBytes),
        views(data, kTinySize, kBytes),
        scenes(data, kBytes),
        batches(data, samples, photos, views, scenes, batch_options(GetParam())) {
    torch::manual_seed(1);
    network = Cmt(network_options(GetParam()));
  }

  /// The losses of the method, eq. 15.
  torch::Tensor loss(int64_t step) {
    torch::manual_seed(100 + step);
    network->train();
    const CmtBatch batch = batches.training(step, kShapes, false);
    const CmtReference reference = network->encode_reference(batch.views, batch.position, batch.surface);
    const CmtOutput out = network->compare(batch.photos, reference);
    const auto flat = [](const torch::Tensor& t, int64_t dimensions) { return t.reshape({kShapes, -1, dimensions}); };
    const MatchPatches seen{reference.matching, flat(batch.position, 3), batch.surface.reshape({kShapes, -1})};
    MatchPatches query{out.matching, {}, {}};
    if (batch.photo_position.defined())
      query.position = flat(batch.photo_position, 3), query.surface = batch.photo_surface.reshape({kShapes, -1});
    const MatchLossOptions matching{.points = 16, .max_distance = 0.2};
    return detection_loss({out.logit, out.patch_logits, out.kind_logits, out.box}, batch.targets, alone).total +
           0.5 * match_loss(query, seen, batch.views.size(1), matching, alone) +
           0.5 * match_loss(seen, seen, batch.views.size(1), matching, alone);
  }

  /// Of the sixteen photos against all views, in evaluation mode.
  double training_auc() {
    const torch::NoGradGuard no_grad;
    network->eval();
    std::vector<LabelledScore> scores;
    for (size_t first = 0; first < samples.size(); first += kPhotosOfShape) {
      const auto begin = samples.begin() + static_cast<std::ptrdiff_t>(first);
      const CmtBatch batch = batches.plain({begin, begin + kPhotosOfShape});
      const torch::Tensor logit =
          network->compare(batch.photos, network->encode_reference(batch.views, batch.position, batch.surface)).logit;
      for (int64_t b = 0; b < kPhotosOfShape; ++b)
        scores.push_back({logit[b].item<double>(), batch.targets.anomalous[b].item<float>() > 0.5f});
    }
    return auc(scores);
  }

  const DataSet data = DataSet::open(tiny_data_set());
  const std::vector<size_t> samples;
  PhotoStore photos;
  ViewStore views;
  SceneStore scenes;
  const CmtBatches batches;
  Cmt network{nullptr};
};

TEST_P(Overfitting, SixteenPhotosAreLearntByHeart) {
  ASSERT_EQ(samples.size(), 16u);
  EXPECT_LT(training_auc(), 0.9) << "told apart before anything was learnt";
  Optimizer optimizer(*network, {.clip = 1});
  for (int64_t step = 0; step < 120; ++step) {
    loss(step).backward();
    optimizer.step(2e-3);
  }
  EXPECT_EQ(training_auc(), 1);
}

INSTANTIATE_TEST_SUITE_P(Presets, Overfitting, testing::Bool(), [](const auto& info) { return info.param ? "paper" : "looking3d"; });

}  // namespace
}  // namespace looking3d
