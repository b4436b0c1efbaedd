#include "dataset/disk_space.h"

#include "base/error.h"

namespace looking3d {
namespace {

// Measured with `du` on sets of 64, 128 and 256 pixels, 4096-byte blocks, and a quarter more: a photo with its annotation files, and a
// shape with its mesh and 20 reference views.
constexpr double kPhotoBytes = 28e3, kPhotoBytesPerPixel = 0.65;
constexpr double kShapeBytes = 1.0e6, kShapeBytesPerPixel = 12;

std::string size_text(uint64_t bytes) {
  char text[32];
  const bool large = bytes >= 1'000'000'000;
  std::snprintf(text, sizeof text, large ? "%.1f GB" : "%.1f MB", static_cast<double>(bytes) / (large ? 1e9 : 1e6));
  return text;
}

}  // namespace

uint64_t bytes_expected(int64_t shapes, int64_t photos, int size) {
  const double pixels = static_cast<double>(size) * size;
  return static_cast<uint64_t>(static_cast<double>(photos) * (kPhotoBytes + kPhotoBytesPerPixel * pixels) +
                               static_cast<double>(shapes) * (kShapeBytes + kShapeBytesPerPixel * pixels));
}

void require_space(const Path& root, uint64_t needed, const std::string& what) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(root, error);
  if (error || space.available >= needed) return;  // a disk that does not tell is tried
  throw InputError(root, "has " + size_text(space.available) + " free, " + what + " may take " + size_text(needed),
                   "free some space and run the same command again, or make shards on several disks; what is on disk is whole");
}

}  // namespace looking3d
