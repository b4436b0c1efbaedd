// How well a deviation is explained: `explain_report DATA [WEIGHTS|-] [PHOTOS] [SPLIT] [CSV]`. For each anomalous photo: is the part named
// right, are its turn and shift, and the share of it that is gone? Once with perfect evidence (the true change map, mask and camera), and,
// where weights of align are given, with what the detector found, for the photos that it calls deviating. CSV: a line for each photo.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/evenly.h"
#include "dataset/data_set.h"
#include "engine/explain.h"

using namespace looking3d;

namespace {

/// What really happened to the part, from the annotation.
struct Truth {
  std::string kind, part, label;
  double turn_rad = 0, shift = 0, lost_share = 0;
  bool piece = false;  ///< only a piece of the part changed
};

Eigen::Vector3d vector_of(const Json& json) {
  return {json.at(0).get<double>(), json.at(1).get<double>(), json.at(2).get<double>()};
}

Truth truth_of(const Sample& sample, const Annotation& annotation, const Shape& shape) {
  Truth truth{sample.kind, annotation.part, annotation.label};
  const Json& parameters = annotation.raw.at("parameters");
  truth.piece = parameters.contains("piece");
  if (truth.kind == "position") truth.shift = vector_of(parameters.at("translation")).norm();
  if (truth.kind == "rotation") {
    const double angle = parameters.at("angle_rad");
    const Eigen::Vector3d about = vector_of(parameters.at("centre"));
    const Eigen::Vector3d arm = centre_of(shape.parts[static_cast<size_t>(shape.part_index(truth.part))].mesh) - about;
    truth.turn_rad = std::abs(angle);
    truth.shift = (Eigen::AngleAxisd(angle, vector_of(parameters.at("axis"))) * arm - arm).norm();
  }
  const cv::Mat before = cv::imread(sample.mask_before.string(), cv::IMREAD_GRAYSCALE),
                after = cv::imread(sample.mask_after.string(), cv::IMREAD_GRAYSCALE);
  if (!before.empty() && !after.empty())
    truth.lost_share = cv::countNonZero(before & ~after) / std::max(1.0, double(cv::countNonZero(before)));
  return truth;
}

struct Measured {
  int photos = 0, first = 0, most_heat = 0, second = 0, label = 0, hidden = 0, kind = 0, network_kind = 0;
  std::vector<double> turn_error_deg, shift_error, turn_in_sigmas, shift_in_sigmas, lost_error, cpu_ms;
  int motions = 0, explained = 0;
};

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values.empty() ? NAN : values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

double share_below(const std::vector<double>& values, double limit) {
  return values.empty() ? NAN
                        : static_cast<double>(std::count_if(values.begin(), values.end(), [&](double v) { return v < limit; })) /
                              static_cast<double>(values.size());
}

/// The part that most of the heat lies on: what a plain sum would name.
int hottest(const ReferenceData& reference, const ChangeEvidence& evidence) {
  const Layers layers = render_layers(reference.scene, orbit_camera(evidence.view, evidence.object.cols));
  cv::Mat heat;
  cv::resize(evidence.heat, heat, layers.part_id.size(), 0, 0, cv::INTER_LINEAR);
  int best = 0;
  double most = -1;
  for (int part = 0; part < reference.scene.part_count(); ++part) {
    cv::Mat on_part;
    heat.copyTo(on_part, layers.part_id == part);
    const double sum = cv::sum(on_part)[0];
    if (sum > most) most = sum, best = part;
  }
  return best;
}

size_t most_likely(const std::array<double, kKinds>& kinds) {
  return static_cast<size_t>(std::max_element(kinds.begin(), kinds.end()) - kinds.begin());
}

void add(Measured& m, const Truth& truth, const Explanation& found, const std::optional<std::array<double, kKinds>>& network,
         const Shape& shape, double cpu_ms) {
  const int part = shape.part_index(truth.part);
  const auto is_it = [&](size_t i) { return i < found.parts.size() && found.parts[i].part == part; };
  ++m.photos;
  m.first += is_it(0);
  m.second += is_it(0) || is_it(1);
  m.label += shape.parts[static_cast<size_t>(found.parts[0].part)].label == truth.label;
  for (const PartSuspect& suspect : found.parts) m.hidden += suspect.part == part && suspect.visible == 0;
  m.kind += !found.is_cover() && kKindNames[most_likely(found.kinds)] == truth.kind;
  if (network) m.network_kind += kKindNames[most_likely(*network)] == truth.kind;
  m.cpu_ms.push_back(cpu_ms);
  if (!found.motion || !is_it(0)) return;
  if (truth.kind == "broken" || truth.kind == "missing") m.lost_error.push_back(std::abs(found.motion->lost_share - truth.lost_share));
  if ((truth.kind != "position" && truth.kind != "rotation") || truth.piece) return;
  ++m.motions;
  if (!found.motion->explains) return;
  ++m.explained;
  const double turn_error = std::abs(found.motion->motion.turn_rad() - truth.turn_rad),
               shift_error = std::abs(found.motion->motion.shift.norm() - truth.shift);
  m.turn_error_deg.push_back(degrees(turn_error));
  m.shift_error.push_back(shift_error);
  m.turn_in_sigmas.push_back(turn_error / found.motion->turn_sigma_rad);
  m.shift_in_sigmas.push_back(shift_error / found.motion->shift_sigma);
}

void print(const std::string& title, const std::map<std::string, Measured>& measured) {
  std::printf("%s\n", title.c_str());
  for (const auto& [kind, m] : measured) {
    const double n = std::max(1, m.photos);
    std::printf(
        "  %-9s %4d photos | part right %.3f (by most heat %.3f), among first two %.3f, label right %.3f, part hidden %.3f | kind right "
        "%.3f (network alone "
        "%.3f) | %.0f ms CPU (p90 %.0f)\n",
        kind.c_str(), m.photos, m.first / n, m.most_heat / n, m.second / n, m.label / n, m.hidden / n, m.kind / n, m.network_kind / n,
        quantile(m.cpu_ms, 0.5), quantile(m.cpu_ms, 0.9));
    if (m.motions > 0)
      std::printf(
          "            motion told for %d of %d: turn error median %.1f deg, p80 %.1f (%.2f within 1 sigma, %.2f within 2); shift error "
          "median %.3f, p80 %.3f (%.2f, %.2f)\n",
          m.explained, m.motions, quantile(m.turn_error_deg, 0.5), quantile(m.turn_error_deg, 0.8), share_below(m.turn_in_sigmas, 1),
          share_below(m.turn_in_sigmas, 2), quantile(m.shift_error, 0.5), quantile(m.shift_error, 0.8), share_below(m.shift_in_sigmas, 1),
          share_below(m.shift_in_sigmas, 2));
    if (!m.lost_error.empty())
      std::printf("            lost share: error median %.3f, p80 %.3f\n", quantile(m.lost_error, 0.5), quantile(m.lost_error, 0.8));
  }
}

void write_line(std::FILE* csv, const char* source, const Truth& truth, const Explanation& found, const ChangeEvidence& evidence,
                const Shape& shape) {
  if (csv == nullptr || !found.motion) return;
  std::fprintf(csv, "%s,%s,%d,%d", source, truth.kind.c_str(), truth.piece,
               shape.parts[static_cast<size_t>(found.parts[0].part)].name == truth.part);
  for (const double term : kind_terms(*found.motion)) std::fprintf(csv, ",%.5f", term);
  for (int k = 0; k < kKinds; ++k) std::fprintf(csv, ",%.5f", evidence.kinds ? (*evidence.kinds)[static_cast<size_t>(k)] : 0.2);
  std::fprintf(csv, "\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "explain_report DATA [WEIGHTS|-] [PHOTOS] [SPLIT] [CSV]\n"), 2;
  const DataSet data = DataSet::open(argv[1]);
  std::unique_ptr<Detector> detector;
  if (argc > 2 && std::string(argv[2]) != "-") detector = Detector::open(argv[2]);
  std::vector<size_t> samples;
  for (const size_t i : data.samples_of(argc > 4 ? argv[4] : "val"))
    if (data.samples()[i].anomalous) samples.push_back(i);
  samples = evenly(samples, argc > 3 ? std::stoi(argv[3]) : 200);
  std::FILE* csv = argc > 5 ? std::fopen(argv[5], "w") : nullptr;

  std::map<std::string, Measured> perfect, detected;
  std::string shape_id;
  std::unique_ptr<ReferenceData> reference;
  int judged = 0, missed = 0;
  for (const size_t index : samples) {
    const Sample& sample = data.samples()[index];
    if (shape_id != sample.shape_id) {
      shape_id = sample.shape_id;
      reference = std::make_unique<ReferenceData>(prepare_reference(shape_id, data.load_mesh(shape_id), {}));
    }
    const Annotation annotation = data.load_annotation(sample);
    const Truth truth = truth_of(sample, annotation, reference->shape);
    const cv::Mat photo = data.load_image(sample);
    const auto explain = [&](const char* source, const ChangeEvidence& evidence, std::map<std::string, Measured>& measured) {
      const std::clock_t start = std::clock();
      const Explanation found = explain_change(*reference, evidence, true);
      const double cpu_ms = 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
      const bool heat_is_right = hottest(*reference, evidence) == reference->shape.part_index(truth.part);
      for (const std::string& kind : {std::string("all"), truth.kind}) {
        add(measured[kind], truth, found, evidence.kinds, reference->shape, cpu_ms);
        measured[kind].most_heat += heat_is_right;
      }
      write_line(csv, source, truth, found, evidence, reference->shape);
    };

    ChangeEvidence evidence{*annotation.view, {}, data.load_object_mask(sample), photo, {}};
    cv::Mat change;
    data.load_change_mask(sample).convertTo(change, CV_32F, 1 / 255.0);
    cv::resize(change, evidence.heat, change.size() / 2, 0, 0, cv::INTER_AREA);  // no finer than a detector's
    explain("perfect", evidence, perfect);

    if (!detector) continue;
    const PreparedPhoto prepared = prepare_photo({photo, {}}, detector->photo_px());
    const Detection detection = detector->detect(*reference, prepared);
    if (!detection.refusal.empty() || !detection.view || detection.heat.empty()) continue;
    ++judged;
    if (detector->info().calibration.probability(detection.logit) < 0.5)
      ++missed;
    else
      explain("detected",
              {*detection.view, detection.heat, detection.mask.empty() ? prepared.mask : detection.mask, prepared.bgr, detection.kinds,
               detection.cover, detection.part},
              detected);
  }
  print("true change map, mask and camera:", perfect);
  if (detector)
    print("detected (" + std::to_string(judged) + " judged, " + std::to_string(missed) + " of them missed and left out):", detected);
  if (csv != nullptr) std::fclose(csv);
  return 0;
}
