#pragma once
// How well one camera explains a photo: its silhouette, its outline, and what lies inside; and how probable that makes it among rivals.
#include <array>
#include <vector>

#include "pose/pose_target.h"
#include "render/scene.h"

namespace looking3d {

/// All in [0, 1] but `shading`, which is 0 where there is no photo, and `edges`, which is 0 where they were not asked for. (Shares of inner
/// edges that photo and reference have in common were tried too: beside the shading they told rivals on white apart no better.)
struct PoseEvidence {
  double silhouette = 0;     ///< intersection over union
  double outline_seen = 0;   ///< of the photo's outline, how much the reference's lies near: a missing part costs little here
  double outline_found = 0;  ///< of the reference's outline, how much the photo's lies near
  double shading = 0;        ///< log of the ratio of the photo's variance inside to what parts and their normals leave unexplained
  double edges = 0;          ///< EdgeField::support
};

/// Evidence for the camera that `layers` were rendered at (side target.size()).
PoseEvidence weigh_pose(const Layers& layers, const PoseTarget& target);

inline constexpr int kPoseFeatures = 5;
std::array<double, kPoseFeatures> features_of(const PoseEvidence& evidence);  ///< in the struct's order

/// What the evidence comes from: the mask alone, the photo too, or a photo in which other things stand around.
enum class PoseSource { kMask, kPhoto, kCluttered };

/// Logarithm of how probable a camera is, up to a constant that rivals share (a conditional logit; bench/pose_report fits its weights).
double log_odds(const PoseEvidence& evidence, PoseSource source);

/// Shares that add to 1.
std::vector<double> probabilities(const std::vector<double>& log_odds);

}  // namespace looking3d
