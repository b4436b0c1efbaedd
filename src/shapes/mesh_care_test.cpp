#include "shapes/mesh_care.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace looking3d {
namespace {

TriangleMesh box(const Eigen::Vector3f& low, const Eigen::Vector3f& size) {
  TriangleMesh mesh;
  for (int i = 0; i < 8; ++i)
    mesh.vertices.push_back(low + size.cwiseProduct(Eigen::Vector3f(i & 1 ? 1.f : 0.f, i & 2 ? 1.f : 0.f, i & 4 ? 1.f : 0.f)));
  mesh.triangles = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                    {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
  return mesh;
}

/// A table-like stool: a seat, four legs in one object, and a screw head that touches nothing.
std::vector<NamedMesh> stool() {
  TriangleMesh legs;
  for (const float x : {0.f, 0.9f})
    for (const float z : {0.f, 0.9f}) append(legs, box({x, 0, z}, {0.1f, 1, 0.1f}));
  return {{"seat", box({0, 1, 0}, {1, 0.1f, 1})}, {"legs", legs}, {"screw", box({0.5f, 1.11f, 0.5f}, {0.005f, 0.005f, 0.005f})}};
}

TEST(MeshCare, PiecesThatStandApartArePartsAndCrumbsJoin) {
  CareReport report;
  std::vector<Part> parts = parts_from_objects(stool(), report);
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[0].name, "seat");
  EXPECT_EQ(parts[0].mesh.triangles.size(), 24u) << "with the screw";
  for (size_t i = 1; i < 5; ++i) EXPECT_TRUE(parts[i].name.starts_with("legs_")) << parts[i].name;
  EXPECT_NE(report.lines.at(0).find("1 crumbs"), std::string::npos) << report.lines[0];
  group_copies(parts);
  for (size_t i = 1; i < 5; ++i) EXPECT_EQ(parts[i].group, parts[1].group);
  EXPECT_NE(parts[0].group, parts[1].group);
}

TEST(MeshCare, MendsWhatForeignFilesBring) {
  // Loose triangles, corners a hair apart, each face there twice, some turned, one without area.
  const TriangleMesh clean = box({0, 0, 0}, {1, 1, 1});
  TriangleMesh soup;
  for (size_t t = 0; t < clean.triangles.size(); ++t)
    for (int copy = 0; copy < 2; ++copy) {
      const int first = static_cast<int>(soup.vertices.size());
      for (int k = 0; k < 3; ++k)
        soup.vertices.push_back(clean.corner(static_cast<int>(t), k) +
                                Eigen::Vector3f::Constant(1e-7f * static_cast<float>((t + static_cast<size_t>(copy)) % 3)));
      soup.triangles.push_back(t % 4 == 0 ? Eigen::Vector3i(first, first + 2, first + 1) : Eigen::Vector3i(first, first + 1, first + 2));
    }
  soup.triangles.emplace_back(0, 0, 1);
  std::vector<Part> parts{{"cube", "part", "", soup}, {"nothing", "part", "", {{{0, 0, 0}, {1, 1, 1}}, {{0, 1, 1}}}}};
  CareReport report;
  mend_parts(parts, true, report);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].mesh.vertices.size(), 8u);
  EXPECT_EQ(parts[0].mesh.triangles.size(), 12u);
  EXPECT_TRUE(topology(parts[0].mesh).watertight());
  EXPECT_NEAR(signed_volume(parts[0].mesh), 1, 1e-5);
  std::string all;
  for (const std::string& line : report.lines) all += line + "\n";
  for (const char* word : {"doubled", "without area", "welded", "outward", "nothing: without any area"})
    EXPECT_NE(all.find(word), std::string::npos) << all;
}

TEST(MeshCare, NamesFitIntoAnyFile) {
  std::vector<Part> parts{
      {"a b@c\n", "", "", {}}, {"a_b_c_", "leg", "\xff", {}}, {std::string(500, 'x'), "leg", "g", {}}, {"", "leg", "g", {}}};
  make_names_plain(parts);
  EXPECT_EQ(parts[0].name, "a_b_c_");
  EXPECT_EQ(parts[1].name, "a_b_c__2");
  EXPECT_EQ(parts[0].label, "part");
  EXPECT_EQ(parts[1].group, "_");
  EXPECT_EQ(parts[2].name.size(), 80u);
  EXPECT_EQ(parts[3].name, "part");
}

TEST(MeshCare, AFileLyingOnItsBackStandsUpAndAFolderOfOneFileIsThatFile) {
  // A chair in a z-up file with huge coordinates, as many CAD programs write.
  const Path folder = Path(::testing::TempDir()) / "l3d_care_lying";
  std::filesystem::remove_all(folder);
  std::vector<NamedMesh> chair = stool();
  chair.push_back({"back", box({0, 1.1f, 0}, {1, 0.9f, 0.1f})});
  for (NamedMesh& object : chair)
    for (Eigen::Vector3f& v : object.mesh.vertices) v = 1e6f * Eigen::Vector3f(v.x(), -v.z(), v.y());
  write_obj(folder / "chair.obj", chair);
  CareReport report;
  const Shape shape = load_shape(folder, &report);
  EXPECT_EQ(shape.parts.size(), 6u);
  const Eigen::AlignedBox3d back = bounding_box(shape.parts[static_cast<size_t>(shape.part_index("back"))].mesh);
  const Eigen::AlignedBox3d seat = bounding_box(shape.parts[static_cast<size_t>(shape.part_index("seat"))].mesh);
  EXPECT_GT(back.min().y(), seat.min().y()) << "up";
  EXPECT_LT(back.center().z(), seat.center().z()) << "front";
  EXPECT_NEAR(bounding_sphere(shape.all_vertices()).radius, 1, 1e-6);
  // Told otherwise, it lies.
  const Shape lying = load_shape(folder, nullptr, {"y", "file"});
  EXPECT_GT(bounding_box(lying.parts[static_cast<size_t>(lying.part_index("back"))].mesh).center().z(), 0);
}

}  // namespace
}  // namespace looking3d
