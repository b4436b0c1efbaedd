#pragma once
// Where to look from to see the parts that a photo hides.
#include <optional>
#include <vector>

#include "render/scene.h"

namespace looking3d {

struct NextView {
  double azimuth_rad = 0, elevation_rad = 0;
  int shown = 0;  ///< how many of the parts can be judged from there
};

struct NextViewOptions {
  int azimuths = 12;
  std::vector<double> elevations_deg{12, 32, 58};
  int size = 48;      ///< side of the pictures that are looked at, pixels
  int fewest_px = 2;  ///< from how many pixels on a part is shown
};

/// Of a ring of cameras the one that shows most of these parts, each as large as it is seen from anywhere. Nothing when no camera shows
/// any.
std::optional<NextView> next_view(const Scene& scene, const std::vector<int>& parts, const NextViewOptions& options = {});

}  // namespace looking3d
