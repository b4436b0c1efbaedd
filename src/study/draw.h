#pragma once
// Which photos a human study shows, and to whom (paper, section 5, "User Perceptual Study": 10 pairs a person, from a subset of 200).
#include <cstdint>
#include <string>
#include <vector>

namespace looking3d {

/// A photo that a study may show, with its truth.
struct StudyPhoto {
  std::string photo;  ///< name of the sample, unique in its data set
  std::string shape;
  std::string kind;  ///< "normal" or the kind of anomaly
  bool anomalous = false;
  bool operator==(const StudyPhoto&) const = default;
};

/// `count` of the photos, half of them normal and half anomalous, in an order that tells nothing. In either half shapes are drawn evenly:
/// no shape has a further photo before all others have had one, or have none left. Depends on the seed and the photos' names alone, not on
/// their order. `count` is even; throws InputError when there are too few photos of a class.
std::vector<StudyPhoto> draw_pool(const std::vector<StudyPhoto>& photos, int count, uint64_t seed);

/// Positions in `pool` that each of `people` participants sees, in order of showing: `pairs` (at most the pool) different ones each. All
/// participants together go through the pool in rounds, so that no photo is ever shown more than once oftener than another. A participant
/// sees different shapes where the pool's make-up allows it.
std::vector<std::vector<int>> deal_pairs(const std::vector<StudyPhoto>& pool, int people, int pairs, uint64_t seed);

}  // namespace looking3d
