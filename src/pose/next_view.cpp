#include "pose/next_view.h"

#include <algorithm>
#include <numbers>

#include "base/parallel.h"

namespace looking3d {
namespace {

constexpr double kDistance = 3.05;  ///< from which the unit sphere fills the picture with kFocalPerWidth

struct Look {
  OrbitView view;
  std::vector<int> pixels;  ///< of each part asked for
};

std::vector<int> pixels_of(const cv::Mat& part_id, int part_count, const std::vector<int>& parts) {
  const std::vector<int> all = part_pixels(part_id, part_count);
  std::vector<int> pixels;
  for (const int part : parts) pixels.push_back(all[static_cast<size_t>(part)]);
  return pixels;
}

}  // namespace

std::optional<NextView> next_view(const Scene& scene, const std::vector<int>& parts, const NextViewOptions& options) {
  if (parts.empty()) return std::nullopt;
  std::vector<Look> looks;
  for (const double elevation_deg : options.elevations_deg)
    for (int i = 0; i < options.azimuths; ++i) {
      looks.push_back({{.azimuth_rad = 2 * std::numbers::pi * i / options.azimuths, .elevation_rad = radians(elevation_deg)}, {}});
      looks.back().view.distance = kDistance;
    }
  parallel_for(static_cast<int64_t>(looks.size()), [&](int64_t i) {
    Look& look = looks[static_cast<size_t>(i)];
    look.pixels = pixels_of(render_layers(scene, orbit_camera(look.view, options.size)).part_id, scene.part_count(), parts);
  });

  std::vector<int> most(parts.size(), 0);
  for (const Look& look : looks)
    for (size_t p = 0; p < parts.size(); ++p) most[p] = std::max(most[p], look.pixels[p]);
  std::optional<NextView> best;
  double best_score = 0;
  for (const Look& look : looks) {
    double score = 0;
    int shown = 0;
    for (size_t p = 0; p < parts.size(); ++p) {
      if (look.pixels[p] < options.fewest_px) continue;
      score += static_cast<double>(look.pixels[p]) / most[p];
      ++shown;
    }
    if (score > best_score) best_score = score, best = NextView{look.view.azimuth_rad, look.view.elevation_rad, shown};
  }
  return best;
}

}  // namespace looking3d
