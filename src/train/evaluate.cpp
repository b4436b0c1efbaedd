#include "train/evaluate.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <set>

#include "base/error.h"
#include "train/closest_view_report.h"
#include "train/judge.h"
#include "train/metrics.h"
#include "train/targets.h"

namespace looking3d {
namespace {

Json value_json(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

/// {"value", "low", "high"}: a statistic with its 95 % interval over shapes.
Json with_interval(const std::vector<LabelledScore>& cases, const std::vector<std::string>& shapes, const Statistic& statistic) {
  const Interval interval = bootstrap_interval(cases, shapes, statistic);
  return {{"value", value_json(statistic(cases))}, {"low", value_json(interval.low)}, {"high", value_json(interval.high)}};
}

/// Normal photos and the anomalous ones that `keep` accepts.
Json slice_json(const DataSet& data, const std::vector<JudgedPhoto>& judged, const std::vector<LabelledScore>& cases,
                const std::function<bool(const Sample&)>& keep) {
  std::vector<LabelledScore> some;
  std::vector<std::string> shapes;
  int64_t anomalous = 0;
  for (size_t i = 0; i < judged.size(); ++i) {
    const Sample& sample = data.samples()[judged[i].sample];
    if (sample.anomalous && !keep(sample)) continue;
    some.push_back(cases[i]);
    shapes.push_back(sample.shape_id);
    anomalous += sample.anomalous;
  }
  return {{"anomalous_photos", anomalous},
          {"auc", with_interval(some, shapes, [](const auto& c) { return auc(c); })},
          {"recall_at_1pct_false_alarms", value_json(recall_at_false_alarms(some))}};
}

double median_of(std::vector<double> values) {
  if (values.empty()) return kUndefined;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// How far the searched cameras lie from the true ones; the truth enters here for the first time, after all verdicts.
Json pose_json(const DataSet& data, const std::vector<JudgedPhoto>& judged) {
  std::vector<double> azimuth, elevation;
  for (const JudgedPhoto& photo : judged) {
    if (!photo.view) continue;
    const Annotation truth = data.load_annotation(data.samples()[photo.sample]);
    if (!truth.view) continue;
    azimuth.push_back(degrees(std::abs(angle_difference(photo.view->azimuth_rad, truth.view->azimuth_rad))));
    elevation.push_back(degrees(std::abs(photo.view->elevation_rad - truth.view->elevation_rad)));
  }
  if (azimuth.empty()) return nullptr;
  const auto near = std::count_if(azimuth.begin(), azimuth.end(), [](double error) { return error < 5; });
  return {{"photos", azimuth.size()},
          {"median_azimuth_error_deg", median_of(azimuth)},
          {"median_elevation_error_deg", median_of(elevation)},
          {"azimuth_within_5_deg", static_cast<double>(near) / static_cast<double>(azimuth.size())}};
}

Json localisation_json(const DataSet& data, const std::vector<JudgedPhoto>& judged) {
  std::vector<BoxCase> boxes;
  CellAuroc cells, pixels;
  RegionOverlap regions;
  bool any_heat = false, any_box = false;
  for (const JudgedPhoto& photo : judged) {
    const Sample& sample = data.samples()[photo.sample];
    BoxCase box{photo.logit, photo.box, {}};
    if (sample.anomalous) box.truth = data.load_annotation(sample).box;
    boxes.push_back(box);
    any_box |= photo.box.has_value();
    if (photo.heat.empty()) continue;
    const cv::Mat change = data.load_change_mask(sample);
    if (change.empty()) continue;
    any_heat = true;
    std::vector<uint8_t> truth;
    const int cell_h = change.rows / photo.heat.rows, cell_w = change.cols / photo.heat.cols;
    for (int y = 0; y < photo.heat.rows; ++y)
      for (int x = 0; x < photo.heat.cols; ++x)
        truth.push_back(cv::countNonZero(change(cv::Rect(x * cell_w, y * cell_h, cell_w, cell_h))) >= kPatchChangeShare * cell_w * cell_h);
    cells.add({photo.heat.ptr<float>(), photo.heat.total()}, truth);
    cv::Mat fine;
    cv::resize(photo.heat, fine, change.size(), 0, 0, cv::INTER_LINEAR);
    pixels.add({fine.ptr<float>(), fine.total()}, {change.ptr<uint8_t>(), change.total()});
    regions.add(fine, change);
  }
  return {{"box_ap_50", value_json(any_box ? box_average_precision(boxes) : kUndefined)},
          {"mean_box_iou", value_json(any_box ? mean_box_iou(boxes) : kUndefined)},
          {"patch_auroc", value_json(any_heat ? cells.value() : kUndefined)},
          {"pixel_auroc", value_json(any_heat ? pixels.value() : kUndefined)},
          {"aupro_30", value_json(any_heat ? regions.area() : kUndefined)}};
}

Json photos_json(const DataSet& data, const std::vector<JudgedPhoto>& judged, const Calibration& calibration) {
  Json photos = Json::array();
  for (const JudgedPhoto& photo : judged) {
    const Sample& sample = data.samples()[photo.sample];
    photos.push_back({{"photo", sample.name},
                      {"shape", sample.shape_id},
                      {"kind", sample.kind},
                      {"anomalous", sample.anomalous},
                      {"probability", calibration.probability(photo.logit)}});
  }
  return photos;
}

/// Which side of the object faces the camera, by the azimuth in the file's name: 0 front, then by quarters towards +X.
int side_seen(const Sample& sample) {
  const double azimuth = swap_azimuth_convention(photo_name(sample).azimuth_deg);
  return static_cast<int>(std::floor((azimuth + 45 + 720) / 90)) % 4;
}

/// Smallest and largest visible size of a bin, share of the object's pixels.
constexpr std::pair<double, double> kSizeBins[] = {{0, 0.01}, {0.01, 0.03}, {0.03, 0.1}, {0.1, 10}};

/// Each kind of anomaly, and each range of visible sizes, against all normal photos.
void add_slices(const DataSet& data, const std::vector<JudgedPhoto>& judged, const std::vector<LabelledScore>& cases, Json& results) {
  std::set<std::string> kinds;
  for (const JudgedPhoto& photo : judged)
    if (data.samples()[photo.sample].anomalous) kinds.insert(data.samples()[photo.sample].kind);
  for (const std::string& kind : kinds) {
    results["by_kind"][kind] = slice_json(data, judged, cases, [&](const Sample& s) { return s.kind == kind; });
  }
  for (int quarter = 0; quarter < 4; ++quarter) {
    static constexpr const char* kSides[] = {"from the front", "from its +X side", "from behind", "from its -X side"};
    results["by_side"][kSides[quarter]] = slice_json(data, judged, cases, [&](const Sample& s) { return side_seen(s) == quarter; });
  }
  for (const auto& [low, high] : kSizeBins) {
    const std::string name = high > 1 ? "over " + std::to_string(static_cast<int>(std::lround(low * 100))) + " %"
                                      : std::to_string(static_cast<int>(std::lround(low * 100))) + " to " +
                                            std::to_string(static_cast<int>(std::lround(high * 100))) + " %";
    results["by_visible_size"][name] = slice_json(data, judged, cases, [&, low = low, high = high](const Sample& s) {
      const double size = data.load_annotation(s).visible_size;
      return size >= low && size < high;
    });
  }
}

}  // namespace

void EvalOptions::visit(OptionVisitor& v) {
  v.field("data", data, "folder of the data set");
  v.field("weights", weights, "weights file");
  v.field("out", out, "folder for results.json");
  v.field("split", split, "train, val or test");
  v.field("photos", photos, "photos to judge, evenly drawn from the split (0: all)");
}

void EvalOptions::check() const {
  if (photos < 0) throw InputError("--photos", "must not be negative", "0 takes the whole split");
}

Json evaluate(const EvalOptions& options) {
  options.check();
  const DataSet data = DataSet::open(options.data);
  const std::unique_ptr<Detector> detector = Detector::open(options.weights);
  const std::vector<size_t> samples = evenly(data.samples_of(options.split), options.photos);
  require_writable_directory(options.out);
  const std::vector<JudgedPhoto> judged = judge(*detector, data, samples, "eval");

  const Calibration& calibration = detector->info().calibration;
  const double even_odds = -calibration.bias / calibration.scale;  // the logit at which the probability is 0.5
  std::vector<LabelledScore> cases;  // by logit: calibration keeps the order, but far out all probabilities are 1
  std::vector<std::string> shapes;
  std::vector<LabelledScore> probabilities;
  double milliseconds = 0;
  int64_t refused = 0, anomalous = 0;
  for (const JudgedPhoto& photo : judged) {
    const Sample& sample = data.samples()[photo.sample];
    cases.push_back({photo.logit, sample.anomalous});
    probabilities.push_back({calibration.probability(photo.logit), sample.anomalous});
    shapes.push_back(sample.shape_id);
    milliseconds += photo.milliseconds;
    refused += photo.refused;
    anomalous += sample.anomalous;
  }

  Json results = {{"options", to_json(options)},
                  {"method", detector->info().method},
                  {"trained", detector->info().trained},
                  {"photos", judged.size()},
                  {"anomalous_photos", anomalous},
                  {"shapes", std::set<std::string>(shapes.begin(), shapes.end()).size()},
                  {"not_judged", refused},
                  {"ms_per_photo", milliseconds / static_cast<double>(judged.size())},
                  {"closest_view", closest_view_json(data, judged)}};
  if (detector->finds_anomalies()) {
    results.update({{"auc", with_interval(cases, shapes, [](const auto& c) { return auc(c); })},
                    {"accuracy", with_interval(cases, shapes, [&](const auto& c) { return accuracy(c, even_odds); })},
                    {"average_precision", value_json(average_precision(cases))},
                    {"f1_max", value_json(f1_max(cases))},
                    {"calibration_error", value_json(calibration_error(probabilities))},
                    {"recall_at_1pct_false_alarms", value_json(recall_at_false_alarms(cases))},
                    {"localisation", localisation_json(data, judged)},
                    {"pose", pose_json(data, judged)}});
    add_slices(data, judged, cases, results);
    results["judged"] = photos_json(data, judged, calibration);
  }
  write_json_atomic(Path(options.out) / "results.json", results);
  return results;
}

namespace {

std::string cell(const Json& value) {
  if (!value.is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value.get<double>());
  return text;
}

std::string interval_cell(const Json& statistic) {
  return cell(statistic["value"]) + " [" + cell(statistic["low"]) + ", " + cell(statistic["high"]) + "]";
}

}  // namespace

std::string results_table(const Json& results) {
  std::string text = "method " + results["method"].get<std::string>() + ", " + std::to_string(results["photos"].get<int64_t>()) +
                     " photos of " + std::to_string(results["shapes"].get<int64_t>()) + " shapes, " +
                     std::to_string(results["anomalous_photos"].get<int64_t>()) + " anomalous\n\n";
  text += "| measure | value [95 % interval] |\n|---|---|\n";
  if (const Json& view = results["closest_view"]; view.is_object()) {
    text += "| closest view told (of normal photos) | " + cell(view["accuracy"]) + " |\n";
    text += "| it or a neighbour | " + cell(view["within_one"]) + " |\n";
    text += "| azimuth error of that view, mean, degrees | " + cell(view["mean_error_deg"]) + " |\n";
  }
  if (!results.contains("auc")) return text;
  text += "| AUC | " + interval_cell(results["auc"]) + " |\n";
  text += "| accuracy at 0.5 | " + interval_cell(results["accuracy"]) + " |\n";
  text += "| average precision | " + cell(results["average_precision"]) + " |\n";
  text += "| largest F1 | " + cell(results["f1_max"]) + " |\n";
  text += "| expected calibration error | " + cell(results["calibration_error"]) + " |\n";
  text += "| recall at 1 % false alarms | " + cell(results["recall_at_1pct_false_alarms"]) + " |\n";
  text += "| box AP (IoU 0.5) | " + cell(results["localisation"]["box_ap_50"]) + " |\n";
  text += "| mean box IoU | " + cell(results["localisation"]["mean_box_iou"]) + " |\n";
  text += "| patch AUROC | " + cell(results["localisation"]["patch_auroc"]) + " |\n";
  text += "| pixel AUROC | " + cell(results["localisation"]["pixel_auroc"]) + " |\n";
  text += "| AUPRO (false positives up to 0.3) | " + cell(results["localisation"]["aupro_30"]) + " |\n";
  if (results["pose"].is_object()) {
    text += "| azimuth error, median, degrees | " + cell(results["pose"]["median_azimuth_error_deg"]) + " |\n";
    text += "| azimuth within 5 degrees | " + cell(results["pose"]["azimuth_within_5_deg"]) + " |\n";
  }
  text += "\n| anomalies | photos | AUC against all normal photos | recall at 1 % false alarms |\n|---|---|---|---|\n";
  for (const char* slices : {"by_kind", "by_side", "by_visible_size"}) {
    if (!results.contains(slices)) continue;
    for (const auto& [name, slice] : results[slices].items()) {
      text += "| " + name + " | " + std::to_string(slice["anomalous_photos"].get<int64_t>()) + " | " + interval_cell(slice["auc"]) + " | " +
              cell(slice["recall_at_1pct_false_alarms"]) + " |\n";
    }
  }
  return text;
}

}  // namespace looking3d
