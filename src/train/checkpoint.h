#pragma once
// The files a training leaves: a checkpoint to go on from, and weights to use.
#include <torch/torch.h>

#include "base/files.h"
#include "train/optimizer.h"

namespace looking3d {

/// Everything to go on exactly: the network's weights and buffers, the optimizer's state, and the trainer's as JSON.
/// A safetensors file ("network.*", "optimizer.*"), written atomically.
void save_checkpoint(const Path& path, const torch::nn::Module& network, const Optimizer& optimizer, const Json& state);
/// Fills network and optimizer; returns the JSON. Throws InputError when the file is not such a checkpoint of this very network.
Json load_checkpoint(const Path& path, torch::nn::Module& network, Optimizer& optimizer);

}  // namespace looking3d
