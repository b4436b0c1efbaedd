#pragma once
// The training loop: steps, learning rate, averages, validation, checkpoints, log. Resuming goes on exactly. Several processes may share
// each step (docs/scaling.md); rank 0 writes all files.
#include <torch/torch.h>

#include <chrono>
#include <optional>

#include "train/event_file.h"
#include "train/method.h"
#include "train/optimizer.h"
#include "train/process_group.h"

namespace looking3d {

/// What a checkpoint holds besides tensors.
struct TrainState {
  int64_t step = 0;         ///< steps done
  int64_t total_steps = 0;  ///< 0: not known yet (minutes)
  int64_t photos = 0;
  double seconds = 0;        ///< wall clock of all runs so far
  int bad_steps = 0;         ///< skipped one after another because loss or gradient was not finite
  double best = kUndefined;  ///< of the validation measure that weights are kept by
  Json to_json() const;
  static TrainState from_json(const Json& json, const Path& where);
};

class Trainer {
 public:
  /// Starts a run, or goes on with the one in options.out if options.resume; meets the other processes that the environment speaks of.
  /// Throws InputError.
  explicit Trainer(const TrainOptions& options);

  /// Trains to the end. After Ctrl-C writes a checkpoint and throws Interrupted.
  void run();
  const TrainState& state() const { return state_; }
  const DataSet& data() const { return data_; }
  bool leads() const { return group_.leads(); }  ///< false in all processes but one
  double seconds() const;                        ///< wall clock of this and earlier runs
  std::string best_measure() const;              ///< name of what state().best is

 private:
  using Clock = std::chrono::steady_clock;

  void open_run();
  void resume();
  bool finished() const;
  bool stopping() const;
  void train_step();
  void join(StepLoss& loss);
  void after_step();
  void fix_length();
  std::vector<LabelledScore> val_scores();
  void validate();
  void save_checkpoint();
  void save_weights();
  void log_step(const StepLoss& loss, double rate, double norm);
  void say(const std::string& line) const;  ///< once for all processes
  void write_log(const Json& line);         ///< log.jsonl and TensorBoard's event file
  Json trained_json() const;

  const TrainOptions options_;
  const Rendezvous meeting_;
  const ProcessGroup group_;
  const DataSet data_;
  std::unique_ptr<Method> method_;
  Optimizer optimizer_;
  TrainState state_;
  std::vector<size_t> val_samples_;
  std::optional<EventFile> events_;
  Clock::time_point started_ = Clock::now(), checkpointed_ = started_, reported_ = started_;
  int64_t photos_reported_ = 0;
  bool stop_agreed_ = false;   // with several processes: one was told to stop
  double seconds_agreed_ = 0;  // rank 0's, at the latest step
};

}  // namespace looking3d
