#pragma once
// A design prepared for inspection, and its file (.l3d).
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pose/pose_index.h"
#include "render/scene.h"
#include "shapes/shape.h"

namespace looking3d {

/// A grey view that was rendered before.
struct GreyView {
  Camera camera;
  cv::Mat grey;                                  ///< CV_8U, square
  std::vector<Eigen::Vector3f> patch_positions;  ///< square grid, row-major: mean visible surface point, canonical units; NaN: none
};

struct StoredViews;  // engine/encoded_views.h

struct ReferenceData {
  std::string name;
  std::vector<std::string> care;  ///< what had to be mended in the mesh, in words
  Shape shape;
  Scene scene;
  PoseIndex poses;
  std::vector<cv::Mat> thumbnails;   ///< small grey pictures, CV_8U
  uint64_t serial = 0;               ///< tells references of one process apart
  std::vector<GreyView> views = {};  ///< through which networks look at it; empty: rendered from the mesh when they are asked for
  std::shared_ptr<const StoredViews> encoded = {};  ///< those views as weights of cmt encode them, where the index file has them; or null
  bool has_mesh() const { return !shape.parts.empty(); }
};

/// Prepares a shape; `poses` and `thumbnails` are those of its index file, when there is one.
ReferenceData prepare_reference(std::string name, Shape shape, std::vector<std::string> care, std::optional<PoseIndex> poses = {},
                                std::vector<cv::Mat> thumbnails = {});

/// A reference known by stored views alone, as the published data set has them: no mesh, no poses, no thumbnails.
ReferenceData reference_of_views(std::string name, std::vector<GreyView> views);

/// Whether the file starts as an index file does.
bool is_reference_file(const Path& path);

/// The mesh with its parts, silhouettes of the pose search, thumbnails, and `encoded`; written atomically.
void save_reference(const Path& path, const ReferenceData& reference);
/// The file is mapped as long as its `encoded` is in use. Throws InputError for one that is missing, cut short, altered, or of another
/// version.
ReferenceData load_reference(const Path& path);

}  // namespace looking3d
