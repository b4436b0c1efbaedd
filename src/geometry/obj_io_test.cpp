#include "geometry/obj_io.h"

#include <gtest/gtest.h>

namespace looking3d {
namespace {

const std::vector<NamedMesh> kTwo{{"seat@a@b", {{{0.1f, 1e-30f, -3e8f}, {1, 0, 0}, {0, 1, 0}}, {{0, 1, 2}, {2, 1, 0}}}},
                                  {"leg 2", {{{0, 0, 1}, {1, 0, 1}, {0, 1, 1}, {1, 1, 1}}, {{3, 1, 0}}}}};

std::string written() {
  const Path path = Path(testing::TempDir()) / "l3d_own.obj";
  write_obj(path, kTwo);
  return read_file(path);
}

TEST(OwnObj, ComesBackExactly) {
  const auto meshes = parse_own_obj(written(), 3);
  ASSERT_TRUE(meshes);
  ASSERT_EQ(meshes->size(), kTwo.size());
  for (size_t i = 0; i < kTwo.size(); ++i) {
    EXPECT_EQ((*meshes)[i].name, kTwo[i].name);
    EXPECT_EQ((*meshes)[i].mesh.vertices, kTwo[i].mesh.vertices);
    EXPECT_EQ((*meshes)[i].mesh.triangles, kTwo[i].mesh.triangles);
  }
  EXPECT_FALSE(parse_own_obj(written(), 2)) << "more triangles than allowed";
}

TEST(OwnObj, AnythingElseIsLeftToTheOtherReader) {
  const std::string head = "# looking3d\n", body = "o a\nv 0 0 0\nv 1 0 0\nv 0 1 0\n";
  ASSERT_TRUE(parse_own_obj(head + body + "f 1 2 3\n", 9));
  EXPECT_FALSE(parse_own_obj(body + "f 1 2 3\n", 9));
  for (const char* line : {"f 1 2 4\n", "f 0 1 2\n", "f 1 2 -1\n", "f 1/1 2/2 3/3\n", "f 1 2 3 1\n", "f 1 2 99999999999999999999\n",
                           "f 1 2 3", "v nan 0 0\n", "v 1e99 0 0\n", "v 0 0\n", "vn 0 0 1\n", "\n", "g b\n", "o b\nf 1 2 3\n"})
    EXPECT_FALSE(parse_own_obj(head + body + line, 9)) << line;
  EXPECT_FALSE(parse_own_obj(head + "v 0 0 0\n", 9)) << "no object yet";
}

TEST(OwnObj, EveryBeginningIsReadOrLeft) {
  const std::string whole = written();
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto meshes = parse_own_obj(std::string_view(whole).substr(0, size), 9);
    if (!meshes) continue;
    for (const NamedMesh& named : *meshes)
      for (const Eigen::Vector3i& t : named.mesh.triangles) EXPECT_LT(t.maxCoeff(), static_cast<int>(named.mesh.vertices.size()));
  }
}

}  // namespace
}  // namespace looking3d
