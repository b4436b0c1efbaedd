#include "train/method.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"

namespace looking3d {

std::unique_ptr<Method> make_method(const TrainOptions& options, const DataSet& data, const ProcessGroup& group) {
  const bool grouped = options.method == "cmt";
  const int parts = grouped ? options.shapes : options.photos;
  if (parts % group.size() != 0) {
    throw InputError(grouped ? "--shapes" : "--photos",
                     std::to_string(parts) + " a step cannot be divided equally among " + std::to_string(group.size()) + " processes",
                     "give a multiple of the number of processes");
  }
  if (options.method == "align") return make_align(options, data, group);
  if (options.method == "query-only") return make_query_only(options, data, group);
  L3D_CHECK(options.method == "cmt", "method " + options.method);
  return make_cmt(options, data, group);
}

void move_to(const torch::Device& device, std::initializer_list<torch::Tensor*> tensors) {
  for (torch::Tensor* tensor : tensors)
    if (tensor->defined()) *tensor = tensor->to(device);
}

void move_to(const torch::Device& device, Targets& targets) {
  move_to(device, {&targets.anomalous, &targets.kind, &targets.box, &targets.has_box, &targets.change, &targets.has_change});
}

std::vector<LabelledScore> scores_in_batches(const std::vector<size_t>& samples, const LogitsOf& logits_of) {
  constexpr size_t kBatch = 64;
  std::vector<LabelledScore> scores;
  for (size_t first = 0; first < samples.size(); first += kBatch) {
    const size_t end = std::min(first + kBatch, samples.size());
    const auto [logits, truth] =
        logits_of({samples.begin() + static_cast<std::ptrdiff_t>(first), samples.begin() + static_cast<std::ptrdiff_t>(end)});
    const torch::Tensor probability = torch::sigmoid(logits.to(torch::kFloat)).cpu();  // [B]
    for (int64_t i = 0; i < probability.size(0); ++i) {
      scores.push_back({probability[i].item<double>(), truth[i].item<float>() > 0.5f});
    }
  }
  return scores;
}

}  // namespace looking3d
