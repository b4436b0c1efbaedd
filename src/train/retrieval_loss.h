#pragma once
// Losses of the retrieval baselines: photos against the shapes of their batch. A normal photo belongs to its own shape; an anomalous photo
// belongs to none, so that its distance from its reference can tell it.
// Letters: B photos, G shapes, h x w patches.
#include <torch/torch.h>

#include "model/lfd_net.h"
#include "train/targets.h"

namespace looking3d {

/// Who belongs to whom in a batch of G groups with as many photos each, all of the group's shape.
struct BatchPairs {
  torch::Tensor own;          ///< [B] long: the photo's group
  torch::Tensor same_shape;   ///< [B, G] bool; groups may repeat a shape, which then is no negative
  torch::Tensor same_family;  ///< [B, G] bool; false throughout a photo's row when its family is unknown
  torch::Tensor normal;       ///< [B] bool
};
BatchPairs batch_pairs(const Targets& targets, int64_t groups);

/// Triplet-center loss (He et al. 2018) of distances [B, G]: the mean over normal photos of max(0, margin + own distance - distance of the
/// nearest other shape), plus the mean over pairs of a normal and an anomalous photo of one group of max(0, margin + the normal one's own
/// distance - the anomalous one's).
torch::Tensor triplet_loss(const torch::Tensor& distance, const BatchPairs& pairs, double margin);

/// Contrastive loss of instances (van den Oord et al. 2018) of similarities [B, G], the mean over normal photos of two cross entropies: its
/// shape among all shapes, and the photo among all photos that are not normal ones of its shape, so against the anomalous ones of its
/// shape.
torch::Tensor instance_loss(const torch::Tensor& similarity, const BatchPairs& pairs, double temperature);

/// Contrastive loss of categories of similarities [B, G]: the mean over photos of -log of the share of softmax(similarity / temperature)
/// that falls on shapes of the photo's family. Photos of unknown family are left out; 0 where all shapes are of one.
torch::Tensor category_loss(const torch::Tensor& similarity, const BatchPairs& pairs, double temperature);

/// What patches of n pictures truly show.
struct TrueField {
  torch::Tensor position;  ///< [n, h, w, 3] canonical units
  torch::Tensor surface;   ///< [n, h, w] bool: the patch shows the object
  torch::Tensor known;     ///< [n, h, w] bool: where that is known
};
/// Mean absolute error of a coordinate over known patches that show the object, plus binary cross entropy of showing it over known patches.
torch::Tensor location_loss(const LocationField& field, const TrueField& truth);

}  // namespace looking3d
