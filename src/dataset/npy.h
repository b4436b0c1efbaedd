#pragma once
// Numpy's .npy files: plain numeric arrays, and the pickled dict of arrays that the published data set keeps for each reference view.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace looking3d {

/// A numeric array in row-major order, whatever its number type on disk.
struct NumpyArray {
  std::string dtype = "<f8";  ///< type on disk: "|b1", "<i2", "<i4", "<i8", "<f4", "<f8", ... (little-endian only)
  std::vector<int64_t> shape;
  std::vector<double> values;  ///< exact for integers up to 2^53

  int64_t count() const { return static_cast<int64_t>(values.size()); }
};
using NumpyDict = std::map<std::string, NumpyArray>;

/// The dict of arrays pickled into a .npy (version 1 or 2). Bounded, executes nothing (pickle.h). Throws InputError for anything else.
NumpyDict read_numpy_dict(const Path& path);
NumpyDict parse_numpy_dict(std::string_view bytes, const Path& where);

/// The bytes that numpy.load(..., allow_pickle=True).item() reads back as that dict.
std::string numpy_dict_bytes(const NumpyDict& dict);
void write_numpy_dict(const Path& path, const NumpyDict& dict);

}  // namespace looking3d
