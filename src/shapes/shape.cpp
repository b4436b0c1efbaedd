#include "shapes/shape.h"

#include "base/check.h"

namespace looking3d {

int Shape::part_index(const std::string& name) const {
  for (size_t i = 0; i < parts.size(); ++i)
    if (parts[i].name == name) return static_cast<int>(i);
  return -1;
}

std::vector<Eigen::Vector3f> Shape::all_vertices() const {
  std::vector<Eigen::Vector3f> all;
  for (const Part& part : parts) all.insert(all.end(), part.mesh.vertices.begin(), part.mesh.vertices.end());
  return all;
}

size_t Shape::triangle_count() const {
  size_t count = 0;
  for (const Part& part : parts) count += part.mesh.triangles.size();
  return count;
}

Eigen::Affine3d normalise(Shape& shape) {
  const BoundingSphere sphere = bounding_sphere(shape.all_vertices());
  L3D_CHECK_GT(sphere.radius, 0.0);
  const Eigen::Affine3d canonical_from_source = Eigen::Scaling(1 / sphere.radius) * Eigen::Translation3d(-sphere.centre);
  for (Part& part : shape.parts) part.mesh = transformed(part.mesh, canonical_from_source);
  return canonical_from_source;
}

}  // namespace looking3d
