#include "dataset/audit.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "dataset/data_set.h"
#include "dataset/layout.h"
#include "dataset/tiny_data_set.h"

namespace looking3d {
namespace {

/// Each test spoils a copy of the tiny data set.
class Audit : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "l3d_audit_test_" + std::to_string(::getpid());
    spoilt_ = folder_ / "spoilt";
    std::filesystem::create_directories(folder_);
    std::filesystem::copy(tiny_data_set(), spoilt_, std::filesystem::copy_options::recursive);
    data_ = DataSet::open(spoilt_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// First photo of the kind.
  const Sample& photo(const std::string& kind) const {
    for (const Sample& sample : data_.samples())
      if (sample.kind == kind) return sample;
    throw InputError("audit_test", "the tiny set has no photo of " + kind);
  }
  static void edit(const Path& json_file, const std::function<void(Json&)>& change) {
    Json json = read_json(json_file);
    change(json);
    write_json_atomic(json_file, json);
  }
  /// Names of the checks that fail.
  std::vector<std::string> failures() const {
    std::vector<std::string> names;
    AuditOptions options;
    options.data = spoilt_.string();
    const Json result = audit(options);
    for (const Json& check : result["checks"])
      if (!check["passed"]) names.push_back(check["name"]);
    EXPECT_EQ(result["passed"].get<bool>(), names.empty());
    return names;
  }
  void expect_only(const std::string& name) const { EXPECT_EQ(failures(), std::vector<std::string>{name}); }

  Path folder_, spoilt_;
  DataSet data_ = DataSet::open(tiny_data_set());
};

TEST_F(Audit, SoundSetPasses) {
  AuditOptions options;
  options.data = spoilt_.string();
  options.out = (folder_ / "report").string();
  const Json result = audit(options);
  EXPECT_TRUE(result["passed"].get<bool>()) << result["checks"];
  const Json& all = result["counts"]["all"];
  EXPECT_EQ(all["shapes"], 8);
  EXPECT_EQ(all["photos"], data_.samples().size());
  EXPECT_EQ(read_json(spoilt_ / "build_report.json")["anomalous_photos"], all["anomalous_photos"]);
  int64_t split_photos = 0;
  for (const char* split : {"train", "val", "test"}) split_photos += result["counts"][split]["photos"].get<int64_t>();
  EXPECT_EQ(split_photos, all["photos"].get<int64_t>());
  for (const char* file : {"audit.json", "audit.html", "broken.png", "photos.png", "shapes.png", "anomalies.png"})
    EXPECT_TRUE(std::filesystem::exists(folder_ / "report" / file)) << file;
  EXPECT_NE(audit_text(result).find("pass  boxes frame the changed pixels"), std::string::npos);
}

TEST_F(Audit, WrongBox) {
  for (const Sample& sample : data_.samples()) {
    if (!sample.anomalous) continue;
    edit(sample.info, [](Json& info) { info["2d_bbox"][0] = info["2d_bbox"][0].get<int>() + 1; });
    break;
  }
  expect_only("boxes frame the changed pixels");
}

TEST_F(Audit, WrongVisibleSize) {
  edit(photo("missing").info, [](Json& info) { info["visible_size"] = 2 * info["visible_size"].get<double>(); });
  expect_only("visible sizes are those of the masks");
}

TEST_F(Audit, WrongObjectMask) {
  const Sample& sample = photo("normal");
  cv::Mat mask = read_picture(sample.object, cv::IMREAD_GRAYSCALE);
  mask(cv::Rect(0, 0, 8, 8)) = 255;
  write_mask(sample.object, mask);
  expect_only("object masks are what the camera sees");
}

TEST_F(Audit, WrongPartMask) {
  const Sample& sample = photo("missing");
  write_mask(sample.mask_before, cv::Mat(kTinySize, kTinySize, CV_8U, cv::Scalar(255)));
  const std::vector<std::string> names = failures();
  EXPECT_NE(std::find(names.begin(), names.end(), "part masks are what the camera sees"), names.end());
}

TEST_F(Audit, MaskOfAnotherSize) {
  write_mask(photo("missing").mask_before, cv::Mat(kTinySize, kTinySize / 2, CV_8U, cv::Scalar(255)));
  expect_only("every file can be read");
}

TEST_F(Audit, CameraOfAnotherSize) {
  edit(photo("missing").info, [](Json& info) { info["height"] = 2 * kTinySize; });
  expect_only("the camera of name, view and matrix is one");
}

TEST_F(Audit, NoVisibleSize) {
  edit(photo("missing").info, [](Json& info) { info.erase("visible_size"); });
  expect_only("visible sizes are those of the masks");
}

TEST_F(Audit, ChangeOutsideTheParts) {
  const Sample& sample = photo("position");
  cv::Mat change = cv::Mat::zeros(kTinySize, kTinySize, CV_8U);
  change(cv::Rect(0, 0, 8, 8)) = 255;
  write_mask(sample.change, change);
  const std::vector<std::string> names = failures();
  EXPECT_NE(std::find(names.begin(), names.end(), "changed pixels lie within the part masks"), names.end());
}

TEST_F(Audit, AnotherCamera) {
  edit(photo("normal").info, [](Json& info) { info["view"]["elevation_deg"] = info["view"]["elevation_deg"].get<double>() + 1; });
  expect_only("the camera of name, view and matrix is one");
}

TEST_F(Audit, AnotherSplit) {
  edit(split_file(spoilt_), [](Json& splits) { std::swap(splits["val"], splits["test"]); });
  expect_only("annotations name their shape's split");
}

TEST_F(Audit, DonorOfAnotherSplit) {
  const std::string foreign = data_.splits().at("test").front(), own = data_.splits().at("train").front();
  for (const Sample& sample : data_.samples()) {
    if (sample.shape_id != own || !sample.anomalous) continue;
    edit(sample.info, [&](Json& info) { info["parameters"]["donor_shape"] = foreign; });
    break;
  }
  expect_only("donors come from the same split");
}

TEST_F(Audit, LooksOfAnotherSplit) {
  const auto first_of = [&](const char* split) { return data_.samples()[data_.samples_of(split).front()]; };
  const Json seed = read_json(first_of("test").info)["seeds"]["appearance"];
  edit(first_of("train").info, [&](Json& info) { info["seeds"]["appearance"] = seed; });
  expect_only("no seed of a look stands in two splits");
}

/// CRC-32 of PNG chunks (ISO 3309), bit by bit.
uint32_t crc32(const std::string& bytes) {
  uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

TEST_F(Audit, PhotosOfDamageSignedInTheirFile) {
  const std::string chunk = "tEXtComment";
  std::string signature = std::string("\0\0\0\7", 4) + chunk;
  for (int shift = 24; shift >= 0; shift -= 8) signature += static_cast<char>(crc32(chunk) >> shift);
  for (const Sample& sample : data_.samples())
    if (sample.anomalous) write_file_atomic(sample.image, read_file(sample.image).insert(33, signature));  // after IHDR
  expect_only("photo files are made alike");
}

TEST_F(Audit, AnnotationsOfDamageWithAKeyOfTheirOwn) {
  for (const Sample& sample : data_.samples())
    if (sample.anomalous) edit(sample.info, [](Json& info) { info["damaged"] = true; });
  expect_only("annotations have the same keys");
}

TEST_F(Audit, PhotoTwice) {
  std::filesystem::copy_file(photo("normal").image, photo("missing").image, std::filesystem::copy_options::overwrite_existing);
  expect_only("no photo occurs twice");
}

TEST_F(Audit, MeshOfAnotherSplit) {
  const std::string foreign = data_.splits().at("test").front(), own = data_.splits().at("train").front();
  std::filesystem::copy_file(mesh_file(spoilt_, foreign), mesh_file(spoilt_, own), std::filesystem::copy_options::overwrite_existing);
  const std::vector<std::string> names = failures();
  EXPECT_NE(std::find(names.begin(), names.end(), "no mesh stands in two splits"), names.end());
}

TEST_F(Audit, CutShortPhoto) {
  const Path image = photo("normal").image;
  std::filesystem::resize_file(image, std::filesystem::file_size(image) / 2);
  expect_only("every file can be read");
}

TEST_F(Audit, PublishedLayout) {
  const Path fixture = Path(LOOKING3D_SOURCE_DIR).parent_path() / "shared/fixtures/brokenchairs-mini";
  if (!std::filesystem::exists(fixture)) GTEST_SKIP() << "no " << fixture;
  AuditOptions options;
  options.data = fixture.string();
  const Json result = audit(options);
  for (const Json& check : result["checks"])  // the fixture's pictures are all one
    EXPECT_EQ(check["passed"].get<bool>(), check["name"] != "no photo occurs twice") << check;
  EXPECT_EQ(result["checks"][1]["looked_at"], 0) << "published annotations name no split";
  EXPECT_GT(result["counts"]["all"]["anomalous_photos"].get<int64_t>(), 0);
}

}  // namespace
}  // namespace looking3d
