// Laws that every drawn design obeys, over a few hundred seeds of all families.
#include "shapes/procedural.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "shapes/hanging.h"
#include "shapes/solid_parts.h"
#include "shapes/statistics.h"

namespace looking3d {
namespace {

constexpr int kShapesAFamily = 30;

/// The designs under test, made once.
const std::vector<Shape>& designs() {
  static const std::vector<Shape> all = [] {
    std::vector<Shape> made;
    for (const std::string& family : family_names())
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

TEST(Procedural, PartsAreSolidsWithNamesAndLabels) {
  const std::set<std::string> labels{"seat_surface", "seat_frame",     "leg",      "leg_bar", "footrest",    "back_surface",
                                     "back_frame",   "back_connector", "headrest", "armrest", "arm_support", "pedestal",
                                     "star_leg",     "caster",         "foot",     "runner",  "rocker"};
  for (const Shape& shape : designs()) {
    expect_solid_parts(shape, text(shape));
    for (const Part& part : shape.parts) EXPECT_TRUE(labels.contains(part.label)) << part.label;
    EXPECT_GE(shape.parts.size(), 3u) << text(shape);
  }
}

TEST(Procedural, NothingFloats) {
  for (const Shape& shape : designs()) EXPECT_EQ(floating(shape), "") << text(shape);
}

TEST(Procedural, APartMovedAwayFloats) {
  Shape shape = make_shape({3, 0, "chair"});
  for (auto& v : shape.parts.back().mesh.vertices) v.y() += 1.5f;
  EXPECT_NE(floating(shape), "");
}

TEST(Procedural, WhatStandsOnTheFloorReachesIt) {
  for (const Shape& shape : designs()) {
    double floor = 1;
    for (const Part& part : shape.parts) floor = std::min(floor, lowest(part.mesh));
    const bool on_runners = shape.family == "rocking" || shape.family == "folding";
    for (const Part& part : shape.parts) {
      // What is never carried by another part; legs proper may stand on runners, rockers and feet.
      const bool stands = part.label == "caster" || part.label == "foot" || part.label == "runner" || part.label == "rocker" ||
                          (part.label == "leg" && !on_runners && part.group != "leg");
      const bool leg = part.label == "leg" && part.group == "leg" && !on_runners;
      if (!stands && !leg) continue;
      bool carried = false;  // a trestle's post stands on its foot
      for (const Part& other : shape.parts) carried |= leg && other.label == "foot";
      if (carried) continue;
      EXPECT_NEAR(lowest(part.mesh), floor, 0.008) << text(shape) << " " << part.name;
    }
  }
}

TEST(Procedural, SeatsAreWhereOneSits) {
  for (const Shape& shape : designs()) {
    double floor = 1, seat = -1;
    for (const Part& part : shape.parts) floor = std::min(floor, lowest(part.mesh));
    double height = -1, width = 0;
    for (const Part& part : shape.parts) {
      height = std::max(height, bounding_box(part.mesh).max().y() - floor);
      if (part.label == "seat_surface" && part.group != "shell") seat = std::max(seat, bounding_box(part.mesh).max().y() - floor);
      if (part.label == "seat_surface" || part.label == "seat_frame") width = std::max(width, bounding_box(part.mesh).sizes().x());
    }
    if (seat < 0) continue;  // a shell is seat and back in one
    // Seat height against seat width: a bar stool's is at least one and a half times it, a sofa's less than it.
    const double ratio = seat / width;
    EXPECT_GT(ratio, shape.family == "bar_stool" ? 1.3 : 0.15) << text(shape);
    EXPECT_LT(ratio, shape.family == "bar_stool" ? 2.9 : 1.75) << text(shape);
  }
}

TEST(Procedural, BacksAreBehind) {
  for (const Shape& shape : designs()) {
    double back = 0, seat = 0, back_area = 0, seat_area = 0;
    for (const Part& part : shape.parts) {
      const double area = surface_area(part.mesh);
      if (part.label.starts_with("back_")) back += area * area_centroid(part.mesh).z(), back_area += area;
      if (part.label == "seat_surface") seat += area * area_centroid(part.mesh).z(), seat_area += area;
    }
    if (back_area == 0) continue;
    EXPECT_LT(back / back_area, seat / seat_area) << text(shape);
  }
}

TEST(Procedural, LightEnoughForOneTreeAPhoto) {
  std::vector<size_t> counts;
  for (const Shape& shape : designs()) counts.push_back(shape.triangle_count());
  std::sort(counts.begin(), counts.end());
  EXPECT_LT(counts[counts.size() / 2], 15000u);
  EXPECT_LT(counts.back(), 60000u);
}

TEST(Procedural, ASeedIsADesign) {
  const Shape a = make_shape({1, 5, ""}), again = make_shape({1, 5, ""});
  ASSERT_EQ(a.parts.size(), again.parts.size());
  for (size_t p = 0; p < a.parts.size(); ++p) EXPECT_EQ(a.parts[p].mesh.vertices, again.parts[p].mesh.vertices);
  std::set<std::string> families;
  std::vector<Shape> drawn;
  for (int i = 0; i < 200; ++i) drawn.push_back(make_shape({1, i, ""})), families.insert(drawn.back().family);
  EXPECT_EQ(families.size(), family_names().size()) << "every family is drawn";
  ShapeCounter counter;
  for (const Shape& shape : drawn) counter.add(shape);
  EXPECT_EQ(counter.statistics().distinct, 200);
  counter.add(drawn.front());
  EXPECT_EQ(counter.statistics().distinct, 200) << "a copy is no new design";
  EXPECT_THROW(make_shape({.seed = 1, .index = 0, .family = "cheese"}), InputError);
}

}  // namespace
}  // namespace looking3d
