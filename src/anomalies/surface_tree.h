#pragma once
// The nearest point of a surface, asked many times.
#include <limits>

#include "geometry/mesh.h"

namespace looking3d {

/// The point of a mesh that is nearest to another.
struct SurfacePoint {
  Eigen::Vector3d x = Eigen::Vector3d::Zero();
  double distance = std::numeric_limits<double>::infinity();  ///< infinite when the mesh has no triangle near enough
  int triangle = -1;
};

/// Boxes in boxes over a mesh's triangles. Copies what it needs of the mesh.
class SurfaceTree {
 public:
  explicit SurfaceTree(const TriangleMesh& mesh);

  /// Among equally near triangles the first. Points further than `within` are not looked for.
  SurfacePoint nearest(const Eigen::Vector3d& point, double within = std::numeric_limits<double>::infinity()) const;
  double distance(const Eigen::Vector3d& point) const { return nearest(point).distance; }
  const Eigen::AlignedBox3d& box() const { return nodes_.front().box; }

 private:
  struct Node {
    Eigen::AlignedBox3d box;
    int first = 0, count = 0;  ///< triangles of a leaf; an inner node has none
    int right = 0;             ///< an inner node's second child; its first one follows it
  };
  struct Triangle {
    Eigen::Vector3d a, b, c;
    int index;  ///< in the mesh
  };
  void build(int first, int count);

  std::vector<Triangle> triangles_;
  std::vector<Node> nodes_;
};

/// The same by looking at every triangle: for few questions, and to test the tree against.
SurfacePoint nearest_on_surface(const Eigen::Vector3d& point, const TriangleMesh& mesh);

}  // namespace looking3d
