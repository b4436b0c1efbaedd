#pragma once
// Training, as the command line sees it.
#include "train/train_options.h"

namespace looking3d {

/// What a finished training left behind.
struct TrainResult {
  Path weights;
  int64_t steps = 0, photos = 0;
  double minutes = 0;
  std::string measure;   ///< of the validation: "val_auc", "val_view_accuracy"
  double val_best = 0;   ///< its value for the weights kept; NaN without a val split
  bool reported = true;  ///< false in all but one of several processes: one result, told once
};

/// Trains, with the processes that RANK and WORLD_SIZE speak of, and leaves options.out/weights.safetensors, last.ckpt, log.jsonl,
/// options.json. Throws InputError, Interrupted.
TrainResult train(const TrainOptions& options);

}  // namespace looking3d
