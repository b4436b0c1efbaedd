// looking3d generate: shapes become anomalies, anomalies become pictures, pictures become a data set.
#include <cstdio>

#include "base/log.h"
#include "cli/verb.h"
#include "dataset/build.h"
#include "dataset/contact_sheet.h"
#include "dataset/layout.h"

namespace looking3d {
namespace {

void print_report(const GenerateOptions& options, const BuildReport& report) {
  std::printf("%s: %lld shapes, %lld photos, %.1f %% of them anomalous\n", options.out.c_str(), static_cast<long long>(report.shapes),
              static_cast<long long>(report.photos),
              report.photos == 0 ? 0.0 : 100.0 * static_cast<double>(report.anomalous_photos) / static_cast<double>(report.photos));
  std::printf("  %-12s %8s %8s\n", "anomaly", "shapes", "photos");
  for (const auto& [kind, photos] : report.by_kind) {
    const auto shapes = report.shapes_by_kind.find(kind);
    const int64_t count = shapes == report.shapes_by_kind.end() ? 0 : shapes->second;
    std::printf("  %-12s %8lld %8lld\n", kind.c_str(), static_cast<long long>(count), static_cast<long long>(photos));
  }
  for (const auto& [reason, count] : report.refused) std::printf("  refused %8lld x %s\n", static_cast<long long>(count), reason.c_str());
}

int run_generate(const GenerateOptions& options) {
  const BuildReport report = generate(options);
  print_report(options, report);
  if (options.shard != "0/1") {
    log_info("this was shard " + options.shard + ": when all are made, run the same command without --shard for report and contact sheets");
    return 0;
  }
  const DataSet data = DataSet::open(options.out);
  const Path sheet = Path(options.out) / "contact_sheet.png";
  write_png(sheet, contact_sheet(data));
  write_png(Path(options.out) / "shapes.png", shape_sheet(data));
  write_png(Path(options.out) / "anomalies.png", anomaly_sheet(data));
  log_info("look at " + sheet.string() + ", shapes.png and anomalies.png");
  return 0;
}

}  // namespace

Verb generate_verb() {
  return {"generate", "make a data set of photos of whole and damaged shapes",
          "  looking3d generate --out data --shapes 200\n"
          "  looking3d generate --out all --families all --shapes 400\n"
          "  looking3d generate --out data --shapes 200 --shard 0/2    # this half; the other machine makes 1/2; last, no --shard\n"
          "  looking3d generate --out real --shapes-from meshes --all-test\n"
          "  looking3d generate --out data --shapes 200 --only shape=000012,anomaly=2,view=7",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<GenerateOptions>();
            bind_options(verb, *options, {"out"});
            return [options] { return run_generate(*options); };
          }};
}

}  // namespace looking3d
