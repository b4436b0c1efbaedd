// looking3d eval: weights and a data set become results.json and a table.
#include <cstdio>

#include "base/log.h"
#include "cli/verb.h"
#include "pages/eval_page.h"

namespace looking3d {

Verb eval_verb() {
  return {"eval", "measure a detector on a split of a data set",
          "  looking3d eval --data data --weights weights/align.safetensors --out results\n"
          "  looking3d eval --data data --weights weights/align.safetensors --out results --gallery 40\n"
          "  looking3d eval --data data --weights runs/cmt/weights.safetensors --out results --split val --photos 500\n"
          "  looking3d eval --data data --weights runs/cmt/weights.safetensors --out results_10 --test-views 10 --compare results",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<EvalOptions>();
            bind_options(verb, *options, {"data", "weights", "out"});
            return [options] {
              const Evaluation evaluation = evaluate(*options);
              std::printf("%s", results_table(evaluation.results).c_str());
              const bool page = evaluation.detector->finds_anomalies();
              if (page) write_eval_page(evaluation, options->out);
              if (options->gallery > 0) write_gallery(evaluation, *options);
              log_info("written to " + (Path(options->out) / "results.json").string() + (page ? " and eval.html" : ""));
              return 0;
            };
          }};
}

}  // namespace looking3d
