#pragma once
// Things in space that lie on a piece or lean against it: cushions, pads, parcels, balls.
#include <optional>

#include "base/random.h"
#include "render/scene.h"

namespace looking3d {

/// A superellipsoid (Barr 1981) and the surface that it touches, all in the world.
struct LaidThing {
  TriangleMesh mesh;
  Eigen::Vector3d middle;
  Eigen::Matrix3d axes;  ///< columns: two along the surface, its normal
  double half = 1;       ///< the longer of its half lengths along the surface
};

/// Something at random on a surface that `piece`, as `camera` sees it, shows: lying on one that faces up, else leaning against one; nullopt
/// where the drawn surface is too small. Deterministic in `rng`.
std::optional<LaidThing> thing_on(const Layers& piece, const Camera& camera, Rng rng);

}  // namespace looking3d
