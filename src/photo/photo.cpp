#include "photo/photo.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/error.h"

namespace looking3d {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;
constexpr uint64_t kMaxPixels = 100'000'000;

/// What the container says without decoding. Decoders paint what a cut file still has and stay silent, so its end is looked for here.
struct Header {
  uint64_t pixels = 0;  ///< width times height; 0 when the format's header is not looked into
  bool cut_short = false;
  bool jpeg = false;
};

uint32_t big_endian(const std::string& bytes, size_t at, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// A PNG is whole when its chunks follow each other to IEND.
Header png_header(const std::string& bytes) {
  Header header;
  header.cut_short = true;
  if (bytes.size() < 24) return header;
  header.pixels = uint64_t{big_endian(bytes, 16, 4)} * big_endian(bytes, 20, 4);
  for (uint64_t at = 8; at + 12 <= bytes.size();) {
    const uint64_t end = at + 12 + big_endian(bytes, at, 4);
    if (end > bytes.size()) break;
    if (bytes.compare(at + 4, 4, "IEND") == 0) header.cut_short = false;
    at = end;
  }
  return header;
}

/// A JPEG is whole when an end marker follows its first scan; end markers of thumbnails lie before it.
Header jpeg_header(const std::string& bytes) {
  Header header;
  header.jpeg = header.cut_short = true;
  for (size_t at = 2; at + 4 <= bytes.size() && static_cast<unsigned char>(bytes[at]) == 0xff;) {
    const auto marker = static_cast<unsigned char>(bytes[at + 1]);
    const bool fill = marker == 0xff, bare = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (fill || bare) {
      at += fill ? 1 : 2;
      continue;
    }
    const size_t length = big_endian(bytes, at + 2, 2);
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame && at + 9 <= bytes.size()) header.pixels = uint64_t{big_endian(bytes, at + 5, 2)} * big_endian(bytes, at + 7, 2);
    if (marker == 0xda) {
      header.cut_short = bytes.find("\xff\xd9", at + 2 + length) == std::string::npos;
      break;
    }
    at += 2 + std::max<size_t>(length, 2);
  }
  return header;
}

Header header_of(const std::string& bytes) {
  if (bytes.compare(0, 8, "\x89PNG\r\n\x1a\n") == 0) return png_header(bytes);
  if (bytes.compare(0, 2, "\xff\xd8") == 0) return jpeg_header(bytes);
  return {};
}

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

}  // namespace

PhotoImage read_photo_image(const Path& path) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  if (bytes.empty()) throw InputError(path, "is empty", "a PNG or JPEG photo is needed");
  const Header header = header_of(bytes);
  if (header.pixels > kMaxPixels) throw InputError(path, "says it has more than 100 megapixels", "scale it down first");
  if (header.cut_short) throw InputError(path, "is cut short", "copy or download it again");
  cv::Mat image = decode(bytes, header.jpeg);
  if (image.empty()) throw InputError(path, "is not a picture that can be decoded", "a PNG or JPEG photo is needed");
  if (image.total() > kMaxPixels) throw InputError(path, "has more than 100 megapixels", "scale it down first");
  if (image.depth() == CV_16U) image.convertTo(image, CV_8U, 1.0 / 257);
  return image.channels() == 3 ? PhotoImage{image, {}} : split_alpha(image);
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
