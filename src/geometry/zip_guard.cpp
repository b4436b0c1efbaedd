#include "geometry/zip_guard.h"

#include <algorithm>

#include "base/error.h"

namespace looking3d {
namespace {

// Layout: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 4.3.12, 4.3.16 and 4.5.3.
constexpr std::string_view kEndMark("PK\5\6", 4), kEntryMark("PK\1\2", 4), kLocalMark("PK\3\4", 4);
constexpr size_t kEndBytes = 22, kEntryBytes = 46, kMaxComment = 65535;
constexpr uint64_t kMaxMembers = 10'000, kMax16 = 0xffff, kMax32 = 0xffffffff, kZip64Field = 1;

uint64_t number(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

/// Whether a list of extra fields has the one of zip64.
bool has_zip64(std::string_view extra) {
  while (extra.size() >= 4) {
    if (number(extra, 0, 2) == kZip64Field) return true;
    extra.remove_prefix(std::min(extra.size(), 4 + static_cast<size_t>(number(extra, 2, 2))));
  }
  return false;
}

}  // namespace

void require_small_zip(const Path& path, std::string_view bytes, uint64_t max_bytes) {
  const auto require = [&](bool good, const char* problem) {
    if (!good) throw InputError(path, problem, "is the file whole?");
  };
  const size_t end = bytes.rfind(kEndMark);
  require(end != std::string_view::npos && end + kEndBytes <= bytes.size() && bytes.size() - end <= kEndBytes + kMaxComment,
          "is no zip archive");
  require(end + kEndBytes + number(bytes, end + 20, 2) == bytes.size(), "is no zip archive, or has bytes after its end");

  // One disk, no zip64, and nothing before, between or after what the directory names: a library that looks elsewhere finds nothing.
  const uint64_t members = number(bytes, end + 10, 2), start = number(bytes, end + 16, 4);
  const char* zip64 = "is a zip64 archive, which is not read";
  require(members != kMax16 && number(bytes, end + 12, 4) != kMax32 && start != kMax32, zip64);
  require(number(bytes, end + 4, 4) == 0 && number(bytes, end + 8, 2) == members, "is a zip archive of several disks");
  require(members <= kMaxMembers, "holds more than 10,000 members");
  require(start + number(bytes, end + 12, 4) == end && (members == 0 || bytes.starts_with(kLocalMark)),
          "has a damaged zip directory, or bytes before the archive");

  uint64_t at = start, unpacked = 0;
  for (uint64_t i = 0; i < members; ++i) {
    require(at + kEntryBytes <= end && bytes.substr(at, 4) == kEntryMark, "has a damaged zip directory");
    const uint64_t size = number(bytes, at + 24, 4), name = number(bytes, at + 28, 2), extra = number(bytes, at + 30, 2);
    const uint64_t next = at + kEntryBytes + name + extra + number(bytes, at + 32, 2), local = number(bytes, at + 42, 4);
    require(number(bytes, at + 20, 4) != kMax32 && size != kMax32 && local != kMax32, zip64);
    require(next <= end && local < start, "has a damaged zip directory");
    require(!has_zip64(bytes.substr(at + kEntryBytes + name, extra)), zip64);
    unpacked += size;
    require(unpacked <= max_bytes, "unpacks to more than a mesh can be");
    at = next;
  }
  require(at == end, "has a damaged zip directory");
}

}  // namespace looking3d
