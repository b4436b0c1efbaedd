#include "render/reference_views.h"

#include <cmath>
#include <limits>

#include "base/check.h"

namespace looking3d {

int nearest_reference_view(double azimuth_rad, int count) {
  const auto nearest = static_cast<int>(std::lround(degrees(azimuth_rad) * count / 360)) % count;
  return nearest < 0 ? nearest + count : nearest;
}

std::vector<ReferenceView> render_reference_views(const Scene& scene, const std::vector<Eigen::Vector3f>& vertices,
                                                  const ReferenceViewOptions& options) {
  L3D_CHECK_GT(options.count, 0);
  std::vector<ReferenceView> views(options.count);

  // One distance for all views, so that the object keeps its size from view to view.
  OrbitView orbit;
  orbit.elevation_rad = radians(options.elevation_deg);
  for (int i = 0; i < options.count; ++i) {
    orbit.azimuth_rad = radians(360.0 * i / options.count);
    orbit.distance = fitting_distance(orbit, vertices);
  }
  for (int i = 0; i < options.count; ++i) {
    ReferenceView& view = views[i];
    view.azimuth_deg = 360.0 * i / options.count;
    view.elevation_deg = options.elevation_deg;
    orbit.azimuth_rad = radians(view.azimuth_deg);
    view.camera = orbit_camera(orbit, options.size);
    view.grey = render_grey(scene, view.camera);
    view.depth = render_layers(scene, view.camera).depth;
  }
  return views;
}

std::vector<Eigen::Vector3f> patch_positions(const cv::Mat& depth, const Camera& camera, int cell) {
  L3D_CHECK_EQ(depth.type(), CV_32F);
  L3D_CHECK(depth.rows % cell == 0 && depth.cols % cell == 0, "the cell divides the image");
  const int h = depth.rows / cell, w = depth.cols / cell;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<Eigen::Vector3f> positions(static_cast<size_t>(h) * w, Eigen::Vector3f::Constant(nan));
  for (int r = 0; r < h; ++r)
    for (int c = 0; c < w; ++c) {
      Eigen::Vector3d sum = Eigen::Vector3d::Zero();
      int count = 0;
      for (int y = r * cell; y < (r + 1) * cell; ++y)
        for (int x = c * cell; x < (c + 1) * cell; ++x) {
          const float z = depth.at<float>(y, x);
          if (z <= 0) continue;
          sum += camera.unproject(x + 0.5, y + 0.5, z);
          ++count;
        }
      if (count > 0) positions[static_cast<size_t>(r) * w + c] = (sum / count).cast<float>();
    }
  return positions;
}

}  // namespace looking3d
