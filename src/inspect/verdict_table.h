#pragma once
// The verdicts of a run as CSV, one line a photo, and as an exit code; and where its time went.
#include <string>
#include <vector>

#include "inspect/report.h"

namespace looking3d {

/// A line of column names and one for each photo, as RFC 4180 has it: fields with commas, quotes or line breaks in quotes, lines ended by
/// CR LF. What is not known is empty. Columns and units: docs/report_format.md.
std::string verdicts_csv(const std::vector<ReportEntry>& entries);

/// The columns, in their order.
std::vector<std::string> verdict_columns();

/// What makes a run of inspections fail, for scripts.
enum class FailOn { kNever, kDeviates, kUnsure };

/// 2 when a photo could not be used; else 1 when a piece deviates (kDeviates, kUnsure) or cannot be judged (kUnsure); else 0.
int exit_code(const std::vector<ReportEntry>& entries, FailOn fail_on);

/// A table for the terminal: for each phase its median over the photos that were judged, and its share of the time of all of them. Empty
/// without such photos.
std::string timings_table(const std::vector<ReportEntry>& entries);

}  // namespace looking3d
