#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/checksum.h"
#include "base/error.h"
#include "base/random.h"
#include "engine/reference_data.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

class ReferenceFile : public testing::Test {
 protected:
  ReferenceFile() : reference(prepare_reference("chair", make_shape({1, 2, "stool"}), {"a line of care"})) {
    path = Path(testing::TempDir()) / "l3d_reference_file_test.l3d";
    save_reference(path, reference);
  }
  /// The message with which the bytes are refused; empty when they are read.
  std::string refusal(const std::string& bytes) const {
    write_file_atomic(path, bytes);
    try {
      load_reference(path);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  const ReferenceData reference;
  Path path;
};

TEST_F(ReferenceFile, ReadsWhatItWrote) {
  const ReferenceData read = load_reference(path);
  EXPECT_TRUE(is_reference_file(path));
  EXPECT_EQ(read.name, "chair");
  EXPECT_EQ(read.care, reference.care);
  EXPECT_FALSE(read.encoded);
  ASSERT_EQ(read.thumbnails.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(read.thumbnails[i].size(), cv::Size(128, 128));
    EXPECT_EQ(cv::norm(read.thumbnails[i], reference.thumbnails[i], cv::NORM_INF), 0);
  }
  ASSERT_EQ(read.shape.parts.size(), reference.shape.parts.size());
  for (size_t i = 0; i < read.shape.parts.size(); ++i) {
    EXPECT_EQ(read.shape.parts[i].name, reference.shape.parts[i].name);
    EXPECT_EQ(read.shape.parts[i].mesh.vertices, reference.shape.parts[i].mesh.vertices);
    EXPECT_EQ(read.shape.parts[i].mesh.triangles, reference.shape.parts[i].mesh.triangles);
  }
  ASSERT_EQ(read.poses.entries().size(), reference.poses.entries().size());
  for (size_t i = 0; i < read.poses.entries().size(); ++i) {
    EXPECT_EQ(read.poses.entries()[i].view.azimuth_rad, reference.poses.entries()[i].view.azimuth_rad);
    EXPECT_EQ(read.poses.entries()[i].frame.extent, reference.poses.entries()[i].frame.extent);
    EXPECT_EQ(cv::countNonZero(read.poses.entries()[i].silhouette != reference.poses.entries()[i].silhouette), 0);
  }
}

TEST_F(ReferenceFile, SaysWhatIsWrong) {
  const std::string whole = read_file(path);
  EXPECT_NE(refusal(whole.substr(0, whole.size() / 2)).find("cut short"), std::string::npos);
  EXPECT_NE(refusal(whole.substr(0, 12)).find("cut short"), std::string::npos);
  EXPECT_NE(refusal("").find("no index file"), std::string::npos);
  std::string newer = whole;
  newer[8] = 9;
  EXPECT_NE(refusal(newer).find("version 9"), std::string::npos);
  std::string altered = whole;
  altered[altered.size() / 2] ^= 1;
  EXPECT_NE(refusal(altered).find("altered"), std::string::npos);
  EXPECT_EQ(refusal(whole), "");
}

TEST_F(ReferenceFile, HostileContentBehindAValidChecksumIsRefused) {
  // Content is changed and its checksum made right again, so that the reader's own checks have to hold.
  const std::string whole = read_file(path);
  constexpr size_t kHeader = 64, kChecksumAt = 16;
  Rng rng(7);
  int refused = 0;
  for (int trial = 0; trial < 60; ++trial) {
    std::string content = whole.substr(kHeader);
    const size_t at = rng.index(std::min<size_t>(content.size(), trial < 40 ? 400 : content.size()));
    content[at] = static_cast<char>(rng.next_u32());
    const uint64_t hash = checksum(content);
    std::string bytes = whole.substr(0, kHeader) + content;
    std::memcpy(bytes.data() + kChecksumAt, &hash, sizeof hash);
    refused += !refusal(bytes).empty();  // must neither crash nor throw anything else
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace looking3d
