#include "anomalies/anomaly.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "anomalies/injection.h"
#include "base/check.h"
#include "base/error.h"

namespace looking3d {
namespace {

constexpr int kParts = 12;           ///< parts drawn before a refusal stands
constexpr int kDrawsPerPart = 3;     ///< of the parameters, before another part is drawn
constexpr double kPieceAlone = 0.8;  ///< how often one of a part's like pieces is changed rather than all

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

/// Indices of the pieces that have a like among them: equal in area and in the sides of their boxes, to a tenth.
std::vector<size_t> like_pieces(const std::vector<TriangleMesh>& pieces) {
  const auto measures = [](const TriangleMesh& mesh) {
    Eigen::Vector3d sides = bounding_box(mesh).sizes();
    std::sort(sides.begin(), sides.end());
    return Eigen::Vector4d(surface_area(mesh), sides[0], sides[1], sides[2]);
  };
  std::vector<Eigen::Vector4d> all;
  for (const TriangleMesh& piece : pieces) all.push_back(measures(piece));
  std::vector<size_t> likes;
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = 0; j < all.size(); ++j) {
      if (i == j || ((all[i] - all[j]).array().abs() > 0.1 * all[i].array()).any()) continue;
      likes.push_back(i);
      break;
    }
  return likes;
}

/// The anomaly in one piece of a part alone: the piece stands in for the part, and the rest for another part, until it is done.
InjectionOutcome inject_into_piece(const Injection& injection, AnomalyKind kind, const std::vector<TriangleMesh>& pieces, size_t piece) {
  const auto part = static_cast<size_t>(injection.part);
  Shape apart = injection.normal;
  Part rest = injection.target();
  rest.mesh = {};
  for (size_t i = 0; i < pieces.size(); ++i)
    if (i != piece) append(rest.mesh, pieces[i]);
  apart.parts[part].mesh = pieces[piece];
  apart.parts.push_back(rest);
  Injection alone{apart, injection.part, injection.donors, injection.rng};
  InjectionOutcome outcome = inject_into(alone, kind);
  if (!outcome) return outcome;
  std::vector<Part>& parts = outcome->shape.parts;
  parts.pop_back();
  if (kind == AnomalyKind::kMissing) {
    parts.insert(parts.begin() + injection.part, rest);
  } else {
    append(parts[part].mesh, rest.mesh);
  }
  outcome->parameters["piece"] = piece;
  return outcome;
}

/// Changes the whole part, or one of its like pieces. A swap always takes the whole part: its donor is a whole one.
InjectionOutcome inject_into_part(Injection& injection, AnomalyKind kind) {
  if (kind != AnomalyKind::kSwapped) {
    const std::vector<TriangleMesh> pieces = split_components(injection.target().mesh);
    const std::vector<size_t> likes = pieces.size() < 2 ? std::vector<size_t>() : like_pieces(pieces);
    if (!likes.empty() && injection.rng.bernoulli(kPieceAlone))
      return inject_into_piece(injection, kind, pieces, injection.rng.pick_from(likes));
  }
  return inject_into(injection, kind);
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
      InjectionOutcome outcome = inject_into_part(injection, spec.kind);
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
