#pragma once
// What training reads again and again, decoded once and kept in bounded memory.
#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "dataset/data_set.h"
#include "render/scene.h"
#include "train/cache.h"

namespace looking3d {

/// A photo of the data set at the training size, with its truth.
struct TrainingPhoto {
  cv::Mat photo;   ///< size x size times the store's detail, CV_8UC3 BGR
  cv::Mat object;  ///< size x size, CV_8U 0/255: the whole piece; empty where the data set does not say
  cv::Mat change;  ///< size x size, CV_8U 0/255; empty where the data set does not say what changed
  cv::Mat cover;   ///< size x size, CV_8U 0/255: where something lies on or before the piece; empty: nowhere
  cv::Mat part;    ///< size x size, CV_8U 0/255: where the reference shows a part that changed; empty: not known, or none did
  bool anomalous = false;
  int kind = -1;  ///< index into kAllAnomalyKinds; -1: normal, or a kind the data set's words do not tell
  std::optional<Box> box;
  std::optional<OrbitView> view;  ///< true camera, for making training pairs only
  int64_t shape = 0;              ///< identity of the reference shape
  int64_t family = 0;             ///< identity of the shape's family; 0: the data set does not say
};

/// The truth of a photo that is anomalous for another reason: `changed` (CV_8U 0/255 at the masks' size) differs as well. Of no kind; two
/// changes have no box, and where the photo's own is not known, neither are both. Its own changed part stays.
TrainingPhoto with_change(const TrainingPhoto& photo, const cv::Mat& changed);

/// Thread-safe.
class PhotoStore {
 public:
  /// Photos are `detail` times as large as their masks, each way.
  PhotoStore(const DataSet& data, int size, uint64_t max_bytes, int detail = 1)
      : data_(data), size_(size), detail_(detail), cache_(max_bytes) {}
  /// `sample` is an index into data.samples(). Throws InputError for an unreadable photo.
  std::shared_ptr<const TrainingPhoto> get(size_t sample);

 private:
  TrainingPhoto load(const Sample& sample) const;

  const DataSet& data_;
  const int size_, detail_;
  Cache<size_t, TrainingPhoto> cache_;
};

/// Reference shapes ready for ray queries. Thread-safe.
class SceneStore {
 public:
  SceneStore(const DataSet& data, uint64_t max_bytes) : data_(data), cache_(max_bytes) {}
  std::shared_ptr<const Scene> get(const std::string& shape_id);

 private:
  const DataSet& data_;
  Cache<std::string, Scene> cache_;
};

}  // namespace looking3d
