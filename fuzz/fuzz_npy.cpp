// Numpy's .npy files and the pickles in them.
#include "dataset/npy.h"
#include "target.h"

using namespace looking3d;

std::vector<std::string> looking3d::fuzz_seeds() {
  const NumpyDict dict = {{"pxy", {"<i8", {3, 2}, {1, 2, -3, 400, 70000, -1}}},
                          {"is_visible", {"|b1", {3}, {1, 0, 1}}},
                          {"xyz", {"<f4", {1, 2, 3}, {0.5, -1, 2.25, -1, -1, -1}}}};
  const std::string header = numpy_dict_bytes({}).substr(0, 128);
  return {numpy_dict_bytes(dict), numpy_dict_bytes({}),
          header + "\x80\x04\x95" + std::string(8, '\0') + "}\x94(\x8c\x01" + "aK\x01\x8c\x01" + "bh\x00u."};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return read_or_refuse([&] { parse_numpy_dict(text_of(data, size), "fuzz.npy"); });
}
