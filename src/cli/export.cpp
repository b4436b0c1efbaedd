// looking3d export: a data set in the formats of other tools.
#include "dataset/export.h"

#include "base/log.h"
#include "cli/verb.h"

namespace looking3d {

Verb export_verb() {
  return {"export", "write a data set as COCO detection files or as an MVTec AD tree",
          "  looking3d export --data data --out data-coco\n"
          "  looking3d export --data data --out data-mvtec --format mvtec",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<ExportOptions>();
            bind_options(verb, *options, {"data", "out"});
            return [options] {
              const int64_t photos = export_data_set(*options);
              log_info(std::to_string(photos) + " photos written to " + options->out);
              return 0;
            };
          }};
}

}  // namespace looking3d
