#include "base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"

namespace looking3d {
namespace {

constexpr size_t kSyncedBytes = 1 << 20;

std::string errno_text() {
  return std::strerror(errno);
}

/// The error of a write that failed, from errno.
InputError write_error(const Path& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return {path, "cannot be written: " + errno_text(),
          full ? "free some space and run the same command again: files are written whole or not at all"
               : "is the disk full or the folder read-only?"};
}

/// False with errno set when the bytes cannot all be written.
bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

uint64_t require_readable_file(const Path& path, uint64_t max_bytes) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw InputError(path, "no such file", "check the path");
  if (std::filesystem::is_directory(status)) throw InputError(path, "is a folder, a file was expected");
  if (!std::filesystem::is_regular_file(status)) throw InputError(path, "is not a regular file");
  const uint64_t size = std::filesystem::file_size(path, error);
  if (error) throw InputError(path, "cannot be read: " + error.message());
  if (size > max_bytes) {
    throw InputError(path, "has " + std::to_string(size) + " bytes, at most " + std::to_string(max_bytes) + " are accepted");
  }
  return size;
}

std::string read_file(const Path& path, uint64_t max_bytes) {
  const uint64_t size = require_readable_file(path, max_bytes);
  std::ifstream in(path, std::ios::binary);
  std::string bytes(size, '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size))) throw InputError(path, "cannot be read: " + errno_text());
  return bytes;
}

void write_file_atomic(const Path& path, std::string_view bytes) {
  static std::atomic<uint64_t> serial{0};
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) throw InputError(path.parent_path(), "cannot be created: " + error.message());
  const Path temporary = path.string() + ".tmp" + std::to_string(::getpid()) + "_" + std::to_string(serial++);
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) throw write_error(path);
  // Large files are checkpoints and weights: hours of work. They reach the disk before they get their name, so that even a power cut
  // leaves the old one or the new one. For the many small files of a data set that would cost more than making one again.
  const bool written = write_all(fd, bytes) && (bytes.size() < kSyncedBytes || ::fsync(fd) == 0);
  const bool closed = ::close(fd) == 0;
  if (!written || !closed || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const InputError failure = write_error(path);
    ::unlink(temporary.c_str());
    throw failure;
  }
}

void require_writable_directory(const Path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw InputError(path, "cannot be created: " + error.message(), "choose another output folder");
  if (!std::filesystem::is_directory(path)) throw InputError(path, "is a file, a folder was expected");
  const Path probe = path / (".probe" + std::to_string(::getpid()));
  try {
    write_file_atomic(probe, "x");
  } catch (const InputError&) {
    throw InputError(path, "cannot be written to", "is the disk full or the folder read-only?");
  }
  std::filesystem::remove(probe, error);
}

void require_exists(const Path& path, const std::string& hint) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw InputError(path, "no such file or folder", hint.empty() ? "check the path" : hint);
}

Json read_json(const Path& path, uint64_t max_bytes) {
  const std::string bytes = read_file(path, max_bytes);
  try {
    return Json::parse(bytes);
  } catch (const Json::exception& error) {
    throw InputError(path, std::string("is not valid JSON: ") + error.what());
  }
}

/// Bytes that are no UTF-8, as in names of files, become U+FFFD.
void write_json_atomic(const Path& path, const Json& json) {
  write_file_atomic(path, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace looking3d
