// looking3d sweep: AUC over k and reference views, for weights as they are.
#include "train/sweep.h"

#include <cstdio>

#include "base/log.h"
#include "cli/verb.h"
#include "pages/eval_page.h"

namespace looking3d {

Verb sweep_verb() {
  return {"sweep", "measure cmt over its number of keys and of reference views",
          "  looking3d sweep --data data --weights weights/cmt.safetensors --out sweep\n"
          "  looking3d sweep --data data --weights runs/n5/weights.safetensors,runs/n10/weights.safetensors --out sweep --top-k 100",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<SweepOptions>();
            bind_options(verb, *options, {"data", "weights", "out"});
            return [options] {
              const Json found = sweep(*options);
              std::printf("%s", sweep_tables(found).c_str());
              write_sweep_page(found, options->out);
              log_info("written to " + (Path(options->out) / "sweep.json").string() + ", sweep.md and sweep.html");
              return 0;
            };
          }};
}

}  // namespace looking3d
