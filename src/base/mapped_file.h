#pragma once
// A file mapped into memory for reading: its pages are the system's cache, shared by all processes that map it, and no heap is taken.
#include <string_view>

#include "base/files.h"

namespace looking3d {

/// Never changes after construction. While it lives, replacing the file (as write_file_atomic does) is harmless; cutting it short in place
/// ends the process by SIGBUS when a lost page is touched, as with every mapped file.
class MappedFile {
 public:
  /// Throws InputError when missing, unreadable, no regular file, or larger than max_bytes.
  explicit MappedFile(const Path& path, uint64_t max_bytes = uint64_t{1} << 32);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  /// The first byte lies at the start of a page.
  std::string_view bytes() const { return {static_cast<const char*>(start_), size_}; }

 private:
  void* start_ = nullptr;
  size_t size_ = 0;
};

}  // namespace looking3d
