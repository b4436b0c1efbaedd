#include "train/detection_loss.h"

namespace looking3d {
namespace {

namespace F = torch::nn::functional;

constexpr double kChangedWeight = 3, kPatchWeight = 1, kPixelWeight = 2, kCoverWeight = 0.5, kPartWeight = 1, kCameraWeight = 0.5,
                 kKindWeight = 0.2, kL1Weight = 5, kIouWeight = 2;

/// Share of the mean over the rows that `known` [n] bool picks in all processes; 0 with a graph when it picks none.
torch::Tensor mean_of_known(const torch::Tensor& losses, const torch::Tensor& known, const ProcessGroup& group) {
  const torch::Tensor weights = known.to(torch::kFloat);
  return (losses * weights).sum() / group.sum(weights.sum()).clamp_min(1);
}

/// Cross entropy of a change map, the mean over each photo's cells -> [B].
torch::Tensor map_loss(const torch::Tensor& logits, const torch::Tensor& change) {
  const auto options =
      F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(torch::kNone).pos_weight(torch::full({1}, kChangedWeight, change.options()));
  return F::binary_cross_entropy_with_logits(logits.to(torch::kFloat), change, options).flatten(1).mean(1);
}

/// Of boxes [n, 4] -> [n].
torch::Tensor box_loss(const torch::Tensor& box, const torch::Tensor& truth) {
  return kL1Weight * (box - truth).abs().sum(1) + kIouWeight * generalized_iou_loss(box, truth);
}

torch::Tensor corners(const torch::Tensor& box) {
  const torch::Tensor centre = box.slice(1, 0, 2), half = box.slice(1, 2, 4) / 2;
  return torch::cat({centre - half, centre + half}, 1);  // [n, 4] x0, y0, x1, y1
}

/// Area of rectangles given by their low and high corners [n, 2]; 0 where they are empty.
torch::Tensor area(const torch::Tensor& low, const torch::Tensor& high) {
  return (high - low).clamp_min(0).prod(1);
}

}  // namespace

torch::Tensor generalized_iou_loss(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor corners_a = corners(a), corners_b = corners(b);
  const torch::Tensor low_a = corners_a.slice(1, 0, 2), high_a = corners_a.slice(1, 2, 4);
  const torch::Tensor low_b = corners_b.slice(1, 0, 2), high_b = corners_b.slice(1, 2, 4);
  const torch::Tensor both = area(torch::maximum(low_a, low_b), torch::minimum(high_a, high_b));
  const torch::Tensor either = area(low_a, high_a) + area(low_b, high_b) - both;
  const torch::Tensor hull = area(torch::minimum(low_a, low_b), torch::maximum(high_a, high_b));
  constexpr double kTiny = 1e-7;
  return 1 - both / (either + kTiny) + (hull - either) / (hull + kTiny);
}

StepLoss detection_loss(const DetectionHeads& heads, const Targets& targets, const ProcessGroup& group, double box_weight) {
  StepLoss loss;
  loss.photos = targets.anomalous.size(0);
  const auto add = [&](const char* name, const torch::Tensor& part, double weight) {
    loss.total = loss.total.defined() ? loss.total + weight * part : weight * part;
    loss.parts.emplace_back(name, part.detach());
  };
  const auto cross_entropy = [](const torch::Tensor& logits, const torch::Tensor& truth) {
    return F::binary_cross_entropy_with_logits(logits.to(torch::kFloat), truth,
                                               F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(torch::kNone));
  };
  add("image", mean_of_known(cross_entropy(heads.logit, targets.anomalous), targets.right_camera, group), 1);
  if (heads.patch_logits.defined())
    add("patch", mean_of_known(map_loss(heads.patch_logits, targets.change), targets.has_change, group), kPatchWeight);
  if (heads.pixel_logits.defined())
    add("pixel", mean_of_known(map_loss(heads.pixel_logits, targets.change_fine), targets.has_change, group), kPixelWeight);
  if (heads.part_logits.defined())
    add("part", mean_of_known(map_loss(heads.part_logits, targets.part_fine), targets.has_part, group), kPartWeight);
  if (heads.camera_logit.defined()) {
    const torch::Tensor losses = cross_entropy(heads.camera_logit, targets.right_camera.to(torch::kFloat));
    add("camera", losses.mean() / group.size(), kCameraWeight);
  }
  if (heads.kind_logits.defined()) {
    const torch::Tensor kinds = F::cross_entropy(heads.kind_logits.to(torch::kFloat), targets.kind.clamp_min(0),
                                                 F::CrossEntropyFuncOptions().reduction(torch::kNone));
    add("kind", mean_of_known(kinds, targets.kind >= 0, group), kKindWeight);
  }
  if (heads.box.defined()) {
    add("box", mean_of_known(box_loss(heads.box.to(torch::kFloat), targets.box), targets.has_box, group), box_weight);
  }
  // What is told of a change patch by patch, from the patches that show it.
  const torch::Tensor changed = targets.change.flatten(1), count = changed.sum(1);  // [B, h*w], [B]
  const auto mean_over_change = [&](const torch::Tensor& losses, const torch::Tensor& known) {
    return mean_of_known((losses * changed).sum(1) / count.clamp_min(1), known.logical_and(count > 0), group);
  };
  if (heads.cover_logits.defined()) {
    add("cover", mean_over_change(cross_entropy(heads.cover_logits, targets.cover).flatten(1), targets.has_change), kCoverWeight);
  }
  if (heads.box_votes.defined()) {
    const torch::Tensor votes = heads.box_votes.to(torch::kFloat).flatten(2).transpose(1, 2);  // [B, h*w, 4]
    const torch::Tensor losses = box_loss(votes.reshape({-1, 4}), targets.box.unsqueeze(1).expand_as(votes).reshape({-1, 4}));
    add("votes", mean_over_change(losses.view_as(changed), targets.has_box), box_weight);
  }
  return loss;
}

}  // namespace looking3d
