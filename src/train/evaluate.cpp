#include "train/evaluate.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <set>

#include "base/error.h"
#include "train/closest_view_report.h"
#include "train/compare.h"
#include "train/curves.h"
#include "train/metrics.h"
#include "train/targets.h"

namespace looking3d {
namespace {

/// What the annotations say of the judged photos, each read once.
struct Truth {
  std::optional<Box> box;
  std::optional<OrbitView> view;
  double visible_size = 0;
};

/// What some anomalous photos of a set have, all must have: a measure would leave out the others.
void require_all_or_none(const DataSet& data, const std::vector<size_t>& samples, const std::string& what,
                         const std::function<bool(size_t)>& has) {
  std::optional<size_t> with, without;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (data.samples()[samples[i]].anomalous) (has(i) ? with : without) = i;
  }
  if (with && without) {
    throw InputError(data.samples()[samples[*without]].image, "has no " + what + ", other photos of the set have",
                     "every sample counts: complete the data set");
  }
}

std::vector<Truth> read_truth(const DataSet& data, const std::vector<size_t>& samples) {
  std::vector<Truth> truth;
  for (const size_t sample : samples) {
    const Annotation annotation = data.load_annotation(data.samples()[sample]);
    truth.push_back({annotation.box, annotation.view, annotation.visible_size});
  }
  require_all_or_none(data, samples, "box in its annotation", [&](size_t i) { return truth[i].box.has_value(); });
  require_all_or_none(data, samples, "mask of what changed", [&](size_t i) {
    const Sample& sample = data.samples()[samples[i]];
    return !sample.change.empty() || !sample.mask_before.empty() || !sample.mask_after.empty();
  });
  return truth;
}

/// Normal photos and the anomalous ones that `keep` accepts.
Json slice_json(const std::vector<JudgedRow>& rows, const std::function<bool(size_t)>& keep) {
  std::vector<LabelledScore> some;
  std::vector<std::string> shapes;
  int64_t anomalous = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].anomalous && !keep(i)) continue;
    some.push_back({rows[i].logit, rows[i].anomalous});
    shapes.push_back(rows[i].shape);
    anomalous += rows[i].anomalous;
  }
  const auto area = [](const std::vector<LabelledScore>& cases) { return auc(cases); };
  return {{"anomalous_photos", anomalous},
          {"auc", with_interval(auc(some), bootstrap_interval(some, shapes, area))},
          {"recall_at_1pct_false_alarms", number_or_null(recall_at_false_alarms(some))}};
}

constexpr double kNear_deg = 5;  ///< error of the azimuth from which a camera counts as wrong

/// How far the searched cameras lie from the true ones; the truth enters here for the first time, after all verdicts.
Json pose_json(const std::vector<JudgedPhoto>& judged, const std::vector<Truth>& truth) {
  std::vector<double> azimuth, elevation;
  std::vector<LabelledScore> doubts;  // of each camera, and whether it is a wrong one
  for (size_t i = 0; i < judged.size(); ++i) {
    const std::optional<OrbitView>&found = judged[i].view, &real = truth[i].view;
    if (!found || !real) continue;
    azimuth.push_back(degrees(std::abs(angle_difference(found->azimuth_rad, real->azimuth_rad))));
    elevation.push_back(degrees(std::abs(found->elevation_rad - real->elevation_rad)));
    if (const auto& probability = judged[i].view_probability) doubts.push_back({1 - *probability, azimuth.back() >= kNear_deg});
  }
  if (azimuth.empty()) return nullptr;
  const auto near = std::count_if(azimuth.begin(), azimuth.end(), [](double error) { return error < kNear_deg; });
  return {{"photos", azimuth.size()},
          {"median_azimuth_error_deg", median_of(azimuth)},
          {"median_elevation_error_deg", median_of(elevation)},
          {"azimuth_within_5_deg", static_cast<double>(near) / static_cast<double>(azimuth.size())},
          {"wrong_cameras_doubted_auc", number_or_null(auc(doubts))}};
}

Json heat_json(const DataSet& data, const std::vector<JudgedPhoto>& judged) {
  CellAuroc cells, pixels;
  RegionOverlap regions;
  for (const JudgedPhoto& photo : judged) {
    if (photo.heat.empty()) continue;
    const cv::Mat change = data.load_change_mask(data.samples()[photo.sample]);
    if (change.empty()) continue;
    cv::Mat share, fine;
    cv::resize(change, share, photo.heat.size(), 0, 0, cv::INTER_AREA);
    const cv::Mat truth = share >= kPatchChangeShare * 255;
    cells.add({photo.heat.ptr<float>(), photo.heat.total()}, {truth.ptr<uint8_t>(), truth.total()});
    cv::resize(photo.heat, fine, change.size(), 0, 0, cv::INTER_LINEAR);
    pixels.add({fine.ptr<float>(), fine.total()}, {change.ptr<uint8_t>(), change.total()});
    regions.add(fine, change);
  }
  return {{"patch_auroc", number_or_null(cells.value())},
          {"pixel_auroc", number_or_null(pixels.value())},
          {"aupro_30", number_or_null(regions.area())}};
}

/// Rows of the photos before anything has judged them.
std::vector<JudgedRow> unjudged_rows(const DataSet& data, const std::vector<size_t>& samples, const std::vector<Truth>& truth) {
  std::vector<JudgedRow> rows;
  for (size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = data.samples()[samples[i]];
    JudgedRow row{.photo = sample.name, .shape = sample.shape_id, .kind = sample.kind, .anomalous = sample.anomalous};
    if (sample.anomalous) row.true_box = truth[i].box;
    rows.push_back(std::move(row));
  }
  return rows;
}

void fill_in(const std::vector<JudgedPhoto>& judged, const Calibration& calibration, std::vector<JudgedRow>& rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].refused = judged[i].refused;
    rows[i].logit = judged[i].logit;
    rows[i].probability = calibration.probability(judged[i].logit);
    rows[i].box = judged[i].box;
  }
}

/// Azimuth from which a photo was taken, by its file's name, degrees in [0, 360).
double azimuth_of(const Sample& sample) {
  return std::fmod(swap_azimuth_convention(photo_name(sample).azimuth_deg) + 720, 360);
}

/// Smallest and largest visible size of a bin, share of the object's pixels.
constexpr std::pair<double, double> kSizeBins[] = {{0, 0.01}, {0.01, 0.03}, {0.03, 0.1}, {0.1, 10}};
constexpr int kAzimuthBins = 20;

std::string size_bin_name(double low, double high) {
  const auto percent = [](double share) { return std::to_string(std::lround(100 * share)); };
  return high > 1 ? "over " + percent(low) + " %" : percent(low) + " to " + percent(high) + " %";
}

/// Anomalies by kind, side, azimuth and visible size, each against all normal photos.
void add_slices(const DataSet& data, const std::vector<JudgedPhoto>& judged, const std::vector<JudgedRow>& rows,
                const std::vector<Truth>& truth, Json& results) {
  std::set<std::string> kinds;
  for (const JudgedRow& row : rows)
    if (row.anomalous) kinds.insert(row.kind);
  for (const std::string& kind : kinds) results["by_kind"][kind] = slice_json(rows, [&](size_t i) { return rows[i].kind == kind; });

  std::vector<double> azimuth;
  for (const JudgedPhoto& photo : judged) azimuth.push_back(azimuth_of(data.samples()[photo.sample]));
  const auto bin = [&](size_t i, int bins) { return static_cast<int>(std::floor(azimuth[i] / 360 * bins + 0.5)) % bins; };
  static constexpr const char* kSides[] = {"from the front", "from its +X side", "from behind", "from its -X side"};
  for (int side = 0; side < 4; ++side) results["by_side"][kSides[side]] = slice_json(rows, [&](size_t i) { return bin(i, 4) == side; });
  for (int view = 0; view < kAzimuthBins; ++view) {
    results["by_azimuth"][std::to_string(view * 360 / kAzimuthBins)] =
        slice_json(rows, [&](size_t i) { return bin(i, kAzimuthBins) == view; });
  }

  // The published annotations do not say how much of a change is visible.
  if (std::none_of(truth.begin(), truth.end(), [](const Truth& t) { return t.visible_size > 0; })) return;
  std::vector<double> sizes;
  for (const Truth& t : truth) sizes.push_back(t.visible_size);
  results["curves"]["recall_by_size"] = size_curve_json(rows, sizes);
  for (const auto& [low, high] : kSizeBins) {
    results["by_visible_size"][size_bin_name(low, high)] =
        slice_json(rows, [&, low = low, high = high](size_t i) { return truth[i].visible_size >= low && truth[i].visible_size < high; });
  }
}

void add_measures(const std::vector<JudgedRow>& rows, Json& results) {
  const std::vector<double> values = photo_measures(rows, all_of(rows));
  const std::vector<Interval> intervals =
      bootstrap_intervals(shapes_of(rows), [&](const std::vector<size_t>& photos) { return photo_measures(rows, photos); });
  for (size_t k = 0; k < kMeasures.size(); ++k) results[kMeasures[k]] = with_interval(values[k], intervals[k]);
}

Json head_json(const EvalOptions& options, const Detector& detector, const std::vector<JudgedPhoto>& judged,
               const std::vector<JudgedRow>& rows) {
  const std::vector<std::string> shapes = shapes_of(rows);
  double milliseconds = 0;
  for (const JudgedPhoto& photo : judged) milliseconds += photo.milliseconds;
  return {{"options", to_json(options)},
          {"method", detector.info().method},
          {"trained", detector.info().trained},
          {"photos", rows.size()},
          {"anomalous_photos", std::count_if(rows.begin(), rows.end(), [](const JudgedRow& row) { return row.anomalous; })},
          {"shapes", std::set<std::string>(shapes.begin(), shapes.end()).size()},
          {"not_judged", std::count_if(rows.begin(), rows.end(), [](const JudgedRow& row) { return row.refused; })},
          {"ms_per_photo", milliseconds / static_cast<double>(judged.size())}};
}

}  // namespace

void EvalOptions::visit(OptionVisitor& v) {
  v.field("data", data, "folder of the data set");
  v.field("weights", weights, "weights file");
  v.field("matcher", matcher, "weights of cmt whose matched points propose cameras to align");
  v.field("out", out, "folder for results.json");
  v.field("split", split, "train, val or test");
  v.field("photos", photos, "photos to judge, evenly drawn from the split (0: all)");
  v.field("test-views", test_views, "reference views to look at, evenly spread (0: all)");
  v.field("views-from", views_from, "stored | mesh: the data set's own views, or the mesh rendered anew (cmt and its like)");
  v.field("gallery", gallery, "photos to show in gallery.jpg, with outline found, re-render and sentence (align; 0: none)");
  v.field("gallery-of", gallery_of, "random | mistakes: photos drawn at random, or those judged most wrongly");
  v.field("compare", compare, "earlier run on the same photos (folder or results.json): differences with intervals");
}

void EvalOptions::check() const {
  if (photos < 0) throw InputError("--photos", "must not be negative", "0 takes the whole split");
  if (test_views < 0) throw InputError("--test-views", "must not be negative", "0 takes all");
  if (gallery < 0 || gallery > 600) throw InputError("--gallery", "is " + std::to_string(gallery), "0 to 600");
  if (gallery_of != "random" && gallery_of != "mistakes") throw InputError("--gallery-of", "is '" + gallery_of + "'", "random or mistakes");
  if (views_from != "stored" && views_from != "mesh") throw InputError("--views-from", "is '" + views_from + "'", "stored or mesh");
}

Evaluation evaluate(const EvalOptions& options) {
  options.check();
  Evaluation evaluation{
      DataSet::open(options.data), Detector::open(options.weights, options.matcher), {options.views_from, options.test_views}, {}, {}, {}};
  const DataSet& data = evaluation.data;
  const Detector& detector = *evaluation.detector;
  if (options.test_views > 0 && detector.needs() != ReferenceNeed::kViews)
    throw InputError("--test-views", "is for methods that look at views, not for " + detector.info().method);
  if (options.gallery > 0 && detector.needs() != ReferenceNeed::kMesh)
    throw InputError("--gallery", "shows what a search for cameras finds, which " + detector.info().method + " does not make");
  if (!options.compare.empty() && !detector.finds_anomalies())
    throw InputError("--compare", "is for detectors of anomalies, not for " + detector.info().method);
  const std::vector<size_t> samples = evenly(data.samples_of(options.split), options.photos);
  const std::vector<Truth> truth = read_truth(data, samples);
  evaluation.rows = unjudged_rows(data, samples, truth);
  std::optional<EarlierRun> earlier;
  if (!options.compare.empty()) {
    earlier = read_run(options.compare);
    require_same_photos(*earlier, evaluation.rows);
  }
  require_writable_directory(options.out);

  evaluation.judged = judge(detector, data, samples, "eval", evaluation.references);
  fill_in(evaluation.judged, detector.info().calibration, evaluation.rows);
  Json& results = evaluation.results;
  results = head_json(options, detector, evaluation.judged, evaluation.rows);
  results["closest_view"] = closest_view_json(data, evaluation.judged);
  if (detector.finds_anomalies()) {
    add_measures(evaluation.rows, results);
    results["localisation"] = heat_json(data, evaluation.judged);
    results["pose"] = pose_json(evaluation.judged, truth);
    results["curves"] = curves_json(evaluation.rows);
    add_slices(data, evaluation.judged, evaluation.rows, truth, results);
    if (earlier) results["comparison"] = comparison_json(*earlier, evaluation.rows);
    results["judged"] = judged_json(evaluation.rows);
  }
  write_json_atomic(Path(options.out) / "results.json", results);
  return evaluation;
}

std::string results_table(const Json& results) {
  std::string text = "method " + results["method"].get<std::string>() + ", " + std::to_string(results["photos"].get<int64_t>()) +
                     " photos of " + std::to_string(results["shapes"].get<int64_t>()) + " shapes, " +
                     std::to_string(results["anomalous_photos"].get<int64_t>()) + " anomalous\n\n";
  text += "| measure | value [95 % interval] |\n|---|---|\n";
  if (const Json& view = results["closest_view"]; view.is_object()) {
    text += "| closest view told (of normal photos) | " + number_text(view["accuracy"]) + " |\n";
    text += "| it or a neighbour | " + number_text(view["within_one"]) + " |\n";
    text += "| azimuth error of that view, mean, degrees | " + number_text(view["mean_error_deg"]) + " |\n";
  }
  if (!results.contains("auc")) return text;
  for (size_t k = 0; k < kMeasures.size(); ++k) {
    text += std::string("| ") + kMeasureNames[k] + " | " + interval_text(results[kMeasures[k]]) + " |\n";
  }
  text += "| patch AUROC | " + number_text(results["localisation"]["patch_auroc"]) + " |\n";
  text += "| pixel AUROC | " + number_text(results["localisation"]["pixel_auroc"]) + " |\n";
  text += "| AUPRO (false positives up to 0.3) | " + number_text(results["localisation"]["aupro_30"]) + " |\n";
  if (results["pose"].is_object()) {
    text += "| azimuth error, median, degrees | " + number_text(results["pose"]["median_azimuth_error_deg"]) + " |\n";
    text += "| azimuth within 5 degrees | " + number_text(results["pose"]["azimuth_within_5_deg"]) + " |\n";
    if (results["pose"]["wrong_cameras_doubted_auc"].is_number())
      text += "| AUC of the camera's doubt against wrong azimuths | " + number_text(results["pose"]["wrong_cameras_doubted_auc"]) + " |\n";
  }
  text += "\n| anomalies | photos | AUC against all normal photos | recall at 1 % false alarms |\n|---|---|---|---|\n";
  for (const char* slices : {"by_kind", "by_side", "by_visible_size"}) {
    if (!results.contains(slices)) continue;
    for (const auto& [name, slice] : results[slices].items()) {
      text += "| " + name + " | " + std::to_string(slice["anomalous_photos"].get<int64_t>()) + " | " + interval_text(slice["auc"]) + " | " +
              number_text(slice["recall_at_1pct_false_alarms"]) + " |\n";
    }
  }
  if (results.contains("comparison")) text += comparison_table(results["comparison"]);
  return text;
}

}  // namespace looking3d
