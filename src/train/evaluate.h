#pragma once
// A detector measured on a split of a data set.
#include <string>

#include "base/options.h"

namespace looking3d {

struct EvalOptions {
  std::string data;
  std::string weights;
  std::string out;
  std::string split = "test";
  int photos = 0;  ///< evenly drawn from the split; 0: all
  void visit(OptionVisitor& v);
  void check() const;
};

/// Writes out/results.json and returns it.
Json evaluate(const EvalOptions& options);
/// results.json as a table for the terminal and for docs.
std::string results_table(const Json& results);

}  // namespace looking3d
