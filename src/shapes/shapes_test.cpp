#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "shapes/members.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

Path scratch(const std::string& name) {
  return Path(::testing::TempDir()) / ("l3d_shapes_" + name);
}

TEST(Members, AreClosedAndOutward) {
  const std::map<std::string, TriangleMesh> members{
      {"box", rounded_box({1, 0.4, 0.2}, {.radius = 0.05, .round_segments = 3, .divisions = {4, 2, 1}})},
      {"sweep", sweep({{0, 0, 0}, {0, 1, 0}, {0.3, 1.5, 0}}, circle_section(0.1))},
      {"loop", sweep_loop({{1, 0, 0}, {0, 0, -1}, {-1, 0, 0}, {0, 0, 1}}, circle_section(0.1), Vector3d::UnitY())},
      {"lathe", lathe({{0.2, 0}, {0.3, 0.5}, {0.1, 1}})},
      {"bar", sweep({{0, 0, 0}, {1, 0, 0}}, rectangle_section(0.1, 0.2, 0.02), Vector3d::UnitY())}};
  for (const auto& [name, mesh] : members) {
    EXPECT_TRUE(topology(mesh).watertight()) << name;
    EXPECT_GT(signed_volume(mesh), 0) << name;
    EXPECT_EQ(topology(mesh).euler, name == "loop" ? 0 : 2) << name;
  }
  EXPECT_NEAR(signed_volume(rounded_box({1, 2, 3}, {.radius = 1e-6})), 6, 1e-4);
}

TEST(Members, SheetsAreClosedAndAsThickAsSaid) {
  const auto bowl = [](double u, double v) { return Vector3d(u, 0.2 * (u * u + v * v), -v); };
  SheetOptions options{.thickness = 0.02, .columns = 10, .rows = 10};
  const TriangleMesh whole = sheet(bowl, options);
  EXPECT_TRUE(topology(whole).watertight());
  EXPECT_EQ(topology(whole).euler, 2);
  EXPECT_NEAR(signed_volume(whole), 0.02 * surface_area(whole) / 2, 0.01 * signed_volume(whole) + 0.02 * 0.02 * 8);
  options.is_hole = [](int column, int row) { return column == 5 && row == 5; };
  EXPECT_EQ(topology(sheet(bowl, options)).euler, 0) << "one hole";
  const TriangleMesh grid = sheet(bowl, lattice(3, 4, 0.3, 0.02));
  EXPECT_TRUE(topology(grid).watertight());
  EXPECT_EQ(topology(grid).euler, 2 - 2 * 12) << "twelve openings";
  options = {.thickness = 0.02, .front = 2, .rear = 2};
  EXPECT_NEAR(bounding_box(sheet([](double u, double v) { return Vector3d(u, v, 0); }, options)).max().x(), 1, 0.011) << "a disc";
}

TEST(Members, PadsKeepTheirSize) {
  for (const double front : {2.0, 5.0, 30.0}) {
    const TriangleMesh mesh = pad({0.5, 0.1, 0.4}, {.edge = 0.8, .front = front, .crown = 0.02, .tufts_x = 3, .tufts_z = 2});
    EXPECT_TRUE(topology(mesh).watertight());
    EXPECT_GT(signed_volume(mesh), 0);
    EXPECT_NEAR(bounding_box(mesh).sizes().x(), 0.5, 1e-5);
    EXPECT_NEAR(bounding_box(mesh).min().y(), -0.05, 1e-5);
    EXPECT_LT(bounding_box(mesh).max().y(), 0.0701);
  }
}

TEST(Members, RoundedPathsStayOnTheirSides) {
  const std::vector<Vector3d> path = rounded_path({{0, 0, 0}, {1, 0, 0}, {1, 1, 0}}, 0.2);
  EXPECT_EQ(path.front(), Vector3d(0, 0, 0));
  EXPECT_EQ(path.back(), Vector3d(1, 1, 0));
  for (const Vector3d& p : path) EXPECT_LT((p - Vector3d(1, 0, 0)).norm(), 1.5);
  EXPECT_NEAR(path[1].x(), 0.8, 1e-9) << "the bend starts a radius before a right angle";
}

TEST(ShapeIo, SaveAndLoadKeepEverything) {
  const Shape shape = make_shape({2, 9, ""});
  save_shape(scratch("chair.obj"), shape);
  const Shape loaded = load_shape(scratch("chair.obj"));
  ASSERT_EQ(loaded.parts.size(), shape.parts.size());
  for (size_t p = 0; p < shape.parts.size(); ++p) {
    EXPECT_EQ(loaded.parts[p].name, shape.parts[p].name);
    EXPECT_EQ(loaded.parts[p].label, shape.parts[p].label);
    EXPECT_EQ(loaded.parts[p].group, shape.parts[p].group);
    EXPECT_NEAR(signed_volume(loaded.parts[p].mesh), signed_volume(shape.parts[p].mesh), 1e-5);
  }
}

TEST(ShapeIo, ComponentsAndFoldersBecomeParts) {
  const Path folder = scratch("folder");
  std::filesystem::remove_all(folder);
  EXPECT_THROW(load_shape(folder), InputError);
  std::filesystem::create_directories(folder);
  EXPECT_THROW(load_shape(folder), InputError);
  EXPECT_THROW(list_shapes(folder), InputError);
  Shape parts;
  for (const double x : {-1.0, 1.0}) parts.parts.push_back({"", "", "", moved(rounded_box({0.5, 0.5, 0.5}), {x, 0, 0})});
  TriangleMesh together = parts.parts[0].mesh;
  append(together, parts.parts[1].mesh);
  Shape one;
  one.parts.push_back({"both", "part", "both", together});
  write_file_atomic(folder / "readme.txt", "no mesh");
  save_shape(folder / "a.obj", one);
  EXPECT_EQ(load_shape(folder).parts.size(), 1u);
  EXPECT_EQ(list_shapes(folder).size(), 1u);

  // The same mesh without our naming falls into its two components, which are copies of one another.
  std::string text = read_file(folder / "a.obj");
  text.replace(text.find("o both@part@both"), 16, "o thing         ");
  write_file_atomic(folder / "b.obj", text);
  CareReport report;
  const Shape split = load_shape(folder / "b.obj", &report);
  ASSERT_EQ(split.parts.size(), 2u);
  EXPECT_EQ(split.parts[0].group, split.parts[1].group);
  EXPECT_FALSE(report.lines.empty());
}

TEST(ShapeIo, RealMeshesLoad) {
  const Path real = Path(LOOKING3D_SOURCE_DIR) / "../shared/real/meshes";
  if (!std::filesystem::exists(real)) GTEST_SKIP() << "no shared/real/meshes here";
  for (const Path& path : list_shapes(real)) {
    const Shape shape = load_shape(path);
    EXPECT_GE(shape.parts.size(), 3u) << path;
    EXPECT_NEAR(bounding_sphere(shape.all_vertices()).radius, 1, 1e-6);
  }
}

}  // namespace
}  // namespace looking3d
