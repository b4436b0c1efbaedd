#pragma once
// Names and conventions of the tree on disk (docs/dataset_format.md, SPEC 2.5): shared by the reader and the writer.
#include <functional>
#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "base/files.h"
#include "geometry/camera.h"

namespace looking3d {

/// What the name of a photo says: render_<shape>_<texture>_<radius>_<azim>_<elev>_<light>_<label>.png
struct PhotoName {
  std::string shape;
  int texture = 0;
  double radius = 0;
  double azimuth_deg = 0;  ///< published convention: 0 at +X, growing towards +Z
  double elevation_deg = 0;
  int light = 0;
  std::string label;  ///< "normal", "missing_anomaly", ours also "missing_2_anomaly"
};
/// Everything after "render_" and before ".png"; the same stem names the annotation's files.
std::string photo_stem(const PhotoName& name);
/// Empty when the stem does not follow the pattern. `is_shape` says whether a prefix is the id of a shape (ids may hold underscores).
std::optional<PhotoName> parse_photo_stem(const std::string& stem, const std::function<bool(const std::string&)>& is_shape);
/// "missing" for "missing_anomaly", "missing_2_anomaly" and the published spellings; "normal"; the label's own words otherwise.
std::string kind_of_label(const std::string& label);

/// Azimuth in the published convention from ours and back (the same map): 90 - a, in [0, 360).
double swap_azimuth_convention(double azimuth_deg);
/// "RT" of the published camera files: camera_from_world with camera axes x right, y up, z back.
Eigen::Matrix4d published_camera_from_world(const Camera& camera);
/// {"K", "RT", "RT_"} and our richer keys.
Json published_camera_json(const Camera& camera);
/// A camera from {"K", "RT"}. Throws InputError when malformed, not a rigid transform, or not of square pixels.
Camera camera_from_published(const Json& json, int width, int height, const Path& where);

// Paths below the root of a data set.
Path split_file(const Path& root);
Path options_file(const Path& root);
Path report_file(const Path& root);
Path shape_folder(const Path& root, const std::string& shape_id);
Path mesh_file(const Path& root, const std::string& shape_id);
Path manifest_file(const Path& root, const std::string& shape_id);
Path views_folder(const Path& root, const std::string& shape_id);

/// "2.5", "18", "27.31": at most two decimals, as in file names.
std::string short_number(double value);

/// Decoded picture. Throws InputError when missing, unreadable or cut short.
cv::Mat read_picture(const Path& path, int imread_flags);
/// Width and height from the header of a PNG file alone. Throws InputError when it is none.
cv::Size png_size(const Path& path);
void write_png(const Path& path, const cv::Mat& picture);
void write_mask(const Path& path, const cv::Mat& mask);  ///< one bit a pixel

}  // namespace looking3d
