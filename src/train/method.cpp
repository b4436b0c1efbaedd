#include "train/method.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"

namespace looking3d {

std::vector<Measure> Method::measures(const std::vector<LabelledScore>& scores) const {
  return {{"val_auc", auc(scores)}, {"val_accuracy", accuracy(scores)}};
}

std::unique_ptr<Method> make_method(const TrainOptions& options, const DataSet& data, const ProcessGroup& group) {
  if (group.size() > 1 && (options.method == "lfd" || options.method == "lin")) {
    throw InputError("--method", options.method + " trains in one process, not " + std::to_string(group.size()),
                     "its loss compares each photo with all shapes of the step");
  }
  const bool grouped = options.groups_by_shape();
  const int parts = grouped ? options.shapes : options.photos;
  if (parts % group.size() != 0) {
    throw InputError(grouped ? "--shapes" : "--photos",
                     std::to_string(parts) + " a step cannot be divided equally among " + std::to_string(group.size()) + " processes",
                     "give a multiple of the number of processes");
  }
  if (options.method == "align") return make_align(options, data, group);
  if (options.method == "query-only") return make_query_only(options, data, group);
  if (options.method == "lfd") return make_lfd(options, data, group);
  if (options.method == "lin") return make_lin(options, data, group);
  if (options.method == "viewpoint") return make_viewpoint(options, data, group);
  L3D_CHECK(options.method == "cmt", "method " + options.method);
  return make_cmt(options, data, group);
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
