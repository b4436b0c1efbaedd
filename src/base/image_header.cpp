#include "base/image_header.h"

#include <algorithm>
#include <cstdio>

namespace looking3d {
namespace {

uint32_t big_endian(const std::string& bytes, size_t at, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// A PNG is whole when its chunks follow each other to IEND.
ImageHeader png_header(const std::string& bytes) {
  ImageHeader header;
  header.format = ImageFormat::kPng, header.cut_short = true;
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
ImageHeader jpeg_header(const std::string& bytes) {
  ImageHeader header;
  header.format = ImageFormat::kJpeg, header.cut_short = true;
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

/// Corners of the box of the attribute "dataWindow", as little-endian integers: least x and y, greatest x and y.
ImageHeader exr_header(const std::string& bytes) {
  ImageHeader header{ImageFormat::kExr, 0, false};
  const std::string attribute("dataWindow\0box2i\0\x10\0\0\0", 21);
  const size_t at = bytes.find(attribute) + attribute.size();
  if (at < attribute.size() || at + 16 > bytes.size()) return header;
  const auto corner = [&](size_t i) {
    uint32_t value = 0;
    for (int k = 3; k >= 0; --k) value = value << 8 | static_cast<unsigned char>(bytes[at + 4 * i + k]);
    return int64_t{static_cast<int32_t>(value)};
  };
  const int64_t width = corner(2) - corner(0) + 1, height = corner(3) - corner(1) + 1;
  if (width > 0 && height > 0) header.pixels = static_cast<uint64_t>(width) * static_cast<uint64_t>(height);
  return header;
}

/// The line "-Y height +X width" ends the header.
ImageHeader radiance_header(const std::string& bytes) {
  ImageHeader header{ImageFormat::kRadiance, 0, false};
  const size_t at = bytes.find("\n-Y ");
  unsigned height = 0, width = 0;
  if (at != std::string::npos && std::sscanf(bytes.c_str() + at + 1, "-Y %9u +X %9u", &height, &width) == 2)
    header.pixels = uint64_t{height} * width;
  return header;
}

}  // namespace

ImageHeader read_image_header(const std::string& bytes) {
  if (bytes.compare(0, 8, "\x89PNG\r\n\x1a\n") == 0) return png_header(bytes);
  if (bytes.compare(0, 2, "\xff\xd8") == 0) return jpeg_header(bytes);
  if (bytes.compare(0, 4, "\x76\x2f\x31\x01") == 0) return exr_header(bytes);
  if (bytes.compare(0, 10, "#?RADIANCE") == 0) return radiance_header(bytes);
  return {};
}

}  // namespace looking3d
