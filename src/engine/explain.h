#pragma once
// What happened, in geometry: from a map of changes at a camera to the part, its motion, what is lost of it, and what the photo hides.
#include "engine/detector.h"
#include "pose/next_view.h"
#include "pose/part_motion.h"
#include "pose/part_suspects.h"

namespace looking3d {

/// What a detector found in a photo.
struct ChangeEvidence {
  OrbitView view;                                   ///< camera of the photo
  cv::Mat heat;                                     ///< CV_32F, 0..1: the change map, any size
  cv::Mat object;                                   ///< S x S, CV_8U: mask of the photographed object
  cv::Mat bgr;                                      ///< square, CV_8UC3, any size: the photo; may be empty
  std::optional<std::array<double, kKinds>> kinds;  ///< what the network thinks of the kind
  cv::Mat cover = {};  ///< CV_32F, 0..1, any size: that a change there is something on or before the piece; may be empty
  cv::Mat part = {};   ///< CV_32F, 0..1, any size: that the reference shows the changed part there, if one changed; may be empty
};

struct Explanation {
  std::vector<PartSuspect> parts;       ///< all parts of the reference, most suspect first
  std::optional<PartMotionFit> motion;  ///< of the first suspect; absent when nothing deviates or nothing of it is known
  std::optional<double> covered;        ///< see covered_share; of a cover no motion is told: the parts stand by how much of it they carry
  std::array<double, kKinds> kinds{};   ///< what the network and the geometry say together; all 0 without either
  std::vector<int> not_judged;          ///< parts of which the photo shows too little
  std::optional<NextView> next;         ///< a camera that shows most of those
  bool is_cover() const;                ///< a cover is likelier than each kind of damage
};

/// `deviates`: the verdict; only then is a motion searched. Takes some tens of milliseconds. Deterministic for any number of threads.
Explanation explain_change(const ReferenceData& reference, const ChangeEvidence& evidence, bool deviates);

/// The probability that what is hot is no damage but something that lies on or before the piece: the mean of the cover map, weighted by
/// the heat above half of its peak. nullopt without a cover map.
std::optional<double> covered_share(const cv::Mat& heat, const cv::Mat& cover);

/// What the costs of explaining a photo without change, without the part and with it moved say of the kind: the terms of a log-linear model
/// of the kinds, the first of them 1.
inline constexpr int kKindTerms = 8;
std::array<double, kKindTerms> kind_terms(const PartMotionFit& fit);

/// The kinds by network and geometry together (sum 1); by geometry alone where the network says nothing.
std::array<double, kKinds> combined_kinds(const std::optional<std::array<double, kKinds>>& network, const PartMotionFit& fit);

}  // namespace looking3d
