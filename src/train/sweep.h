#pragma once
// AUC over what can be varied without training (paper, fig. 7): keys of each query patch, reference views; a row for each weights file.
#include "base/options.h"
#include "train/judged_table.h"

namespace looking3d {

struct SweepOptions {
  std::string data;
  std::vector<std::string> weights;  ///< of cmt
  std::string out;
  std::vector<std::string> top_k = {"10", "50", "100", "all"};
  std::vector<std::string> test_views = {"5", "10", "15", "20"};
  std::string split = "test";
  int photos = 0;  ///< evenly drawn from the split; 0: all
  std::string views_from = "stored";
  void visit(OptionVisitor& v);
  void check() const;
};

/// Judges every photo at every setting; a shape's views are encoded once for all. Writes out/sweep.json, out/sweep.md and
/// out/judged/WEIGHTS/SHAPE.json, from which an interrupted or widened sweep goes on. Returns sweep.json (docs/evaluation.md).
/// Throws InputError, Interrupted.
Json sweep(const SweepOptions& options);
/// A table for each weights file: AUC by k (down) and number of views (across).
std::string sweep_tables(const Json& sweep);

}  // namespace looking3d
