// Laws of the families beside the seats, and of the plates and fasteners that machine parts are composed of.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "base/error.h"
#include "shapes/hanging.h"
#include "shapes/procedural.h"
#include "shapes/solid_parts.h"
#include "shapes/solids.h"
#include "shapes/statistics.h"

namespace looking3d {
namespace {

constexpr int kShapesAFamily = 24;
constexpr double kPi = std::numbers::pi;

const std::vector<Shape>& designs() {
  static const std::vector<Shape> all = [] {
    std::vector<Shape> made;
    for (const std::string& family : family_names("furniture,machines"))
      for (int i = 0; i < kShapesAFamily; ++i) made.push_back(make_shape({3, i, family}));
    return made;
  }();
  return all;
}

std::string text(const Shape& shape) {
  return shape.family + " " + shape.id;
}

double lowest(const TriangleMesh& mesh) {
  return bounding_box(mesh).min().y();
}

TEST(Kinds, PartsAreSolidsWithNamesAndLabels) {
  for (const Shape& shape : designs()) {
    expect_solid_parts(shape, text(shape));
    for (const Part& part : shape.parts) EXPECT_NE(part.label, "seat_frame") << text(shape) << " " << part.name;
    EXPECT_GE(shape.parts.size(), 2u) << text(shape);
  }
}

TEST(Kinds, NothingFloats) {
  for (const Shape& shape : designs()) EXPECT_EQ(floating(shape), "") << text(shape);
}

TEST(Kinds, WhatStandsOnTheFloorReachesIt) {
  const std::set<std::string> always{"base_plate", "foot_plate", "plinth", "side_panel_foot", "floor_plate"};
  for (const Shape& shape : designs()) {
    double floor = 1;
    for (const Part& part : shape.parts) floor = std::min(floor, lowest(part.mesh));
    // Legs stand on the floor or on feet; of a hanging block's legs none may be short.
    bool feet = false;
    for (const Part& part : shape.parts) feet |= part.label == "foot" && part.group != "block_foot";
    for (const Part& part : shape.parts) {
      const bool stands = always.contains(part.group) || part.label == "foot" || part.label == "runner" || (part.label == "leg" && !feet) ||
                          (part.group == "support_post" && shape.part_index("base_plate_1") < 0);
      if (stands && shape.part_index("floor_plate_1") >= 0 && part.group == "base_plate") continue;
      if (stands) {
        EXPECT_NEAR(lowest(part.mesh), floor, 0.012) << text(shape) << " " << part.name;
      }
    }
  }
}

/// Whether the vertical line through the centre of volume meets the hull of what touches the floor.
TEST(Kinds, NothingTopples) {
  int toppling = 0;
  for (const Shape& shape : designs()) {
    double floor = 1, volume = 0;
    for (const Part& part : shape.parts) floor = std::min(floor, lowest(part.mesh));
    Eigen::Vector3d centre = Eigen::Vector3d::Zero();
    std::vector<Eigen::Vector2d> feet;
    for (const Part& part : shape.parts) {
      const double v = surface_area(part.mesh);
      centre += v * area_centroid(part.mesh), volume += v;
      for (const auto& x : part.mesh.vertices)
        if (x.y() < floor + 0.02) feet.emplace_back(x.x(), x.z());
    }
    centre /= volume;
    // Supported when no direction has all feet on its far side.
    for (int i = 0; i < 72; ++i) {
      const Eigen::Vector2d way(std::cos(2 * kPi * i / 72), std::sin(2 * kPi * i / 72));
      double most = -10;
      for (const auto& f : feet) most = std::max(most, way.dot(f - Eigen::Vector2d(centre.x(), centre.z())));
      if (most < -0.02) {
        ++toppling;
        std::printf("%s would topple\n", text(shape).c_str());
        break;
      }
    }
  }
  // Clamped or weighted in life: arm lamps, wall arms, pipe runs that lean out.
  EXPECT_LE(toppling, static_cast<int>(designs().size()) / 12);
}

TEST(Kinds, LightEnoughForOneTreeAPhoto) {
  std::map<std::string, std::vector<size_t>> counts;
  for (const Shape& shape : designs()) counts[shape.family].push_back(shape.triangle_count());
  for (auto& [family, of] : counts) {
    std::sort(of.begin(), of.end());
    EXPECT_LT(of[of.size() / 2], 20000u) << family;
    EXPECT_LT(of.back(), 80000u) << family;
  }
}

TEST(Kinds, EachSeedIsADesign) {
  for (const std::string& family : family_names("furniture,machines")) {
    ShapeCounter counter;
    std::set<std::multiset<std::string>> inventories;
    for (int i = 0; i < 60; ++i) {
      const Shape shape = make_shape({9, i, family});
      counter.add(shape);
      std::multiset<std::string> groups;
      for (const Part& part : shape.parts) groups.insert(part.group);
      inventories.insert(groups);
    }
    EXPECT_EQ(counter.statistics().distinct, 60) << family;
    EXPECT_GE(inventories.size(), 20u) << family << ": few differ in what they are made of";
  }
}

TEST(Families, ListsAreFamiliesCategoriesAndGroups) {
  const auto seats = family_names();
  EXPECT_EQ(seats, family_names("seats"));
  EXPECT_EQ(seats.size(), 12u);
  EXPECT_EQ(family_names("tables"), (std::vector<std::string>{"table", "desk"}));
  EXPECT_EQ(family_names("gear,lamps,gears"), (std::vector<std::string>{"lamp", "gear"})) << "in the table's order, each once";
  EXPECT_EQ(family_names("seats,furniture,machines"), family_names("all"));
  for (const char* bad : {"", ",", "cheese", "table,,desk", "tables, lamps"}) EXPECT_THROW(family_names(bad), InputError) << bad;
  EXPECT_EQ(category_of("desk"), "tables");
  EXPECT_EQ(category_of("wing"), "seats");
  EXPECT_THROW(category_of("tables"), InputError);
}

TEST(Families, ADrawnDesignIsTheSameByName) {
  std::set<std::string> drawn;
  for (int i = 0; i < 120; ++i) {
    const Shape shape = make_shape({4, i, "all"}), named = make_shape({4, i, shape.family});
    drawn.insert(shape.family);
    ASSERT_EQ(shape.parts.size(), named.parts.size());
    for (size_t p = 0; p < shape.parts.size(); ++p) EXPECT_EQ(shape.parts[p].mesh.vertices, named.parts[p].mesh.vertices);
    const Shape seat = make_shape({4, i, ""}), same = make_shape({4, i, "seats"});
    EXPECT_EQ(seat.all_vertices(), same.all_vertices());
  }
  EXPECT_EQ(drawn.size(), family_names("all").size());
}

TEST(Extruded, HasTheVolumeAndGenusOfItsOutline) {
  const double w = 0.6, h = 0.4, t = 0.05, r = 0.08;
  const TriangleMesh plate =
      extruded({{0, 0}, {w, 0}, {w, h}, {0, h}}, t, {.holes = {circle_outline({0.2, 0.2}, r, 64), circle_outline({0.45, 0.2}, r, 64)}});
  EXPECT_TRUE(topology(plate).watertight());
  EXPECT_EQ(topology(plate).euler, 2 - 2 * 2) << "each hole goes through";
  const double hole = 32 * r * r * std::sin(2 * kPi / 64);
  EXPECT_NEAR(signed_volume(plate), t * (w * h - 2 * hole), 1e-6);
  const TriangleMesh bevelled =
      extruded({{0, 0}, {w, 0}, {w, h}, {0, h}}, t, {.bevel = 0.01, .holes = {circle_outline({0.3, 0.2}, r, 64)}});
  EXPECT_TRUE(topology(bevelled).watertight());
  EXPECT_EQ(topology(bevelled).euler, 0);
  EXPECT_LT(signed_volume(bevelled), t * (w * h - hole));
  EXPECT_GT(signed_volume(bevelled), 0.93 * t * (w * h - hole));
}

TEST(Solids, FastenersAndTubesAreClosed) {
  for (const BoltStyle style : {BoltStyle::kHexagon, BoltStyle::kSocket, BoltStyle::kDome, BoltStyle::kFlanged}) {
    const TriangleMesh mesh = bolt(style, 0.02, 0.1);
    EXPECT_TRUE(topology(mesh).watertight());
    EXPECT_NEAR(bounding_box(mesh).max().y(), head_height(style, 0.02), 1e-6);
    EXPECT_NEAR(bounding_box(mesh).min().y(), -0.1, 1e-6);
  }
  EXPECT_TRUE(topology(hexagon_nut(0.02)).watertight());
  EXPECT_EQ(topology(washer(0.02)).euler, 0);
  EXPECT_TRUE(topology(handwheel(0.2, 0.03, 5)).watertight());
  const TriangleMesh tube = hollow_sweep({{0, 0, 0}, {0, 1, 0}}, circle_section(0.2, 48), circle_section(0.1, 48));
  EXPECT_TRUE(topology(tube).watertight());
  const double circle = 24 * std::sin(2 * kPi / 48);
  EXPECT_NEAR(signed_volume(tube), circle * (0.04 - 0.01), 1e-6);
}

}  // namespace
}  // namespace looking3d
