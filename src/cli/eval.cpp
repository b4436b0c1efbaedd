// looking3d eval: weights and a data set become results.json and a table.
#include <cstdio>

#include "base/log.h"
#include "cli/verb.h"
#include "train/evaluate.h"

namespace looking3d {

Verb eval_verb() {
  return {"eval", "measure a detector on a split of a data set",
          "  looking3d eval --data data --weights weights/align.safetensors --out results\n"
          "  looking3d eval --data data --weights runs/cmt/weights.safetensors --out results --split val --photos 500",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<EvalOptions>();
            bind_options(verb, *options, {"data", "weights", "out"});
            return [options] {
              const Json results = evaluate(*options);
              std::printf("%s", results_table(results).c_str());
              log_info("written to " + (Path(options->out) / "results.json").string());
              return 0;
            };
          }};
}

}  // namespace looking3d
