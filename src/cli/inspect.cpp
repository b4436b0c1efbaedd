// looking3d inspect: photos against their reference; verdicts, JSON, report.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <limits>

#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/stopwatch.h"
#include "cli/verb.h"
#include "inspect/explanation.h"
#include "inspect/report.h"
#include "inspect/verdict_table.h"
#include "photo/photo.h"
#include "shapes/orientation.h"

namespace looking3d {
namespace {

constexpr double kUnset = std::numeric_limits<double>::quiet_NaN();

/// The value of --fail-on.
FailOn fail_on_of(const std::string& name) {
  if (name == "never") return FailOn::kNever;
  if (name == "deviates") return FailOn::kDeviates;
  if (name == "unsure") return FailOn::kUnsure;
  throw InputError("--fail-on", "is '" + name + "'", "never, deviates or unsure");
}

struct CliInspectOptions {
  std::vector<std::string> photos;
  std::string reference, method = "align", weights, matcher, json, csv, report, mask, fail_on = "never";
  std::string background = "auto";
  bool timings = false, second_look = true;
  MeshAxes axes;
  int smooth = 0;
  double threshold = kUnset, false_alarms = kUnset;

  void visit(OptionVisitor& v) {
    v.field("reference", reference, "mesh file, folder of part meshes, or index file (.l3d)");
    axes.visit(v);
    v.field("smooth", smooth, "rounds of Laplacian smoothing, for meshes from photogrammetry: 5 to 20");
    v.field("method", method, "align | cmt; picks the weights file when --weights is not given");
    v.field("weights", weights, "weights file");
    v.field("matcher", matcher, "weights of cmt whose matched points propose cameras to align");
    v.field("threshold", threshold, "probability from which a piece deviates, 0..1 (default: 0.5)");
    v.field("false-alarms", false_alarms, "instead: share of whole pieces that may be called deviating, 0.01 for one in a hundred");
    v.field("mask", mask, "picture that is bright on the object, for a single photo (default: the object is found)");
    v.field("background", background, "auto: compared as it is, by weights that can; cut: the object is cut out and laid on white");
    v.field("second-look", second_look, "search cluttered photos for the reference's edges where its object cannot be told");
    v.field("json", json, "file for the verdicts as JSON");
    v.field("csv", csv, "file for the verdicts as a table, one line a photo");
    v.field("report", report, "folder for report.html, report.json and overlay pictures");
    v.field("fail-on", fail_on, "exit code 1 when a piece 'deviates', or 'unsure': also when one cannot be judged; 'never'");
    v.field("timings", timings, "tell at the end where the time went");
  }
  void check() const {
    if (photos.empty()) throw InputError("photo", "is missing", "looking3d inspect --reference chair.glb photo.jpg");
    if (method != "align" && method != "cmt") throw InputError("--method", "is '" + method + "'", "align or cmt");
    if (!std::isnan(threshold) && !(threshold >= 0 && threshold <= 1)) throw InputError("--threshold", "must lie between 0 and 1");
    if (!std::isnan(false_alarms) && !(false_alarms > 0 && false_alarms < 1))
      throw InputError("--false-alarms", "must lie between 0 and 1", "0.01 is one whole piece in a hundred");
    if (!std::isnan(threshold) && !std::isnan(false_alarms))
      throw InputError("--false-alarms", "sets the threshold, and so does --threshold", "give one of them");
    if (background != "auto" && background != "cut") throw InputError("--background", "is '" + background + "'", "auto or cut");
    fail_on_of(fail_on);
    if (!mask.empty() && photos.size() != 1) throw InputError("--mask", "needs exactly one photo");
  }
};

/// Where the weights that come with looking3d may lie: the working folder, where they were installed with this program, the source tree.
std::vector<Path> weights_folders() {
  std::vector<Path> folders = {"weights"};
  std::error_code unknown;
  const Path program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  if (!unknown) folders.push_back((program.parent_path() / LOOKING3D_INSTALLED_WEIGHTS).lexically_normal());
  folders.push_back(LOOKING3D_WEIGHTS_DIR);
  return folders;
}

Path default_weights(const std::string& method) {
  const std::string name = method + ".safetensors";
  for (const Path& folder : weights_folders()) {
    if (std::filesystem::exists(folder / name)) return folder / name;
  }
  throw InputError("weights/" + name, "is not there", "give --weights FILE, or train some: looking3d train --help");
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", std::localtime(&now));
  return text;
}

/// The object in a mask picture: brighter than half in any channel, and opaque.
cv::Mat read_mask(const Path& path) {
  const PhotoImage picture = read_photo_image(path);
  cv::Mat channels[3];
  cv::split(picture.bgr, channels);
  cv::Mat mask = (channels[0] > 127) | (channels[1] > 127) | (channels[2] > 127);
  if (!picture.alpha.empty()) mask &= picture.alpha > 127;
  return mask;
}

/// Judges one photo. Where it is one of many, an unusable photo is an entry with an error, and the others go on.
ReportEntry judge(const Inspector& inspector, const Reference& reference, const std::string& path, InspectOptions options,
                  bool one_of_many) {
  ReportEntry entry;
  entry.name = path;
  try {
    const Stopwatch watch;
    const PhotoImage photo = read_photo_image(path);
    entry.read_ms = watch.ms();
    entry.photo = photo.bgr;
    entry.size = photo.bgr.size();
    if (options.mask.empty() && !photo.alpha.empty()) options.mask = photo.alpha > 127;
    entry.inspection = inspector.inspect(reference, photo.bgr, options);
  } catch (const InputError& error) {
    // The inspector knows no file name.
    std::string message = error.what();
    const bool unnamed = message.starts_with("photo: ");
    if (!one_of_many && unnamed) throw InputError(path, message.substr(7));
    if (!one_of_many) throw;
    entry.error = unnamed ? path + ": " + message.substr(7) : message;
  }
  return entry;
}

/// Hundreds of photos fit in memory when only their verdicts are kept.
void drop_pictures(ReportEntry& entry) {
  entry.photo.release();
  if (!entry.inspection) return;
  entry.inspection->heat_map.release();
  entry.inspection->reference_view.release();
  entry.inspection->object_mask.release();
  entry.inspection->judged.release();
}

std::string verdict_line(const ReportEntry& entry, size_t name_width) {
  std::string line = entry.name;
  line.resize(std::max(name_width, line.size()), ' ');
  if (!entry.inspection) return line + "  ERROR         " + entry.error;
  const Inspection& found = *entry.inspection;
  std::string verdict = name_of(found.verdict);
  verdict.resize(12, ' ');
  char numbers[160] = "";
  std::snprintf(numbers, sizeof numbers, "  %s  p %.3f  %6.0f ms", verdict.c_str(), found.probability, found.times.total_ms);
  line += numbers;
  if (found.camera) {
    std::snprintf(numbers, sizeof numbers, "  az %5.1f el %4.1f", found.camera->azimuth_deg, found.camera->elevation_deg);
    line += numbers;
  }
  if (found.box) {
    std::snprintf(numbers, sizeof numbers, "  box %.0f,%.0f %.0fx%.0f", found.box->x, found.box->y, found.box->width, found.box->height);
    line += numbers;
  }
  return line + "\n    " + explain(found);
}

/// Judges the photos one after another and tells of each. Pictures are kept only for a report.
std::vector<ReportEntry> judge_all(const Inspector& inspector, const Reference& reference, const CliInspectOptions& options,
                                   const InspectOptions& inspect) {
  size_t name_width = 0;
  for (const std::string& photo : options.photos) name_width = std::max(name_width, photo.size());
  std::vector<ReportEntry> entries;
  for (const std::string& photo : options.photos) {
    if (interrupted()) throw Interrupted("the photos before are judged above; nothing was written");
    entries.push_back(judge(inspector, reference, photo, inspect, options.photos.size() > 1));
    std::printf("%s\n", verdict_line(entries.back(), name_width).c_str());
    std::fflush(stdout);
    if (options.report.empty()) drop_pictures(entries.back());
  }
  return entries;
}

/// Before hundreds of photos are judged in vain.
void require_writable_outputs(const CliInspectOptions& options) {
  if (!options.report.empty()) require_writable_directory(options.report);
  for (const std::string& file : {options.json, options.csv})
    if (!file.empty()) require_writable_directory(std::filesystem::absolute(file).parent_path());
}

void write_outputs(const CliInspectOptions& options, const ReportHead& head, const Reference& reference,
                   const std::vector<ReportEntry>& entries) {
  if (!options.json.empty()) write_json_atomic(options.json, report_json(head, reference, entries));
  if (!options.csv.empty()) write_file_atomic(options.csv, verdicts_csv(entries));
  if (options.report.empty()) return;
  write_report(options.report, head, reference, entries);
  log_info("report: " + (Path(options.report) / "report.html").string());
}

int run_inspect(CliInspectOptions options) {
  options.photos = photo_files(options.photos);
  options.check();
  const Path weights = options.weights.empty() ? default_weights(options.method) : Path(options.weights);
  require_writable_outputs(options);
  Stopwatch watch;
  const Inspector inspector = Inspector::open(weights, options.matcher);
  const double weights_ms = watch.lap_ms();
  const Reference reference = Reference::prepare(options.reference, options.axes.up, options.axes.front, options.smooth);
  inspector.check(reference);
  const double reference_ms = watch.lap_ms();
  for (const std::string& line : reference.care_lines()) log_info(line);
  InspectOptions inspect;
  if (!std::isnan(options.threshold)) inspect.threshold = options.threshold;
  if (!std::isnan(options.false_alarms)) inspect.threshold = inspector.threshold_at(options.false_alarms);
  if (!options.mask.empty()) inspect.mask = read_mask(options.mask);
  inspect.cut_out = options.background == "cut";
  inspect.second_look = options.second_look;
  if (!options.report.empty()) inspect.matches = kReportMatches;

  const std::vector<ReportEntry> entries = judge_all(inspector, reference, options, inspect);
  const double threshold = inspect.threshold.value_or(inspector.threshold());
  write_outputs(
      options,
      {LOOKING3D_VERSION, inspector.method(), weights.filename().string(), now_text(), threshold, options.background, options.second_look},
      reference, entries);
  if (options.timings)
    std::printf("once: weights %.0f ms, reference %.0f ms\n%s", weights_ms, reference_ms, timings_table(entries).c_str());
  return exit_code(entries, fail_on_of(options.fail_on));
}

}  // namespace

Verb inspect_verb() {
  return {"inspect", "judge photos of a piece against its reference",
          "  looking3d inspect --reference chair.glb photo.jpg\n"
          "  looking3d inspect --reference chair.l3d photos --report report --json verdicts.json --csv verdicts.csv\n"
          "  looking3d inspect --reference chair.l3d photos --false-alarms 0.02 --fail-on deviates || echo look at them\n"
          "  looking3d inspect --reference parts/ photo.png --method cmt\n"
          "Exit code:\n"
          "  0    there is a verdict for every photo\n"
          "  1    with --fail-on: a piece deviates, or (unsure) one cannot be judged\n"
          "  2    a photo, the reference, the weights or a flag cannot be used; of many photos the others are judged\n"
          "  70   a bug of the program\n"
          "  130  interrupted",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<CliInspectOptions>();
            verb.add_option("photo", options->photos, "photos to judge (PNG, JPEG, BMP, WebP, TIFF), or folders of them");
            bind_options(verb, *options, {"reference"});
            return [options] { return run_inspect(*options); };
          }};
}

}  // namespace looking3d
