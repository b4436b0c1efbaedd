#pragma once
// The stored grey views of reference shapes at the training size, kept in bounded memory: what `cmt` knows of a shape.
#include <torch/torch.h>

#include "dataset/data_set.h"
#include "train/cache.h"

namespace looking3d {

/// All N views of one shape, by azimuth.
struct ShapeViews {
  torch::Tensor grey;      ///< [N, H, W] uint8
  torch::Tensor position;  ///< [N, h, w, 3] float: mean of the visible surface in each patch, canonical units; 0 where there is none
  torch::Tensor surface;   ///< [N, h, w] bool: the patch shows the object
};

/// Thread-safe.
class ViewStore {
 public:
  ViewStore(const DataSet& data, int size, uint64_t max_bytes) : data_(data), size_(size), cache_(max_bytes) {}
  /// Throws InputError when the shape has no views or one cannot be read.
  std::shared_ptr<const ShapeViews> get(const std::string& shape_id);

 private:
  ShapeViews load(const std::string& shape_id) const;

  const DataSet& data_;
  const int size_;
  Cache<std::string, ShapeViews> cache_;
};

}  // namespace looking3d
