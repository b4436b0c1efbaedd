#pragma once
// Two runs of `eval` on the same photos, difference by difference.
#include "train/judged_table.h"

namespace looking3d {

/// An earlier run: its results.json, given as the file or its folder.
struct EarlierRun {
  Path file;
  Json head;  ///< method, trained, options
  std::vector<JudgedRow> rows;
};
/// Throws InputError.
EarlierRun read_run(const Path& file_or_folder);

/// In the order of the photos' names.
std::vector<JudgedRow> by_photo(std::vector<JudgedRow> rows);

/// Throws InputError naming the first photo, by name, that only one of the two judged, or whose truth differs.
void require_same_photos(const EarlierRun& earlier, const std::vector<JudgedRow>& now);

/// {"with", "method", "measures": {key: {"before", "after", "difference": {value, low, high}}}}: differences after - before with 95 %
/// intervals by the bootstrap over shapes, both runs seeing the same draws (paired).
Json comparison_json(const EarlierRun& earlier, const std::vector<JudgedRow>& now);
/// The same as a table.
std::string comparison_table(const Json& comparison);

}  // namespace looking3d
