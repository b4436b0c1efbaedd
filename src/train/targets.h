#pragma once
// Photos and their truth as tensors, the same for all methods.
#include <torch/torch.h>

#include <initializer_list>

#include "model/preprocess.h"
#include "train/stores.h"

namespace looking3d {

/// What photos of a batch are to be judged as; shared by all methods.
struct Targets {
  torch::Tensor anomalous;    ///< [B] float, 0 or 1
  torch::Tensor kind;         ///< [B] long, index into kAllAnomalyKinds; -1: normal or unknown
  torch::Tensor box;          ///< [B, 4] float cx, cy, w, h
  torch::Tensor has_box;      ///< [B] bool: anomalous with a known box
  torch::Tensor change;       ///< [B, h, w] float: 1 on patches that show a change
  torch::Tensor change_fine;  ///< [B, H/2, W/2] float 0..1: share of each 2 x 2 pixels that changed
  torch::Tensor has_change;   ///< [B] bool: where it is known
  torch::Tensor cover;        ///< [B, h, w] float: 1 on patches where something lies on or before the piece
  torch::Tensor part_fine;  ///< [B, H/2, W/2] float 0..1: share of each 2 x 2 pixels where the rendered reference shows a part that changed
  torch::Tensor has_part;   ///< [B] bool: anomalous, and it is known which part changed
  torch::Tensor right_camera;  ///< [B] bool: the reference was rendered at the photo's camera; elsewhere nothing else is to be judged
  torch::Tensor shape;         ///< [B] long: equal for photos of one shape
  torch::Tensor family;        ///< [B] long: equal for shapes of one family; 0: unknown
  torch::Tensor view;          ///< [B] long: the reference view nearest in azimuth; -1: unknown
  void move_to(const torch::Device& device);
};

/// Copies those tensors to the device that are defined and do not lie there.
void move_to(const torch::Device& device, std::initializer_list<torch::Tensor*> tensors);

inline constexpr double kPatchChangeShare = 0.05;  ///< changed pixels of a patch from which it counts as changed

/// Empty targets for `count` photos of size x size pixels, and one photo's truth written into its row; `mirrored` left to right.
Targets empty_targets(int64_t count, int size);
void write_targets(const TrainingPhoto& photo, bool mirrored, int64_t row, Targets& targets);
/// A photo beside the reference as seen from elsewhere: that is all there is to say of it.
void write_wrong_camera(int64_t row, Targets& targets);

}  // namespace looking3d
