// How well cameras are found: `pose_report DATA [WEIGHTS] [PHOTOS] [SPLIT]`. For each photo the camera is searched with the exact mask of
// the piece, with the mask told from white, and with the mask network's (where weights of align are given), and compared with the truth.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>
#include <opencv2/imgproc.hpp>

#include "base/parallel.h"
#include "dataset/data_set.h"
#include "engine/detector.h"
#include "pose/pose_search.h"

using namespace looking3d;

namespace {

struct Measured {
  std::vector<double> mask_iou, azimuth, agreement, best_agreement, cpu_ms;
};

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values.empty() ? NAN : values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

double share_below(const std::vector<double>& values, double limit) {
  return static_cast<double>(std::count_if(values.begin(), values.end(), [&](double v) { return v < limit; })) /
         static_cast<double>(values.size());
}

void print(const std::string& name, const Measured& m) {
  std::printf(
      "%-24s %5zu | mask IoU %.3f p10 %.3f | azimuth median %5.2f deg, within 5: %.3f | silhouette IoU with truth: median %.3f p10 %.3f, "
      "best of hypotheses p10 %.3f, over 0.9: %.3f | %.0f ms CPU\n",
      name.c_str(), m.azimuth.size(), quantile(m.mask_iou, 0.5), quantile(m.mask_iou, 0.1), quantile(m.azimuth, 0.5),
      share_below(m.azimuth, 5), quantile(m.agreement, 0.5), quantile(m.agreement, 0.1), quantile(m.best_agreement, 0.1),
      1 - share_below(m.best_agreement, 0.9), quantile(m.cpu_ms, 0.5));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "pose_report DATA [WEIGHTS|-] [PHOTOS] [SPLIT]\n"), 2;
  const DataSet data = DataSet::open(argv[1]);
  std::unique_ptr<Detector> detector;
  if (argc > 2 && std::string(argv[2]) != "-") detector = Detector::open(argv[2]);
  const size_t count = argc > 3 ? std::stoul(argv[3]) : 200;
  const std::vector<size_t> samples = data.samples_of(argc > 4 ? argv[4] : "val");
  std::map<std::string, Measured> measured;
  std::string shape;
  std::unique_ptr<ReferenceData> reference;
  for (size_t k = 0; k < count; ++k) {
    const Sample& sample = data.samples()[samples[k * samples.size() / count]];
    if (shape != sample.shape_id) {
      shape = sample.shape_id;
      reference = std::make_unique<ReferenceData>(prepare_reference(shape, data.load_mesh(shape), {}));
    }
    const Annotation truth = data.load_annotation(sample);
    const cv::Mat exact = data.load_object_mask(sample);
    const cv::Mat true_silhouette = render_silhouette(reference->scene, orbit_camera(*truth.view, exact.rows));
    const PreparedPhoto photo = prepare_photo({data.load_image(sample), {}}, exact.rows);
    std::map<std::string, cv::Mat> masks = {{"exact", exact}, {"white", photo.mask}};
    if (detector) {
      const Detection detection = detector->detect(*reference, photo);
      if (!detection.mask.empty()) masks["network"] = detection.mask;
    }
    for (const auto& [name, mask] : masks) {
      const std::clock_t start = std::clock();
      const std::vector<PoseHypothesis> found = find_pose(reference->scene, reference->poses, mask);
      const double cpu_ms = 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
      std::vector<double> agreement;
      for (const PoseHypothesis& h : found)
        agreement.push_back(mask_iou(true_silhouette, render_silhouette(reference->scene, orbit_camera(h.view, exact.rows))));
      for (const std::string& key : {name, name + " " + truth.raw.value("family", "")}) {
        Measured& m = measured[key];
        m.mask_iou.push_back(mask_iou(mask, exact));
        m.azimuth.push_back(found.empty() ? 180 : degrees(std::abs(angle_difference(found[0].view.azimuth_rad, truth.view->azimuth_rad))));
        m.agreement.push_back(found.empty() ? 0 : agreement[0]);
        m.best_agreement.push_back(found.empty() ? 0 : *std::max_element(agreement.begin(), agreement.end()));
        m.cpu_ms.push_back(cpu_ms);
      }
    }
  }
  for (const auto& [name, m] : measured) print(name, m);
  return 0;
}
