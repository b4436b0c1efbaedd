#pragma once
// Is a data set sound? Counts (the paper's table 1), labels recomputed, leaks between splits, and the shortcut test.
#include <string>

#include "base/files.h"
#include "base/options.h"

namespace looking3d {

struct AuditOptions {
  std::string data;  ///< folder of the data set
  std::string out;   ///< folder for audit.json, audit.html and contact sheets; empty: writes nothing
  int photos = 0;    ///< photos looked into, evenly drawn (0: all)
  int cell = 192;    ///< side of a picture on the contact sheets in pixels
  void visit(OptionVisitor& v);
  void check() const;
};

/// {"passed", "counts", "checks": [{"name", "passed", "looked_at", "failures", "first"}], "shortcut", "visible_size", "magnitude"}.
/// A check that the data set gives no material for has "looked_at" 0 and passes. Throws InputError when there is no data set at all.
Json audit(const AuditOptions& options);

/// The same for people: counts as a table, then a line for each check.
std::string audit_text(const Json& audit);
/// The same as a page (HTML) to stand beside the contact sheets.
std::string audit_page(const Json& audit);

}  // namespace looking3d
