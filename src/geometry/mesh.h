#pragma once
// Triangle meshes: shared vertices, counter-clockwise outward. Everything else in looking3d is made of these.
#include <Eigen/Core>
#include <Eigen/Geometry>
#include <string>
#include <vector>

namespace looking3d {

struct TriangleMesh {
  std::vector<Eigen::Vector3f> vertices;   ///< x_in_object (canonical frame once the shape is normalised)
  std::vector<Eigen::Vector3i> triangles;  ///< vertex indices, counter-clockwise seen from outside

  bool empty() const { return triangles.empty(); }
  Eigen::Vector3f corner(int triangle, int k) const { return vertices[triangles[triangle][k]]; }
};

/// Appends `other` with its indices shifted.
void append(TriangleMesh& mesh, const TriangleMesh& other);
TriangleMesh transformed(const TriangleMesh& mesh, const Eigen::Affine3d& target_from_source);  ///< keeps orientation outward

Eigen::AlignedBox3d bounding_box(const TriangleMesh& mesh);
double surface_area(const TriangleMesh& mesh);
double signed_volume(const TriangleMesh& mesh);  ///< exact for a closed mesh
Eigen::Vector3d area_centroid(const TriangleMesh& mesh);

struct BoundingSphere {
  Eigen::Vector3d centre = Eigen::Vector3d::Zero();
  double radius = 0;
};
/// The smallest sphere that contains all points, to rounding (Gaertner, "Fast and robust smallest enclosing balls", ESA 1999).
BoundingSphere bounding_sphere(const std::vector<Eigen::Vector3f>& points);

/// Counts of what makes a mesh unfit as a solid.
struct MeshTopology {
  int boundary_edges = 0;      ///< edges of one triangle
  int non_manifold_edges = 0;  ///< edges of three or more, or of two that run the same way
  int components = 0;          ///< connected by shared vertices
  int euler = 0;               ///< V - E + F over used vertices
  bool watertight() const { return boundary_edges == 0 && non_manifold_edges == 0; }
};
MeshTopology topology(const TriangleMesh& mesh);

/// What `mend` did, in numbers; `text()` in words for the care report.
struct MendReport {
  int welded_vertices = 0, removed_non_finite = 0, removed_degenerate = 0, removed_duplicates = 0;
  std::string text() const;
};
/// Drops triangles with NaN/inf corners, zero area or exact duplicates, welds vertices closer than `weld_distance`, drops unused ones.
MendReport mend(TriangleMesh& mesh, double weld_distance = 0);

/// Connected components (by shared vertices), largest area first.
std::vector<TriangleMesh> split_components(const TriangleMesh& mesh);

}  // namespace looking3d
