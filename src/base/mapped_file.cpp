#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace looking3d {

MappedFile::MappedFile(const Path& path, uint64_t max_bytes) {
  require_readable_file(path, max_bytes);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat opened {};  // it may be another file than the one just looked at
  bool done = file >= 0 && ::fstat(file, &opened) == 0;
  if (done && opened.st_size > 0) {
    size_ = static_cast<size_t>(opened.st_size);
    start_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    done = start_ != MAP_FAILED;
  }
  const std::string reason = std::strerror(errno);
  if (file >= 0) ::close(file);
  if (!done) throw InputError(path, "cannot be read: " + reason);
}

MappedFile::~MappedFile() {
  if (start_ != nullptr) ::munmap(start_, size_);
}

}  // namespace looking3d
