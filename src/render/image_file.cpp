#include "render/image_file.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "base/image_header.h"

namespace looking3d {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;
constexpr uint64_t kMaxPixels = 100'000'000;

/// The decoded picture; empty when it cannot be decoded.
cv::Mat decode(const std::string& bytes, int flags) {
  try {
    return cv::imdecode(cv::Mat(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data())), flags);
  } catch (const cv::Exception&) {
    return {};
  }
}

std::string read_checked(const Path& path, std::initializer_list<ImageFormat> formats, const std::string& wanted) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  const ImageHeader header = read_image_header(bytes);
  if (std::find(formats.begin(), formats.end(), header.format) == formats.end())
    throw InputError(path, "is no picture that can be used", wanted);
  if (header.pixels == 0 || header.cut_short) throw InputError(path, "is damaged or cut short", "copy or download it again");
  if (header.pixels > kMaxPixels) throw InputError(path, "says it has more than 100 megapixels", "use a smaller version");
  return bytes;
}

}  // namespace

cv::Mat read_texture(const Path& path, int max_side) {
  const std::string bytes = read_checked(path, {ImageFormat::kPng, ImageFormat::kJpeg}, "a PNG or JPEG is needed");
  cv::Mat image = decode(bytes, cv::IMREAD_COLOR);
  if (image.empty()) throw InputError(path, "cannot be decoded", "a PNG or JPEG is needed");
  const double scale = static_cast<double>(max_side) / std::max(image.rows, image.cols);
  if (scale < 1) cv::resize(image, image, {}, scale, scale, cv::INTER_AREA);
  return image;
}

cv::Mat read_hdr_image(const Path& path) {
  const std::string bytes = read_checked(path, {ImageFormat::kExr, ImageFormat::kRadiance}, "an OpenEXR or Radiance map is needed");
  // OpenCV reads OpenEXR only when told to, and looks once.
  static const int told = setenv("OPENCV_IO_ENABLE_OPENEXR", "1", 0);
  cv::Mat image = told == 0 ? decode(bytes, cv::IMREAD_UNCHANGED) : cv::Mat();
  if (image.empty() || image.depth() != CV_32F) throw InputError(path, "cannot be decoded", "this OpenCV may lack OpenEXR");
  if (image.channels() == 4)
    cv::cvtColor(image, image, cv::COLOR_BGRA2RGB);
  else if (image.channels() == 3)
    cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
  else
    throw InputError(path, "has no three colour channels");
  for (cv::Vec3f& pixel : cv::Mat_<cv::Vec3f>(image))
    for (int k = 0; k < 3; ++k) pixel[k] = std::isfinite(pixel[k]) ? std::clamp(pixel[k], 0.0f, 65504.0f) : 0.0f;
  return image;
}

}  // namespace looking3d
