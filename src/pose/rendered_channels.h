#pragma once
// What the compare network sees of the reference at a camera: the rendered half of its input (SPEC 6.3).
#include <vector>

#include "render/scene.h"

namespace looking3d {

/// Planes in this order: grey shading, depth, normal x, normal y, normal z, silhouette, part edges.
inline constexpr int kRenderedChannels = 7;
inline constexpr int kNormalXChannel = 2;  ///< changes its sign when the picture is mirrored

/// kRenderedChannels x H x W floats. Shading in [-1, 1], 1 (white) where there is nothing; depth relative to the object's centre, 1 nearest
/// to the camera and -1 farthest, -1 where there is nothing; normals in the camera frame, 0 where there is nothing; silhouette 0 or 1;
/// part edges 1 where a neighbour to the right or below shows another part or lies deeper by more than 0.05, else 0.
std::vector<float> rendered_channels(const Layers& layers, const Camera& camera);

}  // namespace looking3d
