#include "train/compare.h"

#include <algorithm>

#include "base/error.h"

namespace looking3d {

std::vector<JudgedRow> by_photo(std::vector<JudgedRow> rows) {
  std::sort(rows.begin(), rows.end(), [](const JudgedRow& a, const JudgedRow& b) { return a.photo < b.photo; });
  return rows;
}

EarlierRun read_run(const Path& file_or_folder) {
  EarlierRun run;
  run.file = std::filesystem::is_directory(file_or_folder) ? file_or_folder / "results.json" : file_or_folder;
  Json results = read_json(run.file);
  run.rows = judged_rows(results, run.file);
  for (const char* key : {"method", "trained", "options"})
    if (results.contains(key)) run.head[key] = results[key];
  return run;
}

void require_same_photos(const EarlierRun& earlier, const std::vector<JudgedRow>& now) {
  const std::vector<JudgedRow> a = by_photo(earlier.rows), b = by_photo(now);
  const auto refuse = [&](const std::string& photo, const std::string& problem) {
    throw InputError(earlier.file, problem + " " + photo, "compare runs on the same --data, --split and --photos");
  };
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (i == a.size() || (i < b.size() && b[i].photo < a[i].photo)) refuse(b[i].photo, "did not judge the photo");
    if (i == b.size() || a[i].photo < b[i].photo) refuse(a[i].photo, "judged a photo that is not judged now:");
    if (a[i].anomalous != b[i].anomalous || a[i].shape != b[i].shape) refuse(a[i].photo, "has another truth of");
  }
}

Json comparison_json(const EarlierRun& earlier, const std::vector<JudgedRow>& now) {
  const std::vector<JudgedRow> a = by_photo(earlier.rows), b = by_photo(now);
  const auto difference = [&](const std::vector<size_t>& photos) {
    std::vector<double> values = photo_measures(b, photos);
    const std::vector<double> before = photo_measures(a, photos);
    for (size_t k = 0; k < values.size(); ++k) values[k] -= before[k];
    return values;
  };
  const std::vector<Interval> intervals = bootstrap_intervals(shapes_of(a), difference);
  const std::vector<size_t> all = all_of(a);
  const std::vector<double> before = photo_measures(a, all), after = photo_measures(b, all);
  Json comparison = {{"with", earlier.file.string()}, {"method", earlier.head.value("method", "")}};
  for (size_t k = 0; k < kMeasures.size(); ++k) {
    comparison["measures"][kMeasures[k]] = {{"before", number_or_null(before[k])},
                                            {"after", number_or_null(after[k])},
                                            {"difference", with_interval(after[k] - before[k], intervals[k])}};
  }
  return comparison;
}

std::string comparison_table(const Json& comparison) {
  std::string text = "\n| measure | before (" + comparison["method"].get<std::string>() +
                     ") | now | difference [95 % interval, paired] |\n|---|---|---|---|\n";
  for (size_t k = 0; k < kMeasures.size(); ++k) {
    const Json& measure = comparison["measures"][kMeasures[k]];
    text += std::string("| ") + kMeasureNames[k] + " | " + number_text(measure["before"]) + " | " + number_text(measure["after"]) + " | " +
            interval_text(measure["difference"], true) + " |\n";
  }
  return text;
}

}  // namespace looking3d
