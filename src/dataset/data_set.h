#pragma once
// A data set on disk, ours or the published BrokenChairs-180K: one reader serves both (docs/dataset_format.md, SPEC 2.5).
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "anomalies/anomaly.h"
#include "base/evenly.h"
#include "dataset/layout.h"
#include "geometry/box.h"
#include "geometry/camera.h"

namespace looking3d {

/// One photo of the data set. Paths are absolute or relative to the working directory, ready to open.
struct Sample {
  std::string name;  ///< file stem, unique in the data set
  std::string shape_id;
  Path image;
  bool anomalous = false;
  std::string kind;  ///< "normal", "position", "rotation", "broken", "swapped", "missing"; the published label's words otherwise
  Path info;         ///< annotation JSON; empty when the published set has none (normal images)
  Path mask_before, mask_after;  ///< part masks; empty where absent
  Path object;                   ///< mask of the photographed piece, whole; empty where absent
  Path change;                   ///< mask of the pixels that really differ (ours); empty in the published set
};

/// What the file name of a sample says.
PhotoName photo_name(const Sample& sample);

/// What the annotation of a sample says, read on demand.
struct Annotation {
  std::optional<Box> box;
  std::optional<OrbitView> view;  ///< true camera: for making training pairs only, never for inference or evaluation
  std::optional<Camera> camera;
  std::string part, label;
  double visible_size = 0;  ///< changed pixels / object pixels; 0 when unknown
  Json raw;
};

/// One of the N grey views of a reference shape as stored.
struct StoredView {
  Camera camera;
  double azimuth_deg = 0, elevation_deg = 0;
  Path image;
  Path depth;              ///< 16-bit PNG (ours); empty in the published set
  double depth_scale = 1;  ///< stored value / depth in canonical units
  /// (h*w) world position of each 8x8-pixel patch of a 256x256 view, row-major, NaN where there is no surface.
  std::vector<Eigen::Vector3f> patch_positions;
  int grid = 32;  ///< h = w
};
/// CV_32F depth along the optical axis, 0 where there is nothing. Throws InputError when the view has none.
cv::Mat load_depth(const StoredView& view);

class DataSet {
 public:
  /// Reads split.json and lists samples (annotations are read on demand). Throws InputError for anything missing or malformed.
  static DataSet open(const Path& root);

  const Path& root() const { return root_; }
  const std::vector<Sample>& samples() const { return samples_; }
  const std::map<std::string, std::vector<std::string>>& splits() const { return splits_; }  ///< "train"|"val"|"test" -> shape ids
  /// Indices into samples() of all photos of the split's shapes, sorted by name. Throws InputError for an unknown split, and for one
  /// without shapes or photos.
  std::vector<size_t> samples_of(const std::string& split) const;

  cv::Mat load_image(const Sample& sample) const;  ///< CV_8UC3 BGR; throws InputError when unreadable
  Annotation load_annotation(const Sample& sample) const;
  /// What changed, at the image's size, CV_8U 0/255: the pixels that really differ where the set says so (ours), else mask before | mask
  /// after; all 0 for normal photos, empty Mat when the data set has no masks of this photo.
  cv::Mat load_change_mask(const Sample& sample) const;
  /// Where the reference shows the part that changed, at the photo's camera and the image's size, CV_8U 0/255; empty Mat for normal photos
  /// and where the data set does not say.
  cv::Mat load_part_mask(const Sample& sample) const;
  /// Mask of the whole piece as photographed, at the image's size, CV_8U 0/255; empty Mat when the data set has none of this photo.
  cv::Mat load_object_mask(const Sample& sample) const;
  std::vector<StoredView> load_views(const std::string& shape_id) const;  ///< sorted by azimuth; distinct
  bool has_mesh(const std::string& shape_id) const;
  Shape load_mesh(const std::string& shape_id) const;  ///< the normal shape, parts and all; throws InputError when the set has none

 private:
  Path root_;
  std::vector<Sample> samples_;
  std::map<std::string, std::vector<std::string>> splits_;
};

}  // namespace looking3d
