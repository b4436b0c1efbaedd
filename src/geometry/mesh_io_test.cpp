#include "geometry/mesh_io.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "geometry/mesh_packing.h"
#include "geometry/ply_io.h"
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

/// A zip archive of one stored byte, and of a directory of members that announce `unpacked` bytes each.
std::string zip_archive(int members, uint64_t unpacked, const std::string& extra = "") {
  const std::string local = std::string("PK\3\4", 4) + std::string(22, '\0') + little(1, 2) + little(0, 2) + "m" + "x";
  std::string entries;
  for (int i = 0; i < members; ++i)
    entries += std::string("PK\1\2", 4) + std::string(20, '\0') + little(unpacked, 4) + little(1, 2) + little(extra.size(), 2) +
               std::string(14, '\0') + "m" + extra;
  const std::string count = little(static_cast<uint64_t>(members), 2);
  return local + entries + std::string("PK\5\6", 4) + std::string(4, '\0') + count + count + little(entries.size(), 4) +
         little(local.size(), 4) + little(0, 2);
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

TEST_F(MeshFiles, EachPlacementCounts) {
  // 250,000 triangles on three corners.
  std::string bytes;
  for (const float value : {0.f, 0.f, 0.f, 1.f, 0.f, 0.f, 0.f, 1.f, 0.f}) bytes.append(reinterpret_cast<const char*>(&value), 4);
  for (int i = 0; i < 250'000; ++i) bytes += std::string("\0\1\2", 3);
  write_file_atomic(folder_ / "bytes.bin", bytes);
  const auto scene = [](int placements) {
    std::string nodes, children;
    for (int i = 0; i < placements; ++i)
      nodes += (i ? "," : "") + std::string(R"({"mesh":0})"), children += (i ? "," : "") + std::to_string(i);
    return R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[)" + children + R"(]}],"nodes":[)" + nodes +
           R"(],"meshes":[{"primitives":[{"attributes":{"POSITION":0},"indices":1}]}],
    "accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]},
                 {"bufferView":1,"componentType":5121,"count":750000,"type":"SCALAR"}],
    "bufferViews":[{"buffer":0,"byteLength":36},{"buffer":0,"byteOffset":36,"byteLength":750000}],
    "buffers":[{"byteLength":750036,"uri":"bytes.bin"}]})";
  };
  EXPECT_EQ(refusal("few.gltf", scene(2)), "");
  EXPECT_NE(refusal("many.gltf", scene(81)).find("20 million"), std::string::npos);
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
  EXPECT_NE(refusal("bomb.3mf", zip_archive(3, 0x30000000)).find("unpacks to more"), std::string::npos);
  EXPECT_NE(refusal("none.3mf", "no zip").find("zip"), std::string::npos);
#ifndef LOOKING3D_STEP
  EXPECT_NE(refusal("part.step", "ISO-10303-21;").find("LOOKING3D_STEP"), std::string::npos);
#endif
}

TEST(ZipGuard, SumsWhatIsAnnounced) {
  EXPECT_NO_THROW(require_small_zip("a.zip", zip_archive(3, 100), 300));
  EXPECT_THROW(require_small_zip("a.zip", zip_archive(3, 100), 299), InputError);
  EXPECT_THROW(require_small_zip("a.zip", zip_archive(10'001, 0), 1000), InputError);
  std::string cut = zip_archive(3, 100);
  cut.erase(40, 47);
  EXPECT_THROW(require_small_zip("a.zip", cut, 1000), InputError);
}

TEST(ZipGuard, OneDirectoryAndNothingBeside) {
  const std::string good = zip_archive(3, 100);
  const auto refused = [](const std::string& bytes) {
    try {
      require_small_zip("a.zip", bytes, 1000);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refused(good), "");
  EXPECT_EQ(refused(zip_archive(3, 100, little(9, 2) + little(2, 2) + "ab")), "") << "another extra field";
  EXPECT_NE(refused(zip_archive(3, 100, little(9, 2) + little(2, 2) + "ab" + little(1, 2) + little(8, 2) + little(1, 8))).find("zip64"),
            std::string::npos);
  EXPECT_NE(refused(zip_archive(1, 0xffffffff)).find("zip64"), std::string::npos);
  EXPECT_NE(refused("x" + good).find("before the archive"), std::string::npos);
  EXPECT_NE(refused(good + "x").find("after its end"), std::string::npos);
  std::string gap = good;
  gap.insert(good.size() - 22, "PK\6\6 another directory");
  EXPECT_NE(refused(gap), "");
}

TEST(MeshPacking, NothingIsBelieved) {
  NamedMesh triangle{"part", {}};
  triangle.mesh.vertices = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
  triangle.mesh.triangles = {{0, 1, 2}};
  const std::string bytes = packed({triangle, triangle});
  const auto back = unpacked(bytes);
  ASSERT_TRUE(back && back->size() == 2);
  EXPECT_EQ(back->at(1).name, "part");
  EXPECT_EQ(back->at(1).mesh.vertices, triangle.mesh.vertices);
  EXPECT_EQ(back->at(1).mesh.triangles, triangle.mesh.triangles);
  for (size_t length = 1; length < bytes.size(); ++length)
    EXPECT_EQ(unpacked(bytes.substr(0, length)).has_value(), length == bytes.size() / 2) << length;
  for (const uint64_t size : {uint64_t{4}, uint64_t{1} << 40, uint64_t{1} << 61, ~uint64_t{0}}) {
    std::string liar = bytes;
    liar.replace(8 + 4, 8, little(size, 8));
    EXPECT_FALSE(unpacked(liar)) << size;
  }
  for (const int corner : {-1, 3}) {
    triangle.mesh.triangles = {{0, corner, 2}};
    EXPECT_FALSE(unpacked(packed({triangle})));
  }
}

TEST(Ply, TrianglesAreCounted) {
  const std::string quad =
      "ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\nelement face 2\n"
      "property list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n4 0 1 2 3\n3 0 1 2\n";
  EXPECT_EQ(parse_ply("a.ply", quad, {4, 3}).triangles.size(), 3u);
  EXPECT_THROW(parse_ply("a.ply", quad, {4, 2}), InputError);
}

}  // namespace
}  // namespace looking3d
