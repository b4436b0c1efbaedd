#pragma once
// Training batches of `cmt`: photos grouped by shape, so that a shape's views are encoded once for all its photos (SPEC 7).
#include <torch/torch.h>

#include "train/photo_order.h"
#include "train/share.h"
#include "train/stores.h"
#include "train/targets.h"
#include "train/view_store.h"

namespace looking3d {

/// G shapes with P photos each, B = G * P; letters as in model/cmt.h.
struct CmtBatch {
  torch::Tensor views;           ///< [G, N, 3, H, W] grey in [-1, 1]
  torch::Tensor position;        ///< [G, N, h, w, 3]
  torch::Tensor surface;         ///< [G, N, h, w] bool
  torch::Tensor photos;          ///< [B, 3, H, W] RGB in [-1, 1]
  torch::Tensor photo_position;  ///< [B, h, w, 3]: what the normal shape would show there; undefined when not asked for
  torch::Tensor photo_surface;   ///< [B, h, w] bool; undefined when not asked for
  Targets targets;
  CmtBatch on(const torch::Device& device) &&;
};

struct CmtBatchOptions {
  int size = 128;
  int photos_per_shape = 6;
  int views = 5;                ///< N
  bool photo_positions = true;  ///< needs meshes and photo cameras
  bool photometric = true;      ///< colours, blur, noise too; the paper only flips and crops
  uint64_t seed = 1;
};

class CmtBatches {
 public:
  /// `samples`: indices into data.samples(). References must outlive this.
  CmtBatches(const DataSet& data, std::vector<size_t> samples, PhotoStore& photos, ViewStore& views, SceneStore& scenes,
             const CmtBatchOptions& options);

  /// A share of the groups [step * shapes, (step + 1) * shapes) of the shuffled stream. Depends on its arguments alone; thread-safe.
  CmtBatch training(int64_t step, int shapes, bool augment, const Share& share = {}) const;
  /// Samples of one shape as they are, against all its views. Without photo positions.
  CmtBatch plain(const std::vector<size_t>& samples_of_one_shape) const;
  int64_t photos_in_pass() const { return order_.pass_length() * options_.photos_per_shape; }

 private:
  void write_views(const ShapeViews& views, const std::vector<size_t>& chosen, bool mirrored, int64_t group, CmtBatch& batch) const;
  void write_photo(size_t sample, uint64_t key, bool augment, bool mirrored, int64_t row, CmtBatch& batch) const;

  const DataSet& data_;
  const std::vector<size_t> samples_;
  PhotoStore& photos_;
  ViewStore& views_;
  SceneStore& scenes_;
  const CmtBatchOptions options_;
  const PhotoOrder order_;
};

}  // namespace looking3d
