#include "train/tiny_data_set.h"

#include <unistd.h>

#include "dataset/build.h"

namespace looking3d {
namespace {

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

}  // namespace

const Path& tiny_data_set() {
  static const TinyFolder folder;
  return folder.path;
}

}  // namespace looking3d
