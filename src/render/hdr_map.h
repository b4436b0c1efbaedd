#pragma once
// A photographed surrounding in all directions, as light: latitude-longitude map with importance sampling.
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "render/bsdf.h"

namespace looking3d {

/// Directions: row 0 is straight up; the middle column lies towards +Z, columns grow towards +X.
class HdrMap {
 public:
  /// `image`: CV_32FC3 linear RGB, non-negative, twice as wide as high (InputError otherwise, naming `name`). Scaled so that a white
  /// surface that half faces the sky looks white, most of the light's tint balanced away. Larger maps are scaled down: the light keeps its
  /// power.
  HdrMap(std::string name, const cv::Mat& image);
  static HdrMap load(const Path& path);

  const std::string& name() const { return name_; }
  Vector3f radiance(const Vector3f& direction) const;
  /// As a camera that is focused on something near sees it.
  Vector3f out_of_focus(const Vector3f& direction) const;
  /// Draws a direction, `u` uniform in [0,1)^2, with the density pdf() per solid angle: by brightness.
  Vector3f sample(const Vector2f& u) const;
  float pdf(const Vector3f& direction) const;

 private:
  void scale_exposure();
  void build_distribution();

  std::string name_;
  cv::Mat map_, soft_;             ///< CV_32FC3
  std::vector<float> row_cdf_;     ///< rows + 1: share of the light above each row
  std::vector<float> column_cdf_;  ///< rows x (columns + 1): within each row
  std::vector<float> density_;     ///< rows x columns: per unit of the map's area
};

/// All maps of a folder (*.exr, *.hdr), sorted by name; of Debian's package blender-data when `folder` is empty. Throws InputError where
/// there are none.
std::vector<HdrMap> load_hdr_maps(const Path& folder);

}  // namespace looking3d
