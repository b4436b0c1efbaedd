#pragma once
// Weights of small untrained networks, for tests that need a detector and not its answers.
#include <torch/torch.h>
#include <unistd.h>

#include "dataset/tiny_data_set.h"
#include "model/align_net.h"
#include "model/cmt.h"
#include "model/weights.h"

namespace looking3d {

template <class Network, class Options>
Path untrained_weights(const std::string& method, const Options& options, int seed) {
  torch::manual_seed(seed);
  Network network(options);
  const std::string name = "l3d_untrained_" + method + std::to_string(seed) + "_" + std::to_string(::getpid()) + ".safetensors";
  const Path path = std::filesystem::temp_directory_path() / name;
  write_tensors(path, state_of(*network),
                {{"format", "looking3d-weights-1"},
                 {"method", method},
                 {"size", std::to_string(kTinySize)},
                 {"network", to_json(options)},
                 {"options", {{"train-views", 3}}}});
  return path;
}

/// Of cmt for photos of the tiny data set. The caller removes the file.
inline Path untrained_cmt(int seed = 1) {
  CmtOptions options = CmtOptions::looking3d();
  options.width = 8;
  options.channels = 16;
  options.blocks = 1;
  options.heads = 4;
  options.top_k = 8;
  options.match_hidden = 16;
  options.match_channels = 8;
  return untrained_weights<Cmt>("cmt", options, seed);
}

inline Path untrained_align(int seed = 1) {
  AlignNetOptions options;
  options.compare.width = 8;
  options.compare.channels = 16;
  options.mask.width = 4;
  return untrained_weights<AlignNet>("align", options, seed);
}

}  // namespace looking3d
