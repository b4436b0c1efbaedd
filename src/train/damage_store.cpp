#include "train/damage_store.h"

#include "base/check.h"
#include "base/random.h"

namespace looking3d {
namespace {

constexpr AnomalyKind kKinds[] = {AnomalyKind::kPosition, AnomalyKind::kRotation, AnomalyKind::kBroken, AnomalyKind::kMissing};
constexpr uint64_t kBytesPerTriangle = 250;  // as SceneStore's scenes

/// The parts' names without their meshes.
Shape names_of(const Shape& shape) {
  Shape names{shape.id, shape.family, {}};
  for (const Part& part : shape.parts) names.parts.push_back({part.name, part.label, part.group, {}});
  return names;
}

/// Other kinds are tried where the drawn one is refused.
std::optional<DamagedReference> damaged_reference(const Shape& shape, Rng rng) {
  const size_t first = rng.index(std::size(kKinds));
  for (size_t i = 0; i < std::size(kKinds); ++i) {
    const AnomalyKind kind = kKinds[(first + i) % std::size(kKinds)];
    const auto anomaly = inject(shape, {.kind = kind, .seed = rng.fork("damage").next_u64(), .part = ""});
    if (anomaly)
      return std::optional<DamagedReference>({kind, anomaly->part, names_of(shape), names_of(anomaly->shape), Scene(anomaly->shape)});
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const DamagedReference> DamageStore::get(const std::string& shape_id, int variant) {
  using Made = std::optional<DamagedReference>;
  const auto made = cache_.get({shape_id, variant}, [&]() -> Cache<std::pair<std::string, int>, Made>::Made {
    const Shape shape = data_.load_mesh(shape_id);
    auto reference = std::make_shared<Made>(damaged_reference(shape, Rng(identity(seed_, "damaged reference", shape_id, variant))));
    return {std::move(reference), shape.triangle_count() * kBytesPerTriangle};
  });
  return *made ? std::shared_ptr<const DamagedReference>(made, &**made) : nullptr;
}

TrainingPhoto beside_damaged(const TrainingPhoto& photo, const Change& change, AnomalyKind kind) {
  TrainingPhoto beside = with_change(photo, change.changed);
  const bool either_way = kind == AnomalyKind::kPosition || kind == AnomalyKind::kRotation;
  if (!photo.anomalous && either_way) beside.kind = static_cast<int>(kind);
  if (photo.anomalous && photo.part.empty()) return beside;  // not known, so neither are both
  beside.part = change.mask_after.clone();
  if (photo.anomalous) cv::bitwise_or(beside.part, photo.part, beside.part);
  if (cv::countNonZero(beside.part) == 0) beside.part.release();
  return beside;
}

}  // namespace looking3d
