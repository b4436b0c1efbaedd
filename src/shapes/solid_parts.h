#pragma once
// For tests: what holds for the parts of every procedural shape.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "geometry/mesh.h"
#include "shapes/shape.h"

namespace looking3d {

/// Names of their own, one label a group, closed, outward and finite; the shape in its canonical frame. `text` names the shape in failures.
inline void expect_solid_parts(const Shape& shape, const std::string& text) {
  std::set<std::string> names;
  std::map<std::string, std::string> label_of;
  for (const Part& part : shape.parts) {
    EXPECT_TRUE(names.insert(part.name).second) << text << " " << part.name;
    EXPECT_EQ(label_of.try_emplace(part.group, part.label).first->second, part.label) << "one label a group: " << part.group;
    EXPECT_TRUE(topology(part.mesh).watertight()) << text << " " << part.name;
    for (const TriangleMesh& component : split_components(part.mesh)) EXPECT_GT(signed_volume(component), 0) << text << " " << part.name;
    for (const Eigen::Vector3f& v : part.mesh.vertices) ASSERT_TRUE(v.allFinite()) << text << " " << part.name;
  }
  const BoundingSphere sphere = bounding_sphere(shape.all_vertices());
  EXPECT_NEAR(sphere.radius, 1, 1e-6);
  EXPECT_NEAR(sphere.centre.norm(), 0, 1e-4);
}

}  // namespace looking3d
