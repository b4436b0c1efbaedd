// Photos as users give them: decoded, turned upright, cut out, laid on white.
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "photo/prepare.h"
#include "target.h"

using namespace looking3d;

std::vector<std::string> looking3d::fuzz_seeds() {
  cv::Mat photo(24, 32, CV_8UC3, cv::Scalar(40, 160, 60)), on_white(24, 24, CV_8UC4, cv::Scalar(255, 255, 255, 0));
  cv::rectangle(photo, cv::Rect(8, 6, 12, 14), cv::Scalar(20, 20, 220), cv::FILLED);
  cv::rectangle(on_white, cv::Rect(8, 6, 12, 14), cv::Scalar(20, 20, 220, 255), cv::FILLED);
  std::vector<std::string> seeds;
  for (const char* extension : {".png", ".jpg", ".bmp", ".webp", ".tiff"}) {
    for (const cv::Mat& picture : {photo, on_white}) {
      if (picture.channels() == 4 && std::string_view(extension) == ".jpg") continue;
      std::vector<uchar> bytes;
      cv::imencode(extension, picture, bytes);
      seeds.emplace_back(bytes.begin(), bytes.end());
    }
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Path file = scratch() / "photo";
  write_file_atomic(file, text_of(data, size));
  return read_or_refuse([&] { prepare_photo(read_photo_image(file), 64, file); });
}
