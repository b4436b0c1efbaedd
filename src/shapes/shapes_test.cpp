#include <gtest/gtest.h>

#include <map>
#include <queue>
#include <set>

#include "base/error.h"
#include "base/random.h"
#include "shapes/members.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

constexpr int kShapes = 210;

Path scratch(const std::string& name) { return Path(::testing::TempDir()) / ("l3d_shapes_" + name); }

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

TEST(Procedural, PartsAreSolidsWithNamesAndLabels) {
  const std::set<std::string> labels{"seat_surface", "seat_frame", "leg",        "leg_bar",     "footrest", "back_surface", "back_frame", "back_connector",
                                     "headrest",     "armrest",    "arm_support", "pedestal", "star_leg", "caster"};
  std::set<std::string> families;
  for (int i = 0; i < kShapes; ++i) {
    const Shape shape = make_shape({3, i, ""});
    families.insert(shape.family);
    std::set<std::string> names;
    for (const Part& part : shape.parts) {
      EXPECT_TRUE(names.insert(part.name).second) << i << " " << part.name;
      EXPECT_TRUE(labels.contains(part.label)) << part.label;
      EXPECT_TRUE(topology(part.mesh).watertight()) << i << " " << shape.family << " " << part.name;
      EXPECT_GT(signed_volume(part.mesh), 0) << i << " " << shape.family << " " << part.name;
    }
    EXPECT_LT(shape.triangle_count(), 60000u);
    const BoundingSphere sphere = bounding_sphere(shape.all_vertices());
    EXPECT_NEAR(sphere.radius, 1, 1e-6);
    EXPECT_NEAR(sphere.centre.norm(), 0, 1e-4);
  }
  EXPECT_EQ(families.size(), family_names().size());
}

TEST(Procedural, EveryShapeHangsTogether) {
  // Boxes of parts that touch (to 5 mm of a metre-high chair) make one connected graph: no part floats.
  for (int i = 0; i < kShapes; ++i) {
    const Shape shape = make_shape({4, i, ""});
    std::vector<Eigen::AlignedBox3d> boxes;
    for (const Part& part : shape.parts) boxes.push_back(bounding_box(part.mesh));
    std::vector<bool> reached(boxes.size());
    std::queue<size_t> todo({0});
    reached[0] = true;
    size_t count = 1;
    for (; !todo.empty(); todo.pop())
      for (size_t j = 0; j < boxes.size(); ++j)
        if (!reached[j] && boxes[todo.front()].exteriorDistance(boxes[j]) < 0.01) reached[j] = true, ++count, todo.push(j);
    EXPECT_EQ(count, boxes.size()) << i << " " << shape.family;
  }
}

TEST(Procedural, ASeedIsADesign) {
  const Shape a = make_shape({1, 5, ""}), again = make_shape({1, 5, ""});
  ASSERT_EQ(a.parts.size(), again.parts.size());
  for (size_t p = 0; p < a.parts.size(); ++p) EXPECT_EQ(a.parts[p].mesh.vertices, again.parts[p].mesh.vertices);
  std::set<double> areas;
  for (int i = 0; i < 100; ++i) {
    const Shape shape = make_shape({1, i, ""});
    double area = 0;
    for (const Part& part : shape.parts) area += surface_area(part.mesh);
    areas.insert(area);
  }
  EXPECT_EQ(areas.size(), 100u);
  EXPECT_THROW(make_shape({.seed = 1, .index = 0, .family = "table"}), InputError);
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
