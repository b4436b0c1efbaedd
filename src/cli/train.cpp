// looking3d train: a data set becomes weights.
#include "train/train.h"

#include <cmath>
#include <cstdio>

#include "cli/verb.h"

namespace looking3d {
namespace {

int run_train(const TrainOptions& options) {
  const TrainResult result = train(options);
  if (!result.reported) return 0;
  std::printf("%s: %s, %lld steps, %lld photos seen, %.1f min", result.weights.c_str(), options.method.c_str(),
              static_cast<long long>(result.steps), static_cast<long long>(result.photos), result.minutes);
  if (!std::isnan(result.val_best)) std::printf(", %s %.4f", result.measure.c_str(), result.val_best);
  std::printf("\n");
  return 0;
}

}  // namespace

Verb train_verb() {
  return {"train", "train a detector on a data set",
          "  looking3d train --data data --out runs/align --minutes 30\n"
          "  looking3d train --data data --out runs/align --minutes 30 --resume   # go on after an interruption\n"
          "  looking3d train --data data --out runs/cmt --method cmt --minutes 120\n"
          "  looking3d train --data data --out runs/paper --method cmt --preset paper --size 256 --epochs 20\n"
          "  looking3d train --data data --out runs/b --method cmt --preset paper --without vlfa,3dpe --minutes 60   # table 2, row B\n"
          "  looking3d train --data data --out runs/vit --method query-only --network vit --minutes 60\n"
          "  looking3d train --data data --out runs/lfd --method lfd --minutes 60               # table 2, LFD; or lin\n"
          "  looking3d train --data data --out runs/viewpoint --method viewpoint --minutes 60   # the photo's nearest reference view\n"
          "  scripts/launch.sh 2 looking3d train --data data --out runs/cmt --method cmt --minutes 60   # two processes, docs/scaling.md",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<TrainOptions>();
            bind_options(verb, *options, {"data", "out"});
            return [options] { return run_train(*options); };
          }};
}

}  // namespace looking3d
