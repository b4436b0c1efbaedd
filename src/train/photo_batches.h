#pragma once
// Training batches of methods that see the photo alone.
#include <torch/torch.h>

#include "train/photo_order.h"
#include "train/share.h"
#include "train/stores.h"
#include "train/targets.h"

namespace looking3d {

struct PhotoBatch {
  torch::Tensor photos;  ///< [B, 3, H, W] RGB in [-1, 1]
  Targets targets;
  PhotoBatch on(const torch::Device& device) &&;
};

class PhotoBatches {
 public:
  /// `samples`: indices into data.samples(). References must outlive this.
  PhotoBatches(const DataSet& data, std::vector<size_t> samples, PhotoStore& photos, int size, uint64_t seed);

  /// A share of the photos [step * count, (step + 1) * count) of the shuffled stream. Depends on its arguments alone; thread-safe.
  PhotoBatch training(int64_t step, int count, bool augment, const Share& share = {}) const;
  /// The listed samples as they are.
  PhotoBatch plain(const std::vector<size_t>& samples) const;
  int64_t photos_in_pass() const { return order_.pass_length(); }

 private:
  const std::vector<size_t> samples_;
  PhotoStore& photos_;
  const int size_;
  const uint64_t seed_;
  const PhotoOrder order_;
};

/// Shape of each sample, for shuffling.
std::vector<std::string> shapes_of(const DataSet& data, const std::vector<size_t>& samples);

}  // namespace looking3d
