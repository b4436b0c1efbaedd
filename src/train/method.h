#pragma once
// What differs between the trainings of the detectors: batches, network, loss. The trainer does the rest.
#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dataset/data_set.h"
#include "model/weights.h"
#include "train/metrics.h"
#include "train/process_group.h"
#include "train/train_options.h"

namespace looking3d {

struct StepLoss {
  torch::Tensor total;                                       ///< scalar, with its graph; this process's share, as are the parts
  std::vector<std::pair<std::string, torch::Tensor>> parts;  ///< named scalars without graph, for the log
  int64_t photos = 0;                                        ///< of this process
};

/// What a validation says; larger is better.
struct Measure {
  std::string name;
  double value = kUndefined;
};

class Method {
 public:
  virtual ~Method() = default;
  virtual torch::nn::Module& network() = 0;
  /// The network's own options, written beside the weights so that they can be read back.
  virtual Json network_options() const = 0;
  /// The weights that --init gives, as the network takes them.
  virtual NamedTensors first_weights(NamedTensors given) const { return given; }
  virtual int64_t photos_in_pass() const = 0;
  /// Prepares batches from `step` on; loss() then takes them in order.
  virtual void start(int64_t step) = 0;
  /// Forward pass on the next batch, in training mode.
  virtual StepLoss loss() = 0;
  /// Scores of the listed photos (indices into the data set's samples) in evaluation mode, without augmentation.
  virtual std::vector<LabelledScore> scores(const std::vector<size_t>& samples) = 0;
  /// What those scores amount to; the weights are kept by the first. Undefined values without scores.
  virtual std::vector<Measure> measures(const std::vector<LabelledScore>& scores) const;
};

/// `options` must be resolved; `data` and `group` must outlive the method. Throws InputError when the data set lacks what the method needs,
/// or when a step cannot be divided equally among the processes.
std::unique_ptr<Method> make_method(const TrainOptions& options, const DataSet& data, const ProcessGroup& group);

/// The methods, one file each.
std::unique_ptr<Method> make_align(const TrainOptions& options, const DataSet& data, const ProcessGroup& group);
std::unique_ptr<Method> make_cmt(const TrainOptions& options, const DataSet& data, const ProcessGroup& group);
std::unique_ptr<Method> make_query_only(const TrainOptions& options, const DataSet& data, const ProcessGroup& group);
std::unique_ptr<Method> make_lfd(const TrainOptions& options, const DataSet& data, const ProcessGroup& group);
std::unique_ptr<Method> make_lin(const TrainOptions& options, const DataSet& data, const ProcessGroup& group);
std::unique_ptr<Method> make_viewpoint(const TrainOptions& options, const DataSet& data, const ProcessGroup& group);

/// Logits [B] and truth [B] (0 or 1) of some samples.
using LogitsOf = std::function<std::pair<torch::Tensor, torch::Tensor>(const std::vector<size_t>& samples)>;
/// Probabilities of all samples, a bounded number at a time.
std::vector<LabelledScore> scores_in_batches(const std::vector<size_t>& samples, const LogitsOf& logits_of);

inline uint64_t bytes_of(double gigabytes) {
  return static_cast<uint64_t>(gigabytes * (uint64_t{1} << 30));
}

}  // namespace looking3d
