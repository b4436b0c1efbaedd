#include "photo/photo.h"

#include <algorithm>
#include <cstring>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/error.h"

namespace looking3d {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;
constexpr uint64_t kMaxPixels = 100'000'000;
constexpr int kWhite = 250;            ///< a channel at least this bright is white
constexpr int kShadowSaturation = 10;  ///< largest spread of the channels of a shadow on white
constexpr int kShadowStep = 8;         ///< largest brightness step between neighbouring shadow pixels
constexpr int kShadowDarkest = 55;

uint32_t big_endian(const std::string& bytes, size_t at, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// Width times height as the header says; 0 when the format's header is not looked into.
uint64_t pixels_by_header(const std::string& bytes) {
  if (bytes.size() >= 24 && bytes.compare(0, 8, "\x89PNG\r\n\x1a\n") == 0)
    return uint64_t{big_endian(bytes, 16, 4)} * big_endian(bytes, 20, 4);
  if (bytes.size() >= 4 && bytes.compare(0, 2, "\xff\xd8") == 0) {
    for (size_t at = 2; at + 9 < bytes.size() && static_cast<unsigned char>(bytes[at]) == 0xff;) {
      const auto marker = static_cast<unsigned char>(bytes[at + 1]);
      const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
      if (frame) return uint64_t{big_endian(bytes, at + 5, 2)} * big_endian(bytes, at + 7, 2);
      at += 2 + big_endian(bytes, at + 2, 2);
    }
  }
  return 0;
}

/// Decoders paint what a cut file still has and stay silent, so its end is looked for here.
bool is_cut_short(const std::string& bytes) {
  if (bytes.compare(0, 8, "\x89PNG\r\n\x1a\n") == 0) return bytes.rfind("IEND") == std::string::npos;
  if (bytes.compare(0, 2, "\xff\xd8") == 0) return bytes.rfind("\xff\xd9") == std::string::npos;
  return false;
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

}  // namespace

cv::Mat read_photo(const Path& path) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  if (bytes.empty()) throw InputError(path, "is empty", "a PNG or JPEG photo is needed");
  if (pixels_by_header(bytes) > kMaxPixels) throw InputError(path, "says it has more than 100 megapixels", "scale it down first");
  if (is_cut_short(bytes)) throw InputError(path, "is cut short", "copy or download it again");
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  cv::Mat image;
  try {
    image = cv::imdecode(buffer, cv::IMREAD_UNCHANGED);
    // Only the colour path applies the EXIF orientation, so photos without transparency go through it.
    if (!image.empty() && image.channels() != 4) image = cv::imdecode(buffer, cv::IMREAD_COLOR);
  } catch (const cv::Exception&) {
    image.release();
  }
  if (image.empty()) throw InputError(path, "is not a picture that can be decoded", "a PNG or JPEG photo is needed");
  if (image.depth() == CV_16U) image.convertTo(image, CV_8U, 1.0 / 257);
  return image.channels() == 4 ? on_white(image) : image;
}

cv::Mat square_photo(const cv::Mat& bgr, int size) {
  const int side = std::max(bgr.rows, bgr.cols), top = (side - bgr.rows) / 2, left = (side - bgr.cols) / 2;
  cv::Mat square;
  cv::copyMakeBorder(bgr, square, top, side - bgr.rows - top, left, side - bgr.cols - left, cv::BORDER_CONSTANT, cv::Scalar::all(255));
  cv::Mat scaled;
  cv::resize(square, scaled, {size, size}, 0, 0, side > size ? cv::INTER_AREA : cv::INTER_CUBIC);
  return scaled;
}

double white_border_share(const cv::Mat& bgr) {
  int white = 0, total = 0;
  for (int y = 0; y < bgr.rows; ++y)
    for (int x = 0; x < bgr.cols; x += y == 0 || y == bgr.rows - 1 ? 1 : std::max(1, bgr.cols - 1)) {
      const cv::Vec3b& p = bgr.at<cv::Vec3b>(y, x);
      white += std::min({p[0], p[1], p[2]}) >= kWhite;
      ++total;
    }
  return static_cast<double>(white) / total;
}

cv::Mat mask_on_white(const cv::Mat& bgr) {
  cv::Mat brightness(bgr.size(), CV_8U), saturation(bgr.size(), CV_8U);
  for (int y = 0; y < bgr.rows; ++y)
    for (int x = 0; x < bgr.cols; ++x) {
      const cv::Vec3b& p = bgr.at<cv::Vec3b>(y, x);
      const uchar high = std::max({p[0], p[1], p[2]}), low = std::min({p[0], p[1], p[2]});
      brightness.at<uchar>(y, x) = high;
      saturation.at<uchar>(y, x) = static_cast<uchar>(high - low);
    }

  // Background: grown from white over colourless pixels in small steps of brightness, so that it takes in soft shadows
  // and stops at the object's edges.
  cv::Mat mask(bgr.size(), CV_8U, cv::Scalar(255));
  std::vector<cv::Point> todo;
  for (int y = 0; y < bgr.rows; ++y)
    for (int x = 0; x < bgr.cols; ++x)
      if (brightness.at<uchar>(y, x) >= 254 && saturation.at<uchar>(y, x) <= 2) mask.at<uchar>(y, x) = 0, todo.emplace_back(x, y);
  while (!todo.empty()) {
    const cv::Point p = todo.back();
    todo.pop_back();
    for (const cv::Point step : {cv::Point(1, 0), cv::Point(-1, 0), cv::Point(0, 1), cv::Point(0, -1)}) {
      const cv::Point q = p + step;
      if (q.x < 0 || q.y < 0 || q.x >= bgr.cols || q.y >= bgr.rows || mask.at<uchar>(q) == 0) continue;
      const int value = brightness.at<uchar>(q);
      if (saturation.at<uchar>(q) > kShadowSaturation || value < kShadowDarkest || std::abs(value - brightness.at<uchar>(p)) > kShadowStep)
        continue;
      mask.at<uchar>(q) = 0;
      todo.push_back(q);
    }
  }

  // Specks that touch nothing are noise.
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centroids, 8);
  int largest = 0;
  for (int i = 1; i < count; ++i) largest = std::max(largest, stats.at<int>(i, cv::CC_STAT_AREA));
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) {
      const int label = labels.at<int>(y, x);
      if (label > 0 && stats.at<int>(label, cv::CC_STAT_AREA) < std::max(4, largest / 100)) mask.at<uchar>(y, x) = 0;
    }
  return mask;
}

}  // namespace looking3d
