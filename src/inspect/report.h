#pragma once
// The report of a run of inspections: report.json, a self-contained report.html, and one overlay picture for each photo.
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "looking3d/looking3d.h"

namespace looking3d {

struct ReportEntry {
  std::string name;   ///< as the user gave the photo
  std::string error;  ///< one line, when the photo could not be judged; then the rest is empty
  cv::Size size;      ///< of the photo, pixels
  cv::Mat photo;      ///< CV_8UC3; only for write_report
  std::optional<Inspection> inspection;
  double read_ms = 0;  ///< taken to read and decode the file
};

struct ReportHead {
  std::string version, method, weights, created;  ///< created: "2026-11-23 14:05"
  double threshold = 0.5;
  std::string background = "auto";  ///< InspectOptions::cut_out: "cut"
  bool second_look = true;
};

/// InspectOptions::matches whose reference patches the page lights up.
inline constexpr int kReportMatches = 5;

/// Changes when a key changes its meaning or goes; not when one is added.
inline constexpr const char* kReportFormat = "looking3d-report-1";

/// Everything but pictures and matches (docs/report.schema.json, docs/report_format.md).
Json report_json(const ReportHead& head, const Reference& reference, const std::vector<ReportEntry>& entries);

/// Writes folder/report.json, folder/report.html and folder/overlays/NAME.png. Throws InputError when the folder cannot be written to.
void write_report(const Path& folder, const ReportHead& head, const Reference& reference, const std::vector<ReportEntry>& entries);

}  // namespace looking3d
