// split.json: which shapes a data set has.
#include <opencv2/core.hpp>

#include "dataset/data_set.h"
#include "target.h"

using namespace looking3d;

std::vector<std::string> looking3d::fuzz_seeds() {
  return {R"({"train":["7",8,9],"val":["a_b"],"test":["10"]})", R"({"train":[],"val":[],"test":["7","7"]})",
          R"({"train":[1],"val":[1],"test":[]})"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Path root = scratch() / "set";
  static const bool photos = [&] {
    for (const char* name : {"render_7_12_2.5_18_27.31_3_normal", "render_a_b_12_2.5_18_27.31_3_missing_anomaly"})
      write_png(root / "images" / "sub" / (std::string(name) + ".png"), cv::Mat(16, 16, CV_8UC3, cv::Scalar::all(9)));
    return true;
  }();
  write_file_atomic(split_file(root), text_of(data, size));
  return photos ? read_or_refuse([&] { DataSet::open(root).samples_of("test"); }) : 0;
}
