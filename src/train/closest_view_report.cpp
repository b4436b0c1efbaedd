#include "train/closest_view_report.h"

#include <cmath>
#include <cstdlib>

#include "render/reference_views.h"

namespace looking3d {

Json closest_view_json(const DataSet& data, const std::vector<JudgedPhoto>& judged) {
  const int count = ReferenceViewOptions().count;
  int64_t photos = 0, exact = 0, within_one = 0;
  double error_deg = 0;
  for (const JudgedPhoto& photo : judged) {
    const Sample& sample = data.samples()[photo.sample];
    if (sample.anomalous || !photo.closest_view) continue;
    const Annotation truth = data.load_annotation(sample);
    if (!truth.view) continue;
    const int apart = std::abs(*photo.closest_view - nearest_reference_view(truth.view->azimuth_rad)),
              steps = std::min(apart, count - apart);
    ++photos;
    exact += steps == 0;
    within_one += steps <= 1;
    error_deg += degrees(std::abs(angle_difference(radians(360.0 * *photo.closest_view / count), truth.view->azimuth_rad)));
  }
  if (photos == 0) return nullptr;
  const auto all = static_cast<double>(photos);
  return {{"photos", photos},
          {"accuracy", static_cast<double>(exact) / all},
          {"within_one", static_cast<double>(within_one) / all},
          {"mean_error_deg", error_deg / all}};
}

}  // namespace looking3d
