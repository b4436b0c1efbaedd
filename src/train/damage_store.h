#pragma once
// References that are damaged instead of the piece: undamaged photos become anomalous beside them, and damaged photos show two changes.
#include <optional>
#include <string>
#include <vector>

#include "anomalies/anomaly.h"
#include "dataset/annotate.h"
#include "train/stores.h"

namespace looking3d {

/// A reference with one of its parts moved, turned, broken or missing. Shapes hold names alone: their meshes are in the scenes.
struct DamagedReference {
  AnomalyKind kind;  ///< of what was done to the reference
  std::string part;
  Shape normal, damaged;
  Scene scene;  ///< of the damaged shape
};

/// Damaged references by shape and variant, in bounded memory: the same whatever is held. Thread-safe.
class DamageStore {
 public:
  static constexpr int kVariants = 6;  ///< of each shape: enough for variety, few enough to be held

  DamageStore(const DataSet& data, uint64_t max_bytes, uint64_t seed) : data_(data), seed_(seed), cache_(max_bytes) {}
  /// Variant 0 to kVariants - 1 of a shape; null where the injection was refused.
  std::shared_ptr<const DamagedReference> get(const std::string& shape_id, int variant);

 private:
  const DataSet& data_;
  const uint64_t seed_;
  Cache<std::pair<std::string, int>, std::optional<DamagedReference>> cache_;
};

/// The truth of a photo that is laid beside a damaged reference instead of the reference it belongs to: anomalous, where `change` (at the
/// photo mask's size, from the whole reference to the damaged one at the photo's camera) or the photo's own change is seen. Two changes
/// have no box and no kind. A part that the reference alone lacks, wholly or in part, is none of the five kinds. Changed parts are those
/// that the damaged reference shows.
TrainingPhoto beside_damaged(const TrainingPhoto& photo, const Change& change, AnomalyKind kind);

}  // namespace looking3d
