#include "dataset/data_set.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <opencv2/imgcodecs.hpp>

#include "base/error.h"
#include "dataset/layout.h"
#include "dataset/shape_writer.h"

namespace looking3d {
namespace {

/// An empty folder that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / ("l3d_data_set_test_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const Path& path() const { return path_; }

 private:
  Path path_;
};

/// Message of the InputError that `action` throws.
template <class Action>
std::string refusal_of(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

const Path kMini = Path(LOOKING3D_SOURCE_DIR) / "../shared/fixtures/brokenchairs-mini";

class PublishedLayout : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kMini)) GTEST_SKIP() << "the published layout's fixture is not here: " << kMini;
  }
};

TEST_F(PublishedLayout, SamplesAndSplits) {
  const DataSet set = DataSet::open(kMini);
  EXPECT_EQ(set.splits().at("train"), std::vector<std::string>{"183"});
  EXPECT_EQ(set.splits().at("test"), std::vector<std::string>{"2044"});
  EXPECT_TRUE(set.splits().at("val").empty());
  ASSERT_EQ(set.samples().size(), 4u);
  const Sample& anomalous = set.samples()[0];
  EXPECT_EQ(anomalous.name, "render_183_12_2.5_18_24_0_missing_anomaly");
  EXPECT_EQ(anomalous.shape_id, "183");
  EXPECT_TRUE(anomalous.anomalous);
  EXPECT_EQ(anomalous.kind, "missing");
  EXPECT_FALSE(anomalous.info.empty());
  EXPECT_FALSE(anomalous.mask_before.empty());
  EXPECT_TRUE(anomalous.mask_after.empty());
  const Sample& normal = set.samples()[1];
  EXPECT_EQ(normal.kind, "normal");
  EXPECT_FALSE(normal.anomalous);
  EXPECT_TRUE(normal.info.empty());

  EXPECT_EQ(set.samples_of("train").size(), 2u);
  EXPECT_EQ(set.samples()[set.samples_of("test")[0]].shape_id, "2044");
  const std::string empty = refusal_of([&] { set.samples_of("val"); });
  EXPECT_NE(empty.find("split.json: names no shape for the split 'val' (train: 1 shapes, val: 0 shapes, test: 1 shapes)"),
            std::string::npos)
      << empty;
  EXPECT_THROW(set.samples_of("training"), InputError);
}

TEST_F(PublishedLayout, AnnotationImageAndMask) {
  const DataSet set = DataSet::open(kMini);
  const Sample& anomalous = set.samples()[0];
  const Annotation annotation = set.load_annotation(anomalous);
  // [150, 300, 60, 100] in a picture of 512 x 512.
  ASSERT_TRUE(annotation.box);
  EXPECT_DOUBLE_EQ(annotation.box->cx, 180.0 / 512);
  EXPECT_DOUBLE_EQ(annotation.box->cy, 350.0 / 512);
  EXPECT_DOUBLE_EQ(annotation.box->w, 60.0 / 512);
  EXPECT_DOUBLE_EQ(annotation.box->h, 100.0 / 512);
  EXPECT_EQ(annotation.raw["texture_id"], 12);
  // The name says azimuth 18 (from +X towards +Z), elevation 24, radius 2.5; ours counts from +Z towards +X.
  ASSERT_TRUE(annotation.view);
  EXPECT_NEAR(degrees(annotation.view->azimuth_rad), 72, 1e-9);
  EXPECT_NEAR(degrees(annotation.view->elevation_rad), 24, 1e-9);
  EXPECT_EQ(annotation.view->distance, 2.5);
  EXPECT_FALSE(annotation.camera);

  const cv::Mat image = set.load_image(anomalous);
  EXPECT_EQ(image.size(), cv::Size(512, 512));
  EXPECT_EQ(image.at<cv::Vec3b>(200, 200), cv::Vec3b(40, 90, 160));
  const cv::Mat mask = set.load_change_mask(anomalous);
  ASSERT_EQ(mask.size(), image.size());
  EXPECT_EQ(cv::countNonZero(mask), 60 * 100);
  EXPECT_EQ(mask.at<uint8_t>(300, 150), 255);
  EXPECT_EQ(mask.at<uint8_t>(299, 150), 0);
  EXPECT_EQ(cv::countNonZero(set.load_change_mask(set.samples()[1])), 0);
  // Where the part was is part of what the change may cover; whole pieces have no such part.
  const cv::Mat part = set.load_part_mask(anomalous);
  ASSERT_EQ(part.size(), image.size());
  EXPECT_GT(cv::countNonZero(part), 0);
  EXPECT_EQ(cv::countNonZero(part & ~mask), 0);
  EXPECT_TRUE(set.load_part_mask(set.samples()[1]).empty());
}

TEST_F(PublishedLayout, ViewsInOurConventions) {
  const DataSet set = DataSet::open(kMini);
  const std::vector<StoredView> views = set.load_views("183");
  ASSERT_EQ(views.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    const StoredView& view = views[i];
    // Published azimuths 90, 0, 270, 180 are ours 0, 90, 180, 270; elevation 20, distance 2.
    EXPECT_NEAR(view.azimuth_deg, 90.0 * static_cast<double>(i), 1e-4);
    EXPECT_NEAR(view.elevation_deg, 20, 1e-6);
    EXPECT_NEAR(view.camera.position_in_world().norm(), 2, 1e-9);
    EXPECT_EQ(view.camera.width, 256);
    EXPECT_EQ(view.camera.focal_px, 355);
    // It is the very camera of our orbit: looks at the centre, upright.
    const Camera ours = orbit_camera({.azimuth_rad = radians(view.azimuth_deg), .elevation_rad = radians(20), .distance = 2}, 256);
    EXPECT_TRUE(view.camera.camera_from_world.isApprox(ours.camera_from_world, 1e-6)) << i;
    EXPECT_LT(view.camera.project({0, 0.3, 0}).y(), 128) << "up in the world is up in the picture";
    EXPECT_GT(view.camera.project({0, 0, 0}).z(), 0);
    // The fixture has surface in rows and columns 10..21 of the 32 x 32 patches.
    ASSERT_EQ(view.patch_positions.size(), 32u * 32u);
    for (int row = 0; row < 32; ++row)
      for (int col = 0; col < 32; ++col)
        EXPECT_EQ(view.patch_positions[static_cast<size_t>(row * 32 + col)].allFinite(), row >= 10 && row < 22 && col >= 10 && col < 22);
  }
  EXPECT_EQ(views[1].image.filename(), "183_2_0_20.png");
  EXPECT_TRUE(views[0].depth.empty());
  EXPECT_FALSE(set.has_mesh("183"));
  EXPECT_THROW(set.load_mesh("183"), InputError);
  EXPECT_THROW(set.load_views("99"), InputError);
}

TEST(Layout, PhotoNamesRoundTrip) {
  const auto is_shape = [](const std::string& id) { return id == "chair" || id == "chair_2"; };
  const PhotoName name{"chair_2", 17, 2.53, 18, 24.5, 3, "missing_2_anomaly"};
  EXPECT_EQ(photo_stem(name), "chair_2_17_2.53_18_24.5_3_missing_2_anomaly");
  const auto read = parse_photo_stem(photo_stem(name), is_shape);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->shape, "chair_2") << "not the shape 'chair' with texture 2";
  EXPECT_EQ(read->texture, 17);
  EXPECT_EQ(read->radius, 2.53);
  EXPECT_EQ(read->azimuth_deg, 18);
  EXPECT_EQ(read->elevation_deg, 24.5);
  EXPECT_EQ(read->light, 3);
  EXPECT_EQ(read->label, "missing_2_anomaly");
  EXPECT_FALSE(parse_photo_stem("chair_17_2.5_18_normal", is_shape));
  EXPECT_FALSE(parse_photo_stem("stool_17_2.5_18_24_3_normal", is_shape));
  EXPECT_EQ(kind_of_label("swapped_0_anomaly"), "swapped");
  EXPECT_EQ(kind_of_label("positional_anomaly"), "position");
  EXPECT_EQ(kind_of_label("melted_anomaly"), "melted");
}

TEST(Layout, AzimuthConventionsMapOntoEachOther) {
  for (int azimuth = 0; azimuth < 360; azimuth += 18) {
    EXPECT_NEAR(swap_azimuth_convention(swap_azimuth_convention(azimuth)), azimuth, 1e-9);
    // The published azimuth a has its camera at (cos a, ., sin a).
    const Camera camera = orbit_camera({.azimuth_rad = radians(azimuth), .elevation_rad = 0.4}, 256);
    const Eigen::Vector3d position = camera.position_in_world();
    const double published = radians(swap_azimuth_convention(azimuth));
    EXPECT_NEAR(position.x(), 2.5 * std::cos(0.4) * std::cos(published), 1e-9);
    EXPECT_NEAR(position.z(), 2.5 * std::cos(0.4) * std::sin(published), 1e-9);
  }
}

TEST(Layout, CamerasRoundTrip) {
  const Camera camera = orbit_camera({.azimuth_rad = 1.1, .elevation_rad = 0.3, .roll_rad = 0.2}, 128);
  const Camera read = camera_from_published(published_camera_json(camera), 128, 128, "memory");
  EXPECT_TRUE(read.camera_from_world.isApprox(camera.camera_from_world, 1e-12));
  EXPECT_EQ(read.focal_px, camera.focal_px);
  EXPECT_EQ(read.centre_px, camera.centre_px);

  Json bad = published_camera_json(camera);
  bad["RT"][0][0] = 7;
  EXPECT_THROW(camera_from_published(bad, 128, 128, "memory"), InputError);
  bad = published_camera_json(camera);
  bad["K"].erase(2);
  EXPECT_THROW(camera_from_published(bad, 128, 128, "memory"), InputError);
  bad.erase("K");
  EXPECT_THROW(camera_from_published(bad, 128, 128, "memory"), InputError);
}

TEST(DataSetErrors, NameTheFileAtFault) {
  const TemporaryFolder folder;
  const Path root = folder.path();
  EXPECT_NE(refusal_of([&] { DataSet::open(root / "nowhere"); }), "");
  EXPECT_NE(refusal_of([&] { DataSet::open(root); }).find("split.json"), std::string::npos);
  write_file_atomic(root / "split.json", "{\"train\": [\"7\"], \"val\": []");
  EXPECT_NE(refusal_of([&] { DataSet::open(root); }).find("JSON"), std::string::npos);
  write_file_atomic(root / "split.json", "{\"train\": [\"7\"], \"val\": []}");
  EXPECT_NE(refusal_of([&] { DataSet::open(root); }).find("'test'"), std::string::npos);
  write_file_atomic(root / "split.json", "{\"train\": [\"7\"], \"val\": [\"7\"], \"test\": []}");
  EXPECT_NE(refusal_of([&] { DataSet::open(root); }).find("both in"), std::string::npos);
  write_file_atomic(root / "split.json", "{\"train\": [\"7\"], \"val\": [], \"test\": []}");
  EXPECT_NE(refusal_of([&] { DataSet::open(root); }).find("no photo"), std::string::npos);

  // A picture that is cut short, and one that is none.
  cv::Mat noise(64, 64, CV_8UC3);
  cv::randu(noise, 0, 255);
  const Path image = root / "images/normal/render_7_1_2.5_0_20_0_normal.png";
  write_png(image, noise);
  const DataSet set = DataSet::open(root);
  EXPECT_EQ(cv::norm(set.load_image(set.samples()[0]), noise, cv::NORM_INF), 0);
  const std::string bytes = read_file(image);
  write_file_atomic(image, bytes.substr(0, bytes.size() / 2));
  EXPECT_NE(refusal_of([&] { set.load_image(set.samples()[0]); }), "");
  write_file_atomic(image, "not a picture");
  EXPECT_NE(refusal_of([&] { set.load_image(set.samples()[0]); }), "");
  EXPECT_NE(refusal_of([&] { set.load_change_mask(set.samples()[0]); }), "");

  write_png(root / "images/normal/render_7_whatever.png", noise);
  EXPECT_NE(refusal_of([&] { DataSet::open(root); }).find("render_7_whatever"), std::string::npos);
}

}  // namespace
}  // namespace looking3d
