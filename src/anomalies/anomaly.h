#pragma once
// The five anomalies of the paper (section 3.1): a normal shape becomes an abnormal one, and we know exactly what changed.
#include <span>
#include <string>

#include "base/files.h"
#include "base/result.h"
#include "shapes/shape.h"

namespace looking3d {

enum class AnomalyKind { kPosition, kRotation, kBroken, kSwapped, kMissing };
inline constexpr AnomalyKind kAllAnomalyKinds[] = {AnomalyKind::kPosition, AnomalyKind::kRotation, AnomalyKind::kBroken,
                                                   AnomalyKind::kSwapped, AnomalyKind::kMissing};
std::string name_of(AnomalyKind kind);                        ///< "position", "rotation", "broken", "swapped", "missing"
AnomalyKind anomaly_kind_from_name(const std::string& name);  ///< throws InputError listing the names

struct AnomalySpec {
  AnomalyKind kind = AnomalyKind::kMissing;
  uint64_t seed = 0;  ///< whole identity of the draw
  std::string part;   ///< name of the part to change; empty: drawn
};

/// Why an injection was refused; each is counted in the build report.
enum class AnomalyRefusal {
  kNoSuchPart,
  kNoDonor,
  kTooSmall,
  kTooLarge,
  kOwnSymmetry,
  kCutRemovesNothing,
  kCutRemovesAll,
  kCutFailed,
  kNearlyEqualSwap,
  kOnlyPart,
};
std::string name_of(AnomalyRefusal refusal);

struct Anomaly {
  AnomalyKind kind;
  Shape shape;       ///< the anomalous shape; all parts but the changed one bit-identical to the normal shape's, in the same frame
  std::string part;  ///< name of the changed part (same name before and after; absent from `shape` when wholly missing)
  std::string label;
  double magnitude = 0;  ///< share: translation / shape diameter, angle / pi, share of the part broken off (volume; area where open),
                         ///< mean surface distance of a swap / shape diameter, share of the shape's surface that is missing
  Json parameters;       ///< exact: translation, rotation axis/angle/centre, cutter, donor id and part, seed; "piece" of the part
};

/// Applies exactly one anomaly. `donors`: other shapes of the same split (for swaps; may be empty otherwise).
/// Where a part is several like pieces (all legs in one mesh), mostly one of them alone is changed.
/// Deterministic in (normal, spec, donors). When spec.part is empty, tries several parts before it refuses.
Result<Anomaly, AnomalyRefusal> inject(const Shape& normal, const AnomalySpec& spec, std::span<const Shape> donors = {});

}  // namespace looking3d
