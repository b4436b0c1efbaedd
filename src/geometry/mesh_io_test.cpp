#include "geometry/mesh_io.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "geometry/zip_guard.h"

namespace looking3d {
namespace {

class MeshFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = Path(::testing::TempDir()) / (std::string("l3d_mesh_io_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "inner");
  }
  std::vector<NamedMesh> read(const std::string& name, const std::string& bytes) const {
    write_file_atomic(folder_ / name, bytes);
    return read_mesh_file(folder_ / name);
  }
  std::string refusal(const std::string& name, const std::string& bytes) const {
    try {
      read(name, bytes);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  Path folder_;
};

std::string little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

/// A zip directory of members that announce `unpacked` bytes each.
std::string zip_directory(int members, uint64_t unpacked) {
  std::string entries;
  for (int i = 0; i < members; ++i)
    entries += std::string("PK\1\2", 4) + std::string(20, '\0') + little(unpacked, 4) + little(1, 2) + std::string(16, '\0') + "m";
  return entries + std::string("PK\5\6", 4) + std::string(6, '\0') + little(static_cast<uint64_t>(members), 2) + little(entries.size(), 4) +
         little(0, 4) + little(0, 2);
}

TEST_F(MeshFiles, NodeTransformsOfGltfApply) {
  // One triangle, placed twice: moved by 5 along x, and turned by 90 degrees about z and doubled in size.
  std::string points;
  for (const float value : {0.f, 0.f, 0.f, 1.f, 0.f, 0.f, 0.f, 1.f, 0.f}) points.append(reinterpret_cast<const char*>(&value), 4);
  write_file_atomic(folder_ / "points.bin", points);
  const auto meshes = read("scene.gltf", R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],
    "nodes":[{"name":"frame","children":[1,2],"translation":[0,0,1]},{"name":"moved","mesh":0,"translation":[5,0,0]},
             {"name":"turned","mesh":0,"rotation":[0,0,0.70710678,0.70710678],"scale":[2,2,2]}],
    "meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
    "accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],
    "bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36,"uri":"points.bin"}]})");
  ASSERT_EQ(meshes.size(), 2u);
  EXPECT_EQ(meshes[0].name, "moved");
  EXPECT_TRUE(bounding_box(meshes[0].mesh).min().isApprox(Eigen::Vector3d(5, 0, 1), 1e-5));
  EXPECT_EQ(meshes[1].name, "turned");
  EXPECT_TRUE(bounding_box(meshes[1].mesh).min().isApprox(Eigen::Vector3d(-2, 0, 1), 1e-5));
  EXPECT_TRUE(bounding_box(meshes[1].mesh).max().isApprox(Eigen::Vector3d(0, 2, 1), 1e-5));
}

TEST_F(MeshFiles, NothingOutsideTheFolderIsOpened) {
  const std::string scene = R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
    "meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
    "accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],
    "bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36,"uri":"../points.bin"}]})";
  std::string points(36, '\0');
  points[15] = 0x3f, points[14] = static_cast<char>(0x80), points[31] = 0x3f, points[30] = static_cast<char>(0x80);
  write_file_atomic(folder_ / "points.bin", points);
  EXPECT_NE(refusal("inner/scene.gltf", scene), "");
  std::string beside = scene;
  beside.replace(beside.find("../"), 3, "");
  EXPECT_EQ(refusal("scene.gltf", beside), "") << "the same buffer beside its file";
}

TEST_F(MeshFiles, PlyOfEveryKind) {
  const std::string head =
      "element vertex 5\nproperty float x\nproperty float y\nproperty uchar red\nproperty float z\n"
      "element face 1\nproperty list uchar int vertex_indices\nend_header\n";
  // A concave polygon of area 3: a square of 2 x 2 with a notch down to its middle.
  const auto text =
      read("text.ply", "ply\nformat ascii 1.0\ncomment x\n" + head + "0 0 9 0\n2 0 9 0\n2 2 9 0\n1 1 9 0\n0 2 9 0\n5 0 1 2 3 4\n");
  EXPECT_EQ(text[0].mesh.triangles.size(), 3u);
  EXPECT_NEAR(surface_area(text[0].mesh), 3, 1e-6);
  for (const bool big : {false, true}) {
    std::string body;
    const auto put = [&](auto value) {
      const char* raw = reinterpret_cast<const char*>(&value);
      for (size_t i = 0; i < sizeof value; ++i) body += raw[big ? sizeof value - 1 - i : i];
    };
    for (const auto& [x, y] : {std::pair{0.f, 0.f}, {2.f, 0.f}, {2.f, 2.f}, {1.f, 1.f}, {0.f, 2.f}})
      put(x), put(y), put(uint8_t{9}), put(0.f);
    put(uint8_t{5});
    for (const int32_t i : {0, 1, 2, 3, 4}) put(i);
    const std::string bytes = std::string("ply\nformat ") + (big ? "binary_big_endian" : "binary_little_endian") + " 1.0\n" + head + body;
    EXPECT_EQ(read("binary.ply", bytes)[0].mesh.vertices, text[0].mesh.vertices);
    EXPECT_NE(refusal("cut.ply", bytes.substr(0, bytes.size() - 2)).find("cut short"), std::string::npos);
  }
  EXPECT_NE(refusal("liar.ply", "ply\nformat ascii 1.0\nelement vertex 4000000000\nproperty float x\nend_header\n0\n").find("impossible"),
            std::string::npos);
}

TEST_F(MeshFiles, LimitsAreStated) {
  std::string polygon = "f";
  std::string text;
  for (int i = 1; i <= 2500; ++i)
    text += "v " + std::to_string(i) + " " + std::to_string(i * i % 97) + " 0\n", polygon += " " + std::to_string(i);
  EXPECT_NE(refusal("polygon.obj", text + polygon + "\n").find("2000 corners"), std::string::npos);
  EXPECT_NE(refusal("nan.obj", "v 0 0 0\nv 1 NaN 0\nv 0 1 0\nf 1 2 3\n").find("NaN"), std::string::npos);
  EXPECT_NE(refusal("bomb.3mf", zip_directory(3, 0x30000000)).find("unpacks to more"), std::string::npos);
  EXPECT_NE(refusal("none.3mf", "no zip").find("zip"), std::string::npos);
#ifndef LOOKING3D_STEP
  EXPECT_NE(refusal("part.step", "ISO-10303-21;").find("LOOKING3D_STEP"), std::string::npos);
#endif
}

TEST(ZipGuard, SumsWhatIsAnnounced) {
  EXPECT_NO_THROW(require_small_zip("a.zip", zip_directory(3, 100), 300));
  EXPECT_THROW(require_small_zip("a.zip", zip_directory(3, 100), 299), InputError);
  EXPECT_THROW(require_small_zip("a.zip", zip_directory(10'001, 0), 1000), InputError);
  std::string cut = zip_directory(3, 100);
  cut.erase(10, 47);
  EXPECT_THROW(require_small_zip("a.zip", cut, 1000), InputError);
}

}  // namespace
}  // namespace looking3d
