#include "inspect/verdict_table.h"

#include <algorithm>
#include <cstdio>

#include "inspect/explanation.h"

namespace looking3d {
namespace {

std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// What `get` finds in an optional value; nothing where that is absent.
template <class Optional, class Get>
std::string text_of(const Optional& value, const Get& get) {
  return value ? text_of(get(*value)) : "";
}

/// A column of the photos that were judged.
struct Column {
  const char* name;
  std::string (*value)(const Inspection&);
};

constexpr Column kColumns[] = {
    {"verdict", [](const Inspection& i) { return name_of(i.verdict); }},
    {"probability", [](const Inspection& i) { return text_of(i.probability); }},
    {"threshold", [](const Inspection& i) { return text_of(i.threshold); }},
    {"box_x", [](const Inspection& i) { return text_of(i.box, [](const PixelBox& box) { return box.x; }); }},
    {"box_y", [](const Inspection& i) { return text_of(i.box, [](const PixelBox& box) { return box.y; }); }},
    {"box_width", [](const Inspection& i) { return text_of(i.box, [](const PixelBox& box) { return box.width; }); }},
    {"box_height", [](const Inspection& i) { return text_of(i.box, [](const PixelBox& box) { return box.height; }); }},
    {"kind", [](const Inspection& i) { return i.kind; }},
    {"part", [](const Inspection& i) { return main_suspect(i) ? main_suspect(i)->name : std::string(); }},
    {"moved", [](const Inspection& i) { return text_of(i.motion, [](const PartMotion& motion) { return motion.moved; }); }},
    {"moved_sigma", [](const Inspection& i) { return text_of(i.motion, [](const PartMotion& motion) { return motion.moved_sigma; }); }},
    {"turned_deg", [](const Inspection& i) { return text_of(i.motion, [](const PartMotion& motion) { return motion.turned_deg; }); }},
    {"turned_sigma_deg",
     [](const Inspection& i) { return text_of(i.motion, [](const PartMotion& motion) { return motion.turned_sigma_deg; }); }},
    {"lost_share", [](const Inspection& i) { return text_of(i.lost_share, [](double share) { return share; }); }},
    {"azimuth_deg", [](const Inspection& i) { return text_of(i.camera, [](const FoundCamera& camera) { return camera.azimuth_deg; }); }},
    {"elevation_deg",
     [](const Inspection& i) { return text_of(i.camera, [](const FoundCamera& camera) { return camera.elevation_deg; }); }},
    {"roll_deg", [](const Inspection& i) { return text_of(i.camera, [](const FoundCamera& camera) { return camera.roll_deg; }); }},
    {"distance", [](const Inspection& i) { return text_of(i.camera, [](const FoundCamera& camera) { return camera.distance; }); }},
    {"camera_score", [](const Inspection& i) { return text_of(i.camera, [](const FoundCamera& camera) { return camera.score; }); }},
    {"camera_probability", [](const Inspection& i) { return i.camera ? text_of(i.camera->probability, [](double p) { return p; }) : ""; }},
    {"closest_view_deg",
     [](const Inspection& i) { return text_of(i.closest_view, [](const ViewOfReference& v) { return v.azimuth_deg; }); }},
    {"milliseconds", [](const Inspection& i) { return text_of(i.times.total_ms); }},
    {"explanation", [](const Inspection& i) { return explain(i); }},
};
constexpr const char *kPhoto = "photo", *kError = "error";  ///< columns of all photos: the first and the last

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string text = "\"";
  for (const char c : field) text.append(c == '"' ? 2 : 1, c);
  return text + "\"";
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : ",") + quoted(fields[i]);
  return line + "\r\n";
}

struct Phase {
  const char* name;
  double (*milliseconds)(const ReportEntry&);
};

constexpr Phase kPhases[] = {
    {"read", [](const ReportEntry& e) { return e.read_ms; }},
    {"prepare", [](const ReportEntry& e) { return e.inspection->times.prepare_ms; }},
    {"pose", [](const ReportEntry& e) { return e.inspection->times.pose_ms; }},
    {"render", [](const ReportEntry& e) { return e.inspection->times.render_ms; }},
    {"network", [](const ReportEntry& e) { return e.inspection->times.network_ms; }},
    {"explain", [](const ReportEntry& e) { return e.inspection->times.explain_ms; }},
    {"other",
     [](const ReportEntry& e) {
       const PhaseTimes& t = e.inspection->times;
       return std::max(0.0, t.total_ms - t.prepare_ms - t.pose_ms - t.render_ms - t.network_ms - t.explain_ms);
     }},
    {"all", [](const ReportEntry& e) { return e.read_ms + e.inspection->times.total_ms; }},
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

}  // namespace

std::vector<std::string> verdict_columns() {
  std::vector<std::string> names = {kPhoto};
  for (const Column& column : kColumns) names.emplace_back(column.name);
  names.emplace_back(kError);
  return names;
}

std::string verdicts_csv(const std::vector<ReportEntry>& entries) {
  std::string csv = csv_line(verdict_columns());
  for (const ReportEntry& entry : entries) {
    std::vector<std::string> fields = {entry.name};
    for (const Column& column : kColumns) fields.push_back(entry.inspection ? column.value(*entry.inspection) : "");
    fields.push_back(entry.error);
    csv += csv_line(fields);
  }
  return csv;
}

int exit_code(const std::vector<ReportEntry>& entries, FailOn fail_on) {
  int code = 0;
  for (const ReportEntry& entry : entries) {
    if (!entry.inspection) return 2;
    const Verdict verdict = entry.inspection->verdict;
    if (verdict == Verdict::kDeviates && fail_on != FailOn::kNever) code = 1;
    if (verdict == Verdict::kCannotJudge && fail_on == FailOn::kUnsure) code = 1;
  }
  return code;
}

std::string timings_table(const std::vector<ReportEntry>& entries) {
  std::vector<const ReportEntry*> judged;
  double all = 0;
  for (const ReportEntry& entry : entries) {
    if (!entry.inspection) continue;
    judged.push_back(&entry);
    all += entry.read_ms + entry.inspection->times.total_ms;
  }
  if (judged.empty()) return "";
  std::string table =
      "time of " + std::to_string(judged.size()) + (judged.size() == 1 ? " photo" : " photos") + "\n  phase     median ms   share\n";
  for (const Phase& phase : kPhases) {
    std::vector<double> times;
    double sum = 0;
    for (const ReportEntry* entry : judged) {
      times.push_back(phase.milliseconds(*entry));
      sum += times.back();
    }
    char line[80];
    std::snprintf(line, sizeof line, "  %-8s %10.1f  %5.1f %%\n", phase.name, median(times), all > 0 ? 100 * sum / all : 0);
    table += line;
  }
  return table;
}

}  // namespace looking3d
