// Pictures of a data set.
#include <opencv2/imgcodecs.hpp>

#include "dataset/layout.h"
#include "target.h"

using namespace looking3d;

std::vector<std::string> looking3d::fuzz_seeds() {
  std::vector<std::string> seeds;
  for (const int type : {CV_8UC3, CV_8U, CV_16U}) {
    const Path file = scratch() / "seed.png";
    type == CV_8U ? write_mask(file, cv::Mat::eye(12, 10, CV_8U) * 255) : write_png(file, cv::Mat(12, 10, type, cv::Scalar(1, 20, 30)));
    seeds.push_back(read_file(file));
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Path file = scratch() / "picture.png";
  write_file_atomic(file, text_of(data, size));
  read_or_refuse([&] { png_size(file); });
  return read_or_refuse([&] { read_picture(file, cv::IMREAD_UNCHANGED); });
}
