#pragma once
// Tensors in files: safetensors, in which nothing can execute (https://huggingface.co/docs/safetensors).
#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

#include "base/files.h"

namespace looking3d {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

struct TensorFile {
  NamedTensors tensors;  ///< in the order of the file; contiguous
  Json metadata;         ///< object; values that are not strings are stored as JSON text
};

/// Writes float32, int64 and bool tensors, atomically. `metadata` must be an object. Throws InputError when the file cannot be written.
void write_tensors(const Path& path, const NamedTensors& tensors, const Json& metadata);
/// Throws InputError for a file that is missing, cut short, of wrong sizes or offsets, or holds another element type.
TensorFile read_tensors(const Path& path);

/// Parameters and buffers of a module by name, as they are (not copied).
NamedTensors state_of(const torch::nn::Module& module);
/// Copies tensors named `prefix` + name into the module. Throws InputError naming the first that is missing or of another shape.
void load_state(torch::nn::Module& module, const NamedTensors& tensors, const std::string& prefix, const Path& where);

}  // namespace looking3d
