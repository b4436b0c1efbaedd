#pragma once
// The N grey views through which the paper's model sees a reference shape (SPEC 2.4).
#include "render/scene.h"

namespace looking3d {

struct ReferenceView {
  Camera camera;
  double azimuth_deg = 0, elevation_deg = 0;
  cv::Mat grey;   ///< CV_8U
  cv::Mat depth;  ///< CV_32F, 0 where there is nothing
};

struct ReferenceViewOptions {
  int count = 20;  ///< azimuth i * 360 / count
  double elevation_deg = 20;
  int size = 256;
};

/// Which of `count` reference views is nearest in azimuth.
int nearest_reference_view(double azimuth_rad, int count = ReferenceViewOptions().count);

std::vector<ReferenceView> render_reference_views(const Scene& scene, const std::vector<Eigen::Vector3f>& vertices,
                                                  const ReferenceViewOptions& options = {});

/// Mean of the visible surface points inside each cell x cell pixels of a depth image (SPEC 2.5): (h*w) world points, row-major;
/// NaN where the cell sees no surface.
std::vector<Eigen::Vector3f> patch_positions(const cv::Mat& depth, const Camera& camera, int cell = 8);

}  // namespace looking3d
