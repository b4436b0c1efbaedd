#include "train/checkpoint.h"

#include "base/error.h"

namespace looking3d {
namespace {

constexpr const char* kFormat = "looking3d-checkpoint-1";
const std::string kNetwork = "network.", kOptimizer = "optimizer.";

}  // namespace

void save_checkpoint(const Path& path, const torch::nn::Module& network, const Optimizer& optimizer, const Json& state) {
  NamedTensors tensors;
  for (auto& [name, tensor] : state_of(network)) tensors.emplace_back(kNetwork + name, tensor);
  for (auto& [name, tensor] : optimizer.state()) tensors.emplace_back(kOptimizer + name, tensor);
  write_tensors(path, tensors, {{"format", kFormat}, {"training", state}});
}

Json load_checkpoint(const Path& path, torch::nn::Module& network, Optimizer& optimizer) {
  const TensorFile file = read_tensors(path);
  if (file.metadata.value("format", "") != kFormat || !file.metadata.contains("training")) {
    throw InputError(path, "is no checkpoint of a training");
  }
  load_state(network, file.tensors, kNetwork, path);
  NamedTensors state;
  for (const auto& [name, tensor] : file.tensors) {
    if (name.starts_with(kOptimizer)) state.emplace_back(name.substr(kOptimizer.size()), tensor);
  }
  optimizer.restore(state, path);
  return file.metadata["training"];
}

}  // namespace looking3d
