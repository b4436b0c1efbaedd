// Laws that every drawn design obeys, over a few hundred seeds of all families.
#include "shapes/procedural.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "base/error.h"
#include "shapes/statistics.h"

namespace looking3d {
namespace {

constexpr int kShapesAFamily = 30;
constexpr double kTouch = 0.012;  ///< canonical units: 6 mm of a metre-high chair

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

/// The surface of a part as a set of cubes of this side that points on it fall into.
class Voxels {
 public:
  Voxels(const TriangleMesh& mesh, double side) : side_(side) {
    for (size_t t = 0; t < mesh.triangles.size(); ++t) {
      const Eigen::Vector3f a = mesh.corner(static_cast<int>(t), 0), ab = mesh.corner(static_cast<int>(t), 1) - a,
                            ac = mesh.corner(static_cast<int>(t), 2) - a;
      const int n = 1 + static_cast<int>(std::max({ab.norm(), ac.norm(), (ab - ac).norm()}) / side);
      for (int i = 0; i <= n; ++i)
        for (int j = 0; i + j <= n; ++j)
          cells_.insert(
              key(cell(a + ab * (static_cast<float>(i) / static_cast<float>(n)) + ac * (static_cast<float>(j) / static_cast<float>(n)))));
    }
  }

  bool touches(const Voxels& other) const {
    if (cells_.size() > other.cells_.size()) return other.touches(*this);
    for (const int64_t k : cells_)
      for (int64_t dx = -1; dx <= 1; ++dx)
        for (int64_t dy = -1; dy <= 1; ++dy)
          for (int64_t dz = -1; dz <= 1; ++dz)
            if (other.cells_.contains(k + (dx * kSpan + dy) * kSpan + dz)) return true;
    return false;
  }

 private:
  static constexpr int64_t kSpan = 4096;
  Eigen::Vector3i cell(const Eigen::Vector3f& p) const {
    return ((p.array() + 2.0f) / static_cast<float>(side_)).floor().matrix().cast<int>();
  }
  static int64_t key(const Eigen::Vector3i& c) { return (c.x() * kSpan + c.y()) * kSpan + c.z(); }
  const double side_;
  std::unordered_set<int64_t> cells_;
};

/// Names of the parts that do not hang together with the first one.
std::string floating(const Shape& shape) {
  std::vector<Voxels> parts;
  std::vector<Eigen::AlignedBox3d> boxes;
  for (const Part& part : shape.parts) parts.emplace_back(part.mesh, kTouch / 2), boxes.push_back(bounding_box(part.mesh));
  std::vector<size_t> reached{0};
  std::vector<bool> seen(parts.size());
  seen[0] = true;
  for (size_t at = 0; at < reached.size(); ++at)
    for (size_t j = 0; j < parts.size(); ++j)
      if (!seen[j] && boxes[reached[at]].exteriorDistance(boxes[j]) < kTouch && parts[reached[at]].touches(parts[j]))
        seen[j] = true, reached.push_back(j);
  std::string names;
  for (size_t j = 0; j < parts.size(); ++j)
    if (!seen[j]) names += " " + shape.parts[j].name;
  return names;
}

double lowest(const TriangleMesh& mesh) {
  return bounding_box(mesh).min().y();
}

TEST(Procedural, PartsAreSolidsWithNamesAndLabels) {
  const std::set<std::string> labels{"seat_surface", "seat_frame",     "leg",      "leg_bar", "footrest",    "back_surface",
                                     "back_frame",   "back_connector", "headrest", "armrest", "arm_support", "pedestal",
                                     "star_leg",     "caster",         "foot",     "runner",  "rocker"};
  for (const Shape& shape : designs()) {
    std::set<std::string> names;
    std::map<std::string, std::string> label_of;
    for (const Part& part : shape.parts) {
      EXPECT_TRUE(names.insert(part.name).second) << text(shape) << " " << part.name;
      EXPECT_TRUE(labels.contains(part.label)) << part.label;
      EXPECT_EQ(label_of.try_emplace(part.group, part.label).first->second, part.label) << "one label a group: " << part.group;
      EXPECT_TRUE(topology(part.mesh).watertight()) << text(shape) << " " << part.name;
      for (const TriangleMesh& component : split_components(part.mesh))
        EXPECT_GT(signed_volume(component), 0) << text(shape) << " " << part.name;
      for (const Eigen::Vector3f& v : part.mesh.vertices) ASSERT_TRUE(v.allFinite()) << text(shape) << " " << part.name;
    }
    EXPECT_GE(shape.parts.size(), 3u) << text(shape);
    const BoundingSphere sphere = bounding_sphere(shape.all_vertices());
    EXPECT_NEAR(sphere.radius, 1, 1e-6);
    EXPECT_NEAR(sphere.centre.norm(), 0, 1e-4);
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
  EXPECT_THROW(make_shape({.seed = 1, .index = 0, .family = "table"}), InputError);
}

}  // namespace
}  // namespace looking3d
