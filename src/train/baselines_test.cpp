// The baselines on a tiny data set: what they need of it, and whether what is said of closest views is counted right.
#include <gtest/gtest.h>

#include "base/parallel.h"
#include "dataset/tiny_data_set.h"
#include "render/reference_views.h"
#include "train/closest_view_report.h"
#include "train/method.h"
#include "train/targets.h"

namespace looking3d {
namespace {

const ProcessGroup alone;

TEST(BaselineData, StoredViewsAreEnough) {
  // As in the published set, which has no meshes: places are then learnt on the grey views.
  const Path bare = tiny_data_set().string() + "_bare";
  std::filesystem::copy(tiny_data_set(), bare, std::filesystem::copy_options::recursive);
  const DataSet data = DataSet::open(bare);
  for (const auto& [split, shapes] : data.splits())
    for (const std::string& shape : shapes) std::filesystem::remove(mesh_file(bare, shape));
  for (const char* name : {"lfd", "lin"}) {
    TrainOptions options;
    options.data = bare.string(), options.out = "unused", options.method = name;
    options.size = kTinySize, options.bf16 = "off", options.steps = 1;
    options.photos = 16, options.shapes = 4, options.train_views = 3;
    const std::unique_ptr<Method> method = make_method(options.resolved(), data, alone);
    method->start(0);
    const StepLoss loss = method->loss();
    EXPECT_TRUE(std::isfinite(loss.total.item<double>())) << name;
    EXPECT_GT(loss.parts.front().second.item<double>(), 0) << name;
  }
  std::filesystem::remove_all(bare);
}

TEST(NearestReferenceView, GoesRound) {
  EXPECT_EQ(nearest_reference_view(radians(0)), 0);
  EXPECT_EQ(nearest_reference_view(radians(26.9)), 1);
  EXPECT_EQ(nearest_reference_view(radians(27.1)), 2);
  EXPECT_EQ(nearest_reference_view(radians(352)), 0);
  EXPECT_EQ(nearest_reference_view(radians(-18)), 19);
  EXPECT_EQ(nearest_reference_view(radians(-378)), 19);
}

TEST(Targets, AMirroredPhotoIsSeenFromTheMirroredView) {
  TrainingPhoto photo;
  photo.view = OrbitView{.azimuth_rad = radians(40)};
  Targets targets = empty_targets(3, 32);
  write_targets(photo, false, 0, targets);
  write_targets(photo, true, 1, targets);
  EXPECT_EQ(targets.view[0].item<int>(), 2);
  EXPECT_EQ(targets.view[1].item<int>(), 18);
  EXPECT_EQ(targets.view[2].item<int>(), -1);
}

TEST(ClosestViewReport, CountsNormalPhotosRoundTheCircle) {
  const DataSet data = DataSet::open(tiny_data_set());
  std::vector<JudgedPhoto> judged;
  int64_t normal = 0;
  // The photos' azimuths are those of views: tell every other one a view too far, and the anomalous ones nothing like it.
  for (size_t i = 0; i < data.samples().size(); ++i) {
    const Sample& sample = data.samples()[i];
    const int truth = nearest_reference_view(data.load_annotation(sample).view->azimuth_rad);
    JudgedPhoto photo;
    photo.sample = i;
    photo.closest_view = (truth + (sample.anomalous ? 10 : normal++ % 2 == 0 ? 0 : 19)) % 20;
    judged.push_back(photo);
  }
  const Json report = closest_view_json(data, judged);
  const double right = static_cast<double>((normal + 1) / 2) / static_cast<double>(normal);
  EXPECT_EQ(report.at("photos"), normal);
  EXPECT_NEAR(report.at("accuracy").get<double>(), right, 1e-9);
  EXPECT_EQ(report.at("within_one"), 1.0);
  EXPECT_NEAR(report.at("mean_error_deg").get<double>(), 18 * (1 - right), 1e-6);
  for (JudgedPhoto& photo : judged) photo.closest_view.reset();
  EXPECT_TRUE(closest_view_json(data, judged).is_null());
}

}  // namespace
}  // namespace looking3d
