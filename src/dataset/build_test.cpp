#include "dataset/build.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "base/parallel.h"
#include "dataset/contact_sheet.h"
#include "dataset/data_set.h"
#include "dataset/layout.h"
#include "dataset/plan.h"
#include "render/reference_views.h"

namespace looking3d {
namespace {

/// Bytes of every file below a folder.
std::map<std::string, std::string> tree(const Path& root) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) files[entry.path().lexically_relative(root).generic_string()] = read_file(entry.path());
  }
  return files;
}

/// Names of the files that differ, for a readable failure.
std::vector<std::string> differences(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : a)
    if (!b.contains(name) || b.at(name) != bytes) names.push_back(name);
  for (const auto& [name, bytes] : b)
    if (!a.contains(name)) names.push_back(name);
  return names;
}

/// One tiny data set, built once and shared by the tests that only read it.
class Build : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::filesystem::temp_directory_path() / ("l3d_build_test_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    report_ = generate(options_in("reference"));
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  static GenerateOptions options_in(const std::string& name) {
    GenerateOptions options;
    options.out = (folder_ / name).string();
    options.shapes = 4;
    options.size = 64;
    options.samples = 2;
    options.anomalous_shapes = 2.5;
    options.splits = "50/25/25";
    return options;
  }
  static DataSet reference() { return DataSet::open(folder_ / "reference"); }

  static inline Path folder_;
  static inline BuildReport report_;
};

TEST_F(Build, SamplesComeBackAsWritten) {
  const DataSet set = reference();
  EXPECT_EQ(report_.shapes, 4);
  EXPECT_EQ(static_cast<int64_t>(set.samples().size()), report_.photos);
  int64_t anomalous = 0;
  for (const Sample& sample : set.samples()) {
    const Annotation annotation = set.load_annotation(sample);
    const cv::Mat photo = set.load_image(sample), change = set.load_change_mask(sample);
    EXPECT_EQ(photo.size(), cv::Size(64, 64));
    EXPECT_EQ(change.size(), photo.size());
    EXPECT_EQ(annotation.raw["kind"], sample.kind);
    EXPECT_EQ(annotation.raw["shape"], sample.shape_id);
    ASSERT_TRUE(annotation.camera && annotation.view);
    EXPECT_TRUE(orbit_camera(*annotation.view, 64).camera_from_world.isApprox(annotation.camera->camera_from_world, 1e-9));
    EXPECT_EQ(annotation.box.has_value(), sample.anomalous);
    if (!sample.anomalous) {
      EXPECT_EQ(cv::countNonZero(change), 0);
      continue;
    }
    ++anomalous;
    EXPECT_GE(annotation.visible_size, 0.004);
    EXPECT_FALSE(annotation.part.empty());
    // The box is that of the changed pixels, and those lie within the part's masks.
    const cv::Rect box = cv::boundingRect(change);
    EXPECT_NEAR(annotation.box->cx * 64, box.x + box.width / 2.0, 1e-9);
    EXPECT_NEAR(annotation.box->h * 64, box.height, 1e-9);
    const cv::Mat masks = read_picture(sample.mask_before, cv::IMREAD_GRAYSCALE) | read_picture(sample.mask_after, cv::IMREAD_GRAYSCALE);
    EXPECT_EQ(cv::countNonZero(change & ~masks), 0);
  }
  EXPECT_EQ(anomalous, report_.anomalous_photos);
  EXPECT_GT(anomalous, 0);
  EXPECT_GT(report_.normal_photos, 0);
}

TEST_F(Build, DamageIsSeenWhereTheAnnotationSaysSo) {
  // Photos of a normal shape and an anomalous one at the same camera differ inside the change, not (but for shadows) outside: compare
  // layers.
  const DataSet set = reference();
  for (const Sample& sample : set.samples()) {
    if (sample.kind != "missing") continue;
    const Annotation annotation = set.load_annotation(sample);
    const Shape normal = set.load_mesh(sample.shape_id);
    const int part = normal.part_index(annotation.part);
    ASSERT_GE(part, 0) << "the missing part is one of the normal shape";
    const Layers layers = render_layers(Scene(normal), *annotation.camera);
    const cv::Mat seen = layers.part_id == part;
    const cv::Mat mask = read_picture(sample.mask_before, cv::IMREAD_GRAYSCALE);
    EXPECT_LE(cv::countNonZero(seen ^ mask), 3);
    EXPECT_EQ(cv::countNonZero(read_picture(sample.mask_after, cv::IMREAD_GRAYSCALE)), 0);
  }
}

TEST_F(Build, ReferenceViewsComeBackAsRendered) {
  const DataSet set = reference();
  const std::string id = set.samples()[0].shape_id;
  const std::vector<StoredView> views = set.load_views(id);
  ASSERT_EQ(views.size(), 20u);
  const Shape shape = set.load_mesh(id);
  ReferenceViewOptions options;
  options.size = 64;
  const auto rendered = render_reference_views(Scene(shape), shape.all_vertices(), options);
  for (size_t i = 0; i < views.size(); ++i) {
    EXPECT_NEAR(views[i].azimuth_deg, 18.0 * static_cast<double>(i), 1e-5);
    EXPECT_NEAR(views[i].elevation_deg, 20, 1e-5);
    EXPECT_TRUE(views[i].camera.camera_from_world.isApprox(rendered[i].camera.camera_from_world, 1e-4));
    EXPECT_EQ(views[i].grid, 8);
    // Depth to its 16-bit step, away from outlines that a shift of 1e-6 in the stored mesh moves.
    const cv::Mat depth = load_depth(views[i]);
    const cv::Mat off = cv::abs(depth - rendered[i].depth) > 1e-3;
    EXPECT_LE(cv::countNonZero(off), 8);
    // Positions lie on the surface: they project into their own patch, where the depth picture has something.
    for (size_t patch = 0; patch < views[i].patch_positions.size(); ++patch) {
      const int row = static_cast<int>(patch) / 8, col = static_cast<int>(patch) % 8;
      const Eigen::Vector3f& position = views[i].patch_positions[patch];
      const cv::Mat cell = depth(cv::Rect(col * 8, row * 8, 8, 8));
      EXPECT_EQ(position.allFinite(), cv::countNonZero(cell) > 0);
      if (!position.allFinite()) continue;
      const Eigen::Vector3d pixel = views[i].camera.project(position.cast<double>());
      EXPECT_TRUE(pixel.x() >= col * 8 - 1 && pixel.x() <= col * 8 + 9 && pixel.y() >= row * 8 - 1 && pixel.y() <= row * 8 + 9);
    }
  }
}

TEST_F(Build, NoShapeOrDonorCrossesSplits) {
  const DataSet set = reference();
  std::map<std::string, std::string> split_of;
  for (const auto& [split, ids] : set.splits())
    for (const std::string& id : ids) EXPECT_TRUE(split_of.emplace(id, split).second) << id;
  for (const Sample& sample : set.samples()) {
    const Json info = set.load_annotation(sample).raw;
    EXPECT_EQ(info["split"], split_of.at(sample.shape_id));
    if (sample.kind != "swapped") continue;
    // A procedural donor is named after the one shape that it is made for.
    EXPECT_NE(info["parameters"].dump().find(sample.shape_id + "-donor"), std::string::npos) << info["parameters"];
  }
}

TEST_F(Build, SameBytesForOneThreadAndForShards) {
  const auto whole = tree(folder_ / "reference");
  set_thread_count(1);
  generate(options_in("one_thread"));
  set_thread_count(0);
  EXPECT_EQ(differences(whole, tree(folder_ / "one_thread")), std::vector<std::string>());

  GenerateOptions shard = options_in("shards");
  for (const char* part : {"1/2", "0/2"}) {
    shard.shard = part;
    generate(shard);
  }
  EXPECT_EQ(differences(whole, tree(folder_ / "shards")), std::vector<std::string>());
}

TEST_F(Build, ResumesAndRebuildsTheSameBytes) {
  const auto whole = tree(folder_ / "reference");
  const Path copy = folder_ / "copy";
  std::filesystem::copy(folder_ / "reference", copy, std::filesystem::copy_options::recursive);

  // A shape that was interrupted: no manifest, half its photos gone.
  std::filesystem::remove(manifest_file(copy, "000001"));
  size_t removed = 0;
  for (const auto& [name, bytes] : whole)
    if (name.starts_with("images/") && name.find("render_000001_") != std::string::npos && ++removed % 2 == 0)
      std::filesystem::remove(copy / name);
  ASSERT_GT(removed, 1u);
  generate(options_in("copy"));
  EXPECT_EQ(differences(whole, tree(copy)), std::vector<std::string>());

  // Single photos, spoilt and made again.
  const DataSet set = DataSet::open(copy);
  const Sample& sample = set.samples().front();
  const Json info = set.load_annotation(sample).raw;
  write_file_atomic(sample.image, "spoilt");
  GenerateOptions only = options_in("copy");
  only.only = {"shape=" + sample.shape_id, "view=" + info["view_index"].dump(),
               sample.anomalous ? "anomaly=" + info["anomaly_index"].dump() : "anomaly=normal"};
  generate(only);
  EXPECT_EQ(differences(whole, tree(copy)), std::vector<std::string>());

  only.only = {"shape=999999"};
  EXPECT_THROW(generate(only), InputError);
  GenerateOptions other = options_in("copy");
  other.seed = 5;
  EXPECT_THROW(generate(other), InputError) << "a folder goes on with the options it was begun with";
}

TEST_F(Build, InterruptLeavesNothingHalf) {
  // In a process of its own, since the flag that Ctrl-C sets stays set.
  const auto interrupt = [] {
    set_thread_count(1);
    install_interrupt_handler();
    std::raise(SIGINT);
    try {
      generate(options_in("interrupted"));
    } catch (const Interrupted&) {
      std::_Exit(42);
    }
    std::_Exit(0);
  };
  EXPECT_EXIT(interrupt(), testing::ExitedWithCode(42), "");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "interrupted/split.json"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "interrupted/build_report.json"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "interrupted/images"));
}

TEST_F(Build, ShapesFromDiskAllTest) {
  // Three meshes of the reference set become a set of their own.
  const Path meshes = folder_ / "meshes";
  std::filesystem::create_directories(meshes);
  for (const char* id : {"000000", "000001", "000002"}) {
    std::filesystem::copy_file(mesh_file(folder_ / "reference", id), meshes / ("my chair " + std::string(id) + ".obj"));
  }
  GenerateOptions options = options_in("from_disk");
  options.shapes_from = meshes.string();
  options.all_test = true;
  options.anomalous_shapes = 5;
  const BuildReport report = generate(options);
  const DataSet set = DataSet::open(options.out);
  EXPECT_EQ(set.splits().at("test"), (std::vector<std::string>{"my-chair-000000", "my-chair-000001", "my-chair-000002"}));
  EXPECT_EQ(set.samples_of("test").size(), static_cast<size_t>(report.photos));
  for (const Sample& sample : set.samples()) {
    if (sample.kind != "swapped") continue;
    EXPECT_NE(set.load_annotation(sample).raw["parameters"].dump().find("my-chair-"), std::string::npos);
  }
  EXPECT_THROW(
      [&] {
        GenerateOptions empty = options_in("empty");
        empty.shapes_from = (folder_ / "nowhere").string();
        generate(empty);
      }(),
      InputError);
}

TEST_F(Build, ContactSheetHasAllCells) {
  const cv::Mat sheet = contact_sheet(reference(), {{3, 2, 64}, 1});
  EXPECT_EQ(sheet.cols, 3 * 64);
  EXPECT_GT(sheet.rows, 2 * 64);
}

}  // namespace
}  // namespace looking3d
