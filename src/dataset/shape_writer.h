#pragma once
// Files of one photo and of one shape's reference views, in the published names (SPEC 2.5).
#include "dataset/annotate.h"
#include "dataset/layout.h"
#include "render/reference_views.h"

namespace looking3d {

inline constexpr double kDepthScale = 10000;  ///< stored 16-bit value / depth in canonical units: depths up to 6.55, to 1e-4

/// A finished photo with everything to store about it.
struct PhotoRecord {
  PhotoName name;
  cv::Mat photo;                 ///< CV_8UC3
  Json info;                     ///< annotation, complete
  cv::Mat object;                ///< mask of the photographed object
  std::optional<Change> change;  ///< anomalous photos only
};

/// Writes the annotation first and the photo last, so that a photo on disk is always annotated.
void write_photo(const Path& root, const PhotoRecord& record);

/// Removes what a killed build left half-written of the shapes that `is_ours` names: beside whole files, under temporary names.
void remove_remnants(const Path& root, const std::function<bool(const std::string& shape_id)>& is_ours);

/// Writes picture, camera, depth and patch positions of each view.
void write_reference_views(const Path& root, const Shape& shape, const std::vector<ReferenceView>& views);

}  // namespace looking3d
