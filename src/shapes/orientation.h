#pragma once
// Which way a foreign mesh stands: the axes that its user names, or a guess from the shape alone.
#include <Eigen/Core>
#include <string>
#include <vector>

#include "base/options.h"
#include "geometry/mesh.h"

namespace looking3d {

/// Axes in the mesh file's own coordinates: "x", "y", "z", "-x", "-y" or "-z".
struct MeshAxes {
  std::string up = "auto";     ///< an axis, or "auto": the guess where it is sure, else y
  std::string front = "file";  ///< an axis, "auto", or "file": what has the front at z where up is y (-y where up is z)
  void visit(OptionVisitor& v);
  void check() const;  ///< throws InputError: no such axis, front along up
  bool operator==(const MeshAxes&) const = default;
};

/// The most plausible axis, and the probability that the guess gives it among all candidates.
struct AxisGuess {
  std::string axis;
  double confidence = 0;
};
inline constexpr double kSureGuess = 0.8;  ///< "auto" follows a guess from this confidence on

/// Logistic rules over scale-free features. Up: the feet span a wide polygon with the centre of area well inside, little surface lies low,
/// a flat seat lies at middle height, and no mirror plane is horizontal. Front: the top is behind, the seat before the middle, left mirrors
/// right.
AxisGuess guess_up(const TriangleMesh& shape);
AxisGuess guess_front(const TriangleMesh& shape, const std::string& up);

/// Rotation that turns `up` to +Y and `front` (an axis or "file") to +Z.
Eigen::Matrix3f canonical_from_file(const std::string& up, const std::string& front);

/// The decision for a shape, with a line in words on each axis.
struct Standing {
  Eigen::Matrix3f canonical_from_file;
  std::vector<std::string> lines;
};
Standing stand(const TriangleMesh& shape, const MeshAxes& axes);

}  // namespace looking3d
