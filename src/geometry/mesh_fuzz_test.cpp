// OBJ, STL, PLY, GLB, 3MF and OFF (not glTF with its buffers, DAE, FBX, 3DS and STEP) against damaged and hostile files: a clear refusal or
// a usable mesh, in bounded memory, never a crash.
#include <assimp/scene.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <assimp/Exporter.hpp>
#include <assimp/Importer.hpp>

#include "base/error.h"
#include "base/random.h"
#include "geometry/mesh_io.h"

namespace looking3d {
namespace {

constexpr int kMutations = 300;           ///< of each format
constexpr long kPeakKilobytes = 1000000;  ///< of this process or any child

TriangleMesh box_at(float x) {
  TriangleMesh box;
  for (int i = 0; i < 8; ++i) box.vertices.emplace_back(x + (i & 1 ? 1.0f : 0.0f), i & 2 ? 1.0f : 0.0f, i & 4 ? 1.0f : 0.0f);
  box.triangles = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                   {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
  return box;
}

class MeshFuzz : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("l3d_fuzz_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    write_obj(folder_ / "seed.obj", {{"seat", box_at(0)}, {"leg", box_at(3)}});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// The two boxes in another format.
  std::string exported(const std::string& format, const std::string& extension) const {
    Assimp::Importer importer;
    const aiScene* scene = importer.ReadFile((folder_ / "seed.obj").string(), 0);
    const Path path = folder_ / ("seed." + extension);
    EXPECT_EQ(Assimp::Exporter().Export(scene, format, path.string()), aiReturn_SUCCESS) << format;
    return read_file(path);
  }

  /// "read", or the refusal.
  std::string outcome(const std::string& name, const std::string& bytes) const {
    write_file_atomic(folder_ / name, bytes);
    std::string result = "read";
    try {
      for (const NamedMesh& named : read_mesh_file(folder_ / name)) {
        EXPECT_FALSE(named.mesh.empty());
        for (const Eigen::Vector3i& t : named.mesh.triangles)
          EXPECT_TRUE(t.minCoeff() >= 0 && t.maxCoeff() < static_cast<int>(named.mesh.vertices.size()));
        for (const Eigen::Vector3f& v : named.mesh.vertices) EXPECT_TRUE(v.allFinite());
      }
    } catch (const InputError& refusal) {
      result = refusal.what();
      EXPECT_NE(result.find(name), std::string::npos) << result;
      EXPECT_EQ(result.find("takes too long"), std::string::npos) << "read_mesh_file had to stop its child: " << name;
    }
    return result;
  }

  void fuzz(const std::string& extension, const std::string& seed) const {
    const std::string whole = "whole." + extension;
    ASSERT_EQ(outcome(whole, seed), "read");
    int read = 0;
    for (int i = 0; i < kMutations; ++i) read += outcome("mutant." + extension, mutated(seed, identity(9, extension, i))) == "read";
    EXPECT_LT(read, kMutations) << "no mutation did any harm";
    for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
      rusage usage{};
      getrusage(who, &usage);
      EXPECT_LT(usage.ru_maxrss, kPeakKilobytes);
    }
  }

  static std::string mutated(std::string bytes, uint64_t key) {
    static const std::vector<std::string> hostile{
        "999999999", "-1", "nan", "1e38", "4294967295", "\xff\xff\xff\xff", std::string("\0\0\0\0", 4), "\n", "<", "{"};
    Rng rng(key);
    for (int changes = rng.uniform_int(1, 6); changes > 0 && !bytes.empty(); --changes) {
      const size_t at = rng.index(bytes.size()), length = std::min(bytes.size() - at, size_t{1} + rng.index(64));
      const std::string word = rng.pick_from(hostile);
      switch (rng.index(6)) {
        case 0:
          bytes[at] = static_cast<char>(rng.next_u32());
          break;
        case 1:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng.index(8)));
          break;
        case 2:
          bytes.replace(at, std::min(word.size(), bytes.size() - at), word);
          break;
        case 3:
          bytes.insert(at, bytes.substr(at, length));
          break;
        case 4:
          bytes.erase(at, length);
          break;
        default:
          if (rng.bernoulli(0.3)) bytes.resize(at);
      }
    }
    return bytes;
  }

  Path folder_;
};

TEST_F(MeshFuzz, Obj) {
  fuzz("obj", read_file(folder_ / "seed.obj"));
}
TEST_F(MeshFuzz, StlText) {
  fuzz("stl", exported("stl", "stl"));
}
TEST_F(MeshFuzz, StlBinary) {
  fuzz("stl", exported("stlb", "stl"));
}
TEST_F(MeshFuzz, PlyText) {
  fuzz("ply", exported("ply", "ply"));
}
TEST_F(MeshFuzz, PlyBinary) {
  fuzz("ply", exported("plyb", "ply"));
}
TEST_F(MeshFuzz, Glb) {
  fuzz("glb", exported("glb2", "glb"));
}
TEST_F(MeshFuzz, ThreeMf) {
  fuzz("3mf", exported("3mf", "3mf"));
}
TEST_F(MeshFuzz, Off) {
  fuzz("off", "OFF\n4 4 6\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n3 0 2 1\n3 0 1 3\n3 1 2 3\n3 0 3 2\n");
}

}  // namespace
}  // namespace looking3d
