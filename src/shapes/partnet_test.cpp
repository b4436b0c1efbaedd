#include "shapes/partnet.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "geometry/mesh_io.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

/// A stool in PartNet's format: a seat of two pieces, four legs below two inner nodes.
class PartNet : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("l3d_partnet_" + std::to_string(::getpid())) / "42";
    std::filesystem::remove_all(folder_);
    write_box("original-1", {-0.5f, 0.4f, -0.5f}, {0, 0.5f, 0.5f});
    write_box("original-2", {0.01f, 0.4f, -0.5f}, {0.5f, 0.5f, 0.5f});
    Json legs = Json::array();
    for (int i = 0; i < 4; ++i) {
      const float x = i % 2 ? 0.4f : -0.5f, z = i / 2 ? 0.4f : -0.5f;
      const std::string name = "new-" + std::to_string(i);
      write_box(name, {x, -0.5f, z}, {x + 0.1f, 0.4f, z + 0.1f});
      legs.push_back({{"id", 10 + i}, {"name", "leg"}, {"objs", {name}}});
    }
    const Json base = {{"id", 3},
                       {"name", "chair_base"},
                       {"objs", {"new-0", "new-1", "new-2", "new-3"}},
                       {"children", {{{"id", 4}, {"name", "regular_leg_base"}, {"children", legs}}}}};
    const Json seat = {{"id", 5}, {"name", "seat_surface"}, {"objs", {"original-1", "original-2"}}};
    tree_ = Json::array({{{"id", 0}, {"name", "chair"}, {"children", {seat, base}}}});
    write_tree();
  }
  void TearDown() override { std::filesystem::remove_all(folder_.parent_path()); }

  void write_tree() const { write_json_atomic(folder_ / "result_after_merging.json", tree_); }
  void write_box(const std::string& name, const Eigen::Vector3f& low, const Eigen::Vector3f& high) const {
    TriangleMesh box;
    for (int i = 0; i < 8; ++i)
      box.vertices.emplace_back(i & 1 ? high.x() : low.x(), i & 2 ? high.y() : low.y(), i & 4 ? high.z() : low.z());
    box.triangles = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                     {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
    write_obj(folder_ / "objs" / (name + ".obj"), {{name, box}});
  }
  std::string error() const {
    try {
      load_shape(folder_);
    } catch (const InputError& failure) {
      return failure.what();
    }
    return "";
  }

  Path folder_;
  Json tree_;
};

TEST_F(PartNet, LeavesBecomeParts) {
  const Shape shape = load_shape(folder_);
  ASSERT_EQ(shape.parts.size(), 5u);
  EXPECT_EQ(shape.id, "42");
  EXPECT_EQ(shape.parts[0].name, "seat_surface_1");
  EXPECT_EQ(shape.parts[0].mesh.triangles.size(), 24u) << "two pieces";
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(shape.parts[static_cast<size_t>(i)].name, "leg_" + std::to_string(i));
    EXPECT_EQ(shape.parts[static_cast<size_t>(i)].label, "leg");
    EXPECT_EQ(shape.parts[static_cast<size_t>(i)].group, "leg");
  }
  EXPECT_EQ(list_shapes(folder_.parent_path()), std::vector<Path>{folder_});
}

TEST_F(PartNet, WhatIsSavedComesBack) {
  for (const std::string& family : family_names()) {
    const Shape shape = make_shape({6, 1, family});
    std::filesystem::remove_all(folder_);
    save_partnet(folder_, shape);
    const Shape loaded = load_shape(folder_);
    ASSERT_EQ(loaded.parts.size(), shape.parts.size()) << family;
    for (const Part& part : shape.parts) {
      const int at = loaded.part_index(part.name);  // the tree gathers parts by label: their order may differ
      ASSERT_GE(at, 0) << family << " " << part.name;
      const Part& again = loaded.parts[static_cast<size_t>(at)];
      EXPECT_EQ(again.label, part.label);
      EXPECT_EQ(again.group, part.group);
      EXPECT_EQ(again.mesh.triangles.size(), part.mesh.triangles.size()) << family << " " << part.name;
      EXPECT_LT((area_centroid(again.mesh) - area_centroid(part.mesh)).norm(), 1e-4) << family << " " << part.name;
    }
  }
}

TEST(PartNetTree, KnowsEveryLabelOfOurShapes) {
  for (const std::string& family : family_names())
    for (int i = 0; i < 12; ++i)
      for (const Part& part : make_shape({8, i, family}).parts) EXPECT_NE(partnet_path(part.label).front(), "other") << part.label;
  EXPECT_EQ(partnet_path("leg"), (std::vector<std::string>{"chair_base", "regular_leg_base", "leg"}));
  EXPECT_EQ(partnet_path("knob"), (std::vector<std::string>{"other", "knob"}));
}

TEST_F(PartNet, MissingPieceIsNamed) {
  std::filesystem::remove(folder_ / "objs/new-2.obj");
  EXPECT_NE(error().find("new-2.obj"), std::string::npos) << error();
}

TEST_F(PartNet, NothingOutsideItsFolderIsRead) {
  for (const std::string& name :
       {std::string("../../../etc/passwd"), std::string("/etc/passwd"), std::string("a\\b"), std::string("original-1\0", 11)}) {
    tree_[0]["children"][0]["objs"][0] = name;
    write_tree();
    EXPECT_NE(error().find("outside objs/"), std::string::npos) << error();
  }
}

TEST_F(PartNet, LabelsOfAnyKindMakePlainNames) {
  tree_[0]["children"][0]["name"] = "a b@\n\xc3\xa9";
  write_tree();
  const Shape shape = load_shape(folder_);
  EXPECT_EQ(shape.parts[0].label, "a_b____");
  save_shape(folder_ / "saved.obj", shape);
  EXPECT_EQ(load_shape(folder_ / "saved.obj").parts[0].label, "a_b____");
}

TEST_F(PartNet, MalformedTrees) {
  for (const char* text : {"{}", "[]", "[3]", "[{\"name\": \"chair\"}]", "[{\"name\": \"chair\", \"children\": 5}]",
                           "[{\"name\": \"a\", \"objs\": [1]}]", "[{"}) {
    write_file_atomic(folder_ / "result_after_merging.json", text);
    EXPECT_NE(error().find("result_after_merging.json"), std::string::npos) << text << ": " << error();
  }
  // Nesting that would break a recursive reader.
  for (const char* bracket : {"[", "[{\"name\":\"a\",\"children\":"}) {
    std::string text;
    for (int i = 0; i < 200000; ++i) text += bracket;
    write_file_atomic(folder_ / "result_after_merging.json", text);
    EXPECT_NE(error().find("result_after_merging.json"), std::string::npos);
  }
  Json deep = {{"name", "leaf"}, {"objs", {"new-0"}}};
  for (int i = 0; i < 200; ++i) deep = {{"name", "node"}, {"children", {deep}}};
  tree_ = Json::array({deep});
  write_tree();
  EXPECT_NE(error().find("too deeply"), std::string::npos) << error();
}

}  // namespace
}  // namespace looking3d
