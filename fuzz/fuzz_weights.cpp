// Weights files.
#include "engine/detector.h"
#include "model/align_net.h"
#include "model/cmt.h"
#include "model/weights.h"
#include "target.h"

using namespace looking3d;

std::vector<std::string> looking3d::fuzz_seeds() {
  const Path file = scratch() / "seed.safetensors";
  const NamedTensors tensors = {{"a.weight", torch::ones({2, 3})}, {"a.steps", torch::zeros({1}, torch::kLong)}};
  const Json metadata = {{"format", "looking3d-weights-1"}, {"method", "align"},         {"size", "128"},
                         {"network", Json::object()},       {"trained", Json::object()}, {"calibration", {{"scale", 1.5}, {"bias", 0.25}}}};
  write_tensors(file, tensors, metadata);
  return {read_file(file)};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Path file = scratch() / "weights.safetensors";
  write_file_atomic(file, text_of(data, size));
  return read_or_refuse([&] {
    const WeightsInfo info = read_weights_info(read_tensors(file).metadata, file);
    try {
      from_json<AlignNetOptions>(info.network).compare.check();
      from_json<CmtOptions>(info.network).check();
    } catch (const Json::exception&) {  // which Detector::open turns into an InputError
    }
  });
}
