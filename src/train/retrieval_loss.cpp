#include "train/retrieval_loss.h"

#include "base/check.h"

namespace looking3d {

using torch::Tensor;

namespace {

constexpr double kNever = 1e4;  ///< far beyond any distance and logit

/// Mean of `losses` where `counted` holds; 0 with a graph when nowhere.
Tensor mean_where(const Tensor& losses, const Tensor& counted) {
  const Tensor weights = counted.to(losses.scalar_type());
  return (losses * weights).sum() / weights.sum().clamp_min(1);
}

/// Of a table [B, G], each photo's value at its own group -> [B].
Tensor own_of(const Tensor& table, const BatchPairs& pairs) {
  return table.gather(1, pairs.own.unsqueeze(1)).squeeze(1);
}

}  // namespace

BatchPairs batch_pairs(const Targets& targets, int64_t groups) {
  const int64_t photos = targets.shape.size(0), per_group = photos / groups;
  L3D_CHECK_EQ(photos % groups, 0);
  const auto first_of_group = [&](const Tensor& of_photos) { return of_photos.view({groups, per_group}).select(1, 0); };
  BatchPairs pairs;
  pairs.own = torch::arange(photos, targets.shape.options()).div(per_group, "floor");
  pairs.same_shape = targets.shape.unsqueeze(1) == first_of_group(targets.shape).unsqueeze(0);
  const Tensor family = targets.family.unsqueeze(1);
  pairs.same_family = (family == first_of_group(targets.family).unsqueeze(0)) & (family != 0);
  pairs.normal = targets.anomalous < 0.5;
  return pairs;
}

Tensor triplet_loss(const Tensor& distance, const BatchPairs& pairs, double margin) {
  const Tensor own = own_of(distance, pairs);                                   // [B]
  const Tensor other = distance.masked_fill(pairs.same_shape, kNever).amin(1);  // [B]
  const Tensor shapes = mean_where(torch::relu(margin + own - other), pairs.normal);
  const Tensor gaps = torch::relu(margin + own.unsqueeze(1) - own.unsqueeze(0));  // [B normal, B anomalous]
  const Tensor one_group = pairs.own.unsqueeze(1) == pairs.own.unsqueeze(0);
  return shapes + mean_where(gaps, one_group & pairs.normal.unsqueeze(1) & pairs.normal.logical_not().unsqueeze(0));
}

Tensor instance_loss(const Tensor& similarity, const BatchPairs& pairs, double temperature) {
  const int64_t photos = similarity.size(0), groups = similarity.size(1);
  const Tensor logits = similarity / temperature;
  // The photo's shape among all shapes, its other groups left out.
  const Tensor is_own = pairs.own.unsqueeze(1) == torch::arange(groups, pairs.own.options()).unsqueeze(0);  // [B, G]
  const Tensor shape = -own_of(torch::log_softmax(logits.masked_fill(pairs.same_shape & is_own.logical_not(), -kNever), 1), pairs);
  // The photo among all photos as its shape sees them, other normal photos of the shape left out.
  const Tensor seen = logits.index_select(1, pairs.own).t();                // [B, B]: row b holds all photos against b's shape
  const Tensor of_shape = pairs.same_shape.index_select(1, pairs.own).t();  // [B, B]
  const Tensor left_out = of_shape & pairs.normal.unsqueeze(0) & torch::eye(photos, pairs.own.options()).eq(0);
  const Tensor photo = -torch::log_softmax(seen.masked_fill(left_out, -kNever), 1).diagonal();
  return mean_where((shape + photo) / 2, pairs.normal);
}

Tensor category_loss(const Tensor& similarity, const BatchPairs& pairs, double temperature) {
  const Tensor logits = similarity / temperature;
  const Tensor family = logits.masked_fill(pairs.same_family.logical_not(), -kNever).logsumexp(1);
  return mean_where(logits.logsumexp(1) - family, pairs.same_family.any(1));
}

Tensor location_loss(const LocationField& field, const TrueField& truth) {
  const Tensor errors = (field.position - truth.position).abs().mean(3);  // [n, h, w]
  const Tensor surface = torch::binary_cross_entropy_with_logits(field.surface_logit, truth.surface.to(field.surface_logit.scalar_type()),
                                                                 {}, {}, at::Reduction::None);
  return mean_where(errors, truth.known & truth.surface) + mean_where(surface, truth.known);
}

}  // namespace looking3d
