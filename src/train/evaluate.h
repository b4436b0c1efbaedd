#pragma once
// A detector measured on a split of a data set.
#include <memory>
#include <string>
#include <vector>

#include "base/options.h"
#include "train/judge.h"
#include "train/judged_table.h"

namespace looking3d {

struct EvalOptions {
  std::string data;
  std::string weights;
  std::string matcher;  ///< weights of cmt whose correspondences propose cameras to align; empty: none
  std::string out;
  std::string split = "test";
  int photos = 0;                     ///< evenly drawn from the split; 0: all
  int test_views = 0;                 ///< reference views, evenly spread among those there are; 0: all
  std::string views_from = "stored";  ///< stored | mesh
  int gallery = 0;                    ///< photos that gallery.jpg shows (detectors that search cameras)
  std::string gallery_of = "random";  ///< random | mistakes: those judged most wrongly
  std::string compare;                ///< earlier run to compare with: its folder or results.json
  void visit(OptionVisitor& v);
  void check() const;
};

struct Evaluation {
  DataSet data;
  std::unique_ptr<Detector> detector;
  ReferenceChoice references;
  std::vector<JudgedPhoto> judged;
  std::vector<JudgedRow> rows;  ///< of `judged`, in the same order
  Json results;                 ///< docs/evaluation.md
};

/// Writes out/results.json. Throws InputError: a sample that cannot be read is an error, never left out.
Evaluation evaluate(const EvalOptions& options);
/// results.json as a table for the terminal and for docs.
std::string results_table(const Json& results);

}  // namespace looking3d
