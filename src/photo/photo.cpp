#include "photo/photo.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string_view>

#include "base/error.h"
#include "base/image_header.h"

namespace looking3d {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;
constexpr std::string_view kExtensions[] = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"};
constexpr uint64_t kMaxPixels = 100'000'000;

cv::Mat on_white(const cv::Mat& bgra) {
  cv::Mat bgr(bgra.size(), CV_8UC3);
  for (int y = 0; y < bgra.rows; ++y)
    for (int x = 0; x < bgra.cols; ++x) {
      const cv::Vec4b& p = bgra.at<cv::Vec4b>(y, x);
      for (int c = 0; c < 3; ++c) bgr.at<cv::Vec3b>(y, x)[c] = static_cast<uchar>((p[c] * p[3] + 255 * (255 - p[3]) + 127) / 255);
    }
  return bgr;
}

/// BGRA where the file has transparency, else BGR; empty when it cannot be decoded.
cv::Mat decode(const std::string& bytes, bool jpeg) {
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  try {
    // Only the colour path applies the EXIF orientation, so photos without transparency go through it.
    if (jpeg) return cv::imdecode(buffer, cv::IMREAD_COLOR);
    const cv::Mat image = cv::imdecode(buffer, cv::IMREAD_UNCHANGED);
    return image.empty() || image.channels() == 4 ? image : cv::imdecode(buffer, cv::IMREAD_COLOR);
  } catch (const cv::Exception&) {
    return {};
  }
}

bool is_picture_name(const std::string& name) {
  std::string extension = Path(name).extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto* const known = std::find(std::begin(kExtensions), std::end(kExtensions), extension);
  return name[0] != '.' && known != std::end(kExtensions);
}

}  // namespace

PhotoImage read_photo_image(const Path& path) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  if (bytes.empty()) throw InputError(path, "is empty", "a PNG or JPEG photo is needed");
  const ImageHeader header = read_image_header(bytes);
  if (header.pixels > kMaxPixels) throw InputError(path, "says it has more than 100 megapixels", "scale it down first");
  if (header.cut_short) throw InputError(path, "is cut short", "copy or download it again");
  cv::Mat image = decode(bytes, header.format == ImageFormat::kJpeg);
  if (image.empty()) throw InputError(path, "is not a picture that can be decoded", "a PNG or JPEG photo is needed");
  if (image.total() > kMaxPixels) throw InputError(path, "has more than 100 megapixels", "scale it down first");
  if (image.depth() == CV_16U) image.convertTo(image, CV_8U, 1.0 / 257);
  return image.channels() == 3 ? PhotoImage{image, {}} : split_alpha(image);
}

std::vector<std::string> photo_files(const std::vector<std::string>& files_and_folders) {
  std::vector<std::string> files;
  for (const std::string& given : files_and_folders) {
    if (!std::filesystem::is_directory(given)) {
      files.push_back(given);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(given))
      if (entry.is_regular_file() && is_picture_name(entry.path().filename().string())) found.push_back(entry.path().string());
    if (found.empty()) throw InputError(given, "holds no pictures", "PNG, JPEG, BMP, WebP or TIFF files");
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

PhotoImage split_alpha(const cv::Mat& bgra) {
  PhotoImage photo{on_white(bgra), {}};
  cv::extractChannel(bgra, photo.alpha, 3);
  if (cv::countNonZero(photo.alpha < 255) == 0) photo.alpha.release();
  return photo;
}

cv::Mat square_photo(const cv::Mat& bgr, int size) {
  const int side = std::max(bgr.rows, bgr.cols), top = (side - bgr.rows) / 2, left = (side - bgr.cols) / 2;
  cv::Mat square;
  cv::copyMakeBorder(bgr, square, top, side - bgr.rows - top, left, side - bgr.cols - left, cv::BORDER_CONSTANT, cv::Scalar::all(255));
  cv::Mat scaled;
  cv::resize(square, scaled, {size, size}, 0, 0, side > size ? cv::INTER_AREA : cv::INTER_CUBIC);
  return scaled;
}

}  // namespace looking3d
