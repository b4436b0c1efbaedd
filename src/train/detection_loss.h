#pragma once
// The loss of what a detector says of a photo, the same for all methods.
#include "train/method.h"
#include "train/process_group.h"
#include "train/targets.h"

namespace looking3d {

/// What a network says; undefined tensors are heads it does not have.
struct DetectionHeads {
  torch::Tensor logit;              ///< [B]
  torch::Tensor patch_logits = {};  ///< [B, h, w]
  torch::Tensor kind_logits = {};   ///< [B, 5]
  torch::Tensor box = {};           ///< [B, 4] in [0, 1]
  torch::Tensor pixel_logits = {};  ///< [B, H/2, W/2]
  torch::Tensor box_votes = {};     ///< [B, 4, h, w]: the box as each patch sees it
  torch::Tensor cover_logits = {};  ///< [B, h, w]
  torch::Tensor part_logits = {};   ///< [B, H/2, W/2]
  torch::Tensor camera_logit = {};  ///< [B]
};

/// Binary cross entropy of the image (paper, eq. 1), of the patches and of the pixels (changed ones weighted 3),
/// cross entropy of the kind, and L1 plus generalized IoU of the box (paper, section 3.3; weights 5 and 2), the last two on anomalous
/// photos where the truth is known; votes for the box are judged like the box, and whether the change is a cover by cross entropy, either
/// as a photo's mean over the patches that changed. The part that changed is learnt like the pixels, where it is known; whether the
/// reference was rendered at the photo's camera by binary cross entropy, and where it was not nothing else counts. `box_weight` is the
/// weight of each box loss as a whole. Float32 throughout. Each part is a mean over the photos of all processes: here stands this process's
/// share of it, so that losses and gradients add up over the processes. Each holds equally many photos.
StepLoss detection_loss(const DetectionHeads& heads, const Targets& targets, const ProcessGroup& group, double box_weight = 0.1);

/// 1 - generalized IoU of boxes [n, 4] (cx, cy, w, h) -> [n] (Rezatofighi et al. 2019).
torch::Tensor generalized_iou_loss(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace looking3d
