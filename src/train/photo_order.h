#pragma once
// In which order the photos of a split are seen: a pure function of (seed, position), so that a resumed run goes on exactly.
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace looking3d {

/// An endless stream of groups of photos, each group of one shape. In each pass shapes are shuffled and taken `window` at a time; each
/// shape's photos are shuffled and cut into groups of `per_group` (the last one filled up with more photos of the shape), and the groups
/// of a window are shuffled together: so few meshes are needed at any time. Thread-safe.
class PhotoOrder {
 public:
  /// `shape_ids[i]` is the shape of photo i; at least one photo.
  PhotoOrder(const std::vector<std::string>& shape_ids, uint64_t seed, int per_group = 1, int window = 192);

  std::vector<size_t> at(int64_t position) const;  ///< indices of the photos of the group at `position` of the stream
  int64_t pass_length() const { return groups_; }  ///< groups in a pass

 private:
  using Pass = std::vector<std::vector<size_t>>;
  std::shared_ptr<const Pass> pass(int64_t number) const;
  Pass deal(int64_t number) const;

  std::vector<std::vector<size_t>> photos_of_shape_;
  uint64_t seed_;
  size_t per_group_, window_;
  int64_t groups_ = 0;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Pass> passes_[2];  // the latest of even and of odd number: batches may straddle two
  mutable int64_t numbers_[2] = {-1, -1};
};

}  // namespace looking3d
