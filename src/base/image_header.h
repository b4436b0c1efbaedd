#pragma once
// What an image file says of itself without being decoded, so that a hostile or damaged one is refused before memory is spent on it.
#include <cstdint>
#include <string>

namespace looking3d {

enum class ImageFormat { kUnknown, kPng, kJpeg, kExr, kRadiance };

struct ImageHeader {
  ImageFormat format = ImageFormat::kUnknown;
  uint64_t pixels = 0;     ///< width times height; 0 when the header does not say
  bool cut_short = false;  ///< of PNG and JPEG: decoders paint what a cut file still has and stay silent
};

ImageHeader read_image_header(const std::string& bytes);

}  // namespace looking3d
