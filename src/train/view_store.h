#pragma once
// The stored grey views of reference shapes, and their bounded memory at the training size: what `cmt` knows of a shape.
#include "dataset/data_set.h"
#include "engine/view_tensors.h"
#include "train/cache.h"

namespace looking3d {

/// The stored views of a shape, by azimuth. Throws InputError when it has none or one cannot be read.
std::vector<GreyView> stored_views(const DataSet& data, const std::string& shape_id);

/// Thread-safe.
class ViewStore {
 public:
  ViewStore(const DataSet& data, int size, uint64_t max_bytes) : data_(data), size_(size), cache_(max_bytes) {}
  /// Throws InputError when the shape has no views or one cannot be read.
  std::shared_ptr<const ShapeViews> get(const std::string& shape_id);

 private:
  const DataSet& data_;
  const int size_;
  Cache<std::string, ShapeViews> cache_;
};

}  // namespace looking3d
