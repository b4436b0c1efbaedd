#pragma once
// The frame in which a part's solid texture lives.
#include "geometry/mesh.h"
#include "render/bsdf.h"

namespace looking3d {

/// Rides on the part: axes and origin come from the part's own mesh, so that a moved or turned part takes its texture along, and a cut
/// part is textured like a whole one.
struct TextureFrame {
  Vector3f centre = Vector3f::Zero();                                 ///< in the object frame
  Eigen::Matrix3f texture_from_object = Eigen::Matrix3f::Identity();  ///< row 0 along the grain, row 2 across the flat side
  Vector3f offset = Vector3f::Zero();                                 ///< where in the endless pattern the part was cut from
  Vector3f half_size = Vector3f::Ones();                              ///< of the part, along the texture's axes
  Vector2f pith = Vector2f(0, 1), tilt = Vector2f::Zero();            ///< where the tree's axis passes, and how it leans

  /// `seed` chooses the offset: two like parts are not cut from the same spot.
  static TextureFrame of(const TriangleMesh& mesh, uint64_t seed);
};

}  // namespace looking3d
