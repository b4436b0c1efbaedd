#include "anomalies/anomaly.h"

#include <array>
#include <cmath>

#include "anomalies/injection.h"
#include "base/check.h"
#include "base/error.h"

namespace looking3d {
namespace {

constexpr int kParts = 12;        ///< parts drawn before a refusal stands
constexpr int kDrawsPerPart = 3;  ///< of the parameters, before another part is drawn

InjectionOutcome inject_into(Injection& injection, AnomalyKind kind) {
  switch (kind) {
    case AnomalyKind::kPosition:
      return move_part(injection);
    case AnomalyKind::kRotation:
      return turn_part(injection);
    case AnomalyKind::kBroken:
      return break_part(injection);
    case AnomalyKind::kSwapped:
      return swap_part(injection);
    case AnomalyKind::kMissing:
      return remove_part(injection);
  }
  throw CheckFailure("unknown anomaly kind");
}

/// Larger parts are drawn more often, small ones often enough; the root of the area balances them.
int draw_part(const Shape& shape, Rng& rng) {
  std::vector<double> weights;
  for (const Part& part : shape.parts) weights.push_back(std::sqrt(surface_area(part.mesh)) + 0.05);
  return static_cast<int>(rng.pick(weights));
}

constexpr std::array<const char*, 5> kKindNames{"position", "rotation", "broken", "swapped", "missing"};
constexpr std::array<const char*, 10> kRefusalNames{
    "no_such_part",        "no_donor",        "too_small",  "too_large",         "own_symmetry",
    "cut_removes_nothing", "cut_removes_all", "cut_failed", "nearly_equal_swap", "only_part"};

}  // namespace

std::string name_of(AnomalyKind kind) {
  return kKindNames[static_cast<size_t>(kind)];
}

AnomalyKind anomaly_kind_from_name(const std::string& name) {
  for (const AnomalyKind kind : kAllAnomalyKinds)
    if (name_of(kind) == name) return kind;
  throw InputError("anomaly", "'" + name + "' is not a kind of anomaly", "position, rotation, broken, swapped or missing");
}

std::string name_of(AnomalyRefusal refusal) {
  return kRefusalNames[static_cast<size_t>(refusal)];
}

InjectionOutcome inject(const Shape& normal, const AnomalySpec& spec, std::span<const Shape> donors) {
  const int named = spec.part.empty() ? -1 : normal.part_index(spec.part);
  if (normal.parts.empty() || (!spec.part.empty() && named < 0)) return AnomalyRefusal::kNoSuchPart;
  AnomalyRefusal last = AnomalyRefusal::kNoSuchPart;
  for (int attempt = 0; attempt < kParts; ++attempt) {
    Rng rng(identity(spec.seed, "inject", name_of(spec.kind), attempt));
    const int part = named >= 0 ? named : draw_part(normal, rng);
    for (int draw = 0; draw < kDrawsPerPart; ++draw) {
      Injection injection{normal, part, donors, rng.fork("parameters", draw)};
      InjectionOutcome outcome = inject_into(injection, spec.kind);
      if (outcome) {
        outcome->parameters["seed"] = spec.seed;
        return outcome;
      }
      last = outcome.reason();
      if (spec.kind == AnomalyKind::kSwapped || spec.kind == AnomalyKind::kMissing) break;  // these tried all that they can
    }
  }
  return last;
}

}  // namespace looking3d
