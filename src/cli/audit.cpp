// looking3d audit: is a data set sound?
#include "dataset/audit.h"

#include <cstdio>

#include "base/log.h"
#include "cli/verb.h"

namespace looking3d {
namespace {

constexpr int kUnsoundCode = 1;

int run_audit(AuditOptions options) {
  if (options.out.empty()) options.out = (Path(options.data) / "audit").string();
  const Json result = audit(options);
  std::printf("%s", audit_text(result).c_str());
  log_info("written to " + (Path(options.out) / "audit.json").string() + "; look at audit.html beside it");
  return result["passed"] ? 0 : kUnsoundCode;
}

}  // namespace

Verb audit_verb() {
  return {"audit", "check a data set: counts, labels, leaks between splits, shortcuts (exit code 1 when unsound)",
          "  looking3d audit --data data\n"
          "  looking3d audit --data BrokenChairs-180K --out audit --photos 2000",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<AuditOptions>();
            bind_options(verb, *options, {"data"});
            return [options] { return run_audit(*options); };
          }};
}

}  // namespace looking3d
