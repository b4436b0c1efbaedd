#pragma once
// A very small data set of 64 x 64 photos, made once for each test program: what tests read, train on, or spoil a copy of.
#include <unistd.h>

#include "dataset/build.h"

namespace looking3d {

inline constexpr int kTinySize = 64;

/// Folder of the set; it goes away when the program ends.
inline const Path& tiny_data_set() {
  struct TinyFolder {
    TinyFolder() : path(std::filesystem::temp_directory_path() / ("l3d_tiny_set_" + std::to_string(::getpid()))) {
      std::filesystem::remove_all(path);
      GenerateOptions options;
      options.out = path.string();
      options.shapes = 8;
      options.size = kTinySize;
      options.samples = 2;
      options.splits = "50/25/25";
      options.anomalous_shapes = 2;
      generate(options);
    }
    ~TinyFolder() { std::filesystem::remove_all(path); }
    Path path;
  };
  static const TinyFolder folder;
  return folder.path;
}

}  // namespace looking3d
