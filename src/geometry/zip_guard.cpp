#include "geometry/zip_guard.h"

#include "base/error.h"

namespace looking3d {
namespace {

// Layout: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 4.3.12 and 4.3.16.
constexpr std::string_view kEndMark("PK\5\6", 4), kEntryMark("PK\1\2", 4);
constexpr size_t kEndBytes = 22, kEntryBytes = 46, kMaxComment = 65535;
constexpr uint64_t kMaxMembers = 10'000;

uint64_t number(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

}  // namespace

void require_small_zip(const Path& path, std::string_view bytes, uint64_t max_bytes) {
  const auto require = [&](bool good, const char* problem) {
    if (!good) throw InputError(path, problem, "is the file whole?");
  };
  const size_t end = bytes.rfind(kEndMark);
  require(end != std::string_view::npos && end + kEndBytes <= bytes.size() && bytes.size() - end <= kEndBytes + kMaxComment,
          "is no zip archive");
  const uint64_t members = number(bytes, end + 10, 2);
  require(members <= kMaxMembers, "holds more than 10,000 members");
  uint64_t at = number(bytes, end + 16, 4), unpacked = 0;
  for (uint64_t i = 0; i < members; ++i) {
    require(at + kEntryBytes <= end && bytes.substr(at, 4) == kEntryMark, "has a damaged zip directory");
    unpacked += number(bytes, at + 24, 4);
    require(unpacked <= max_bytes, "unpacks to more than a mesh can be");
    at += kEntryBytes + number(bytes, at + 28, 2) + number(bytes, at + 30, 2) + number(bytes, at + 32, 2);
  }
}

}  // namespace looking3d
