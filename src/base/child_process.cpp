#include "base/child_process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "base/error.h"

namespace looking3d {
namespace {

uint64_t mapped_bytes() {
  uint64_t pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    unsigned long long value = 0;
    if (std::fscanf(file, "%llu", &value) == 1) pages = value;
    std::fclose(file);
  }
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

void limit(int resource, uint64_t value) {
  const rlimit limits{value, value};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &limits);
}

bool write_all(int fd, const void* data, size_t size) {
  for (const char* at = static_cast<const char*>(data); size > 0;) {
    const ssize_t done = ::write(fd, at, size);
    if (done < 0 && errno != EINTR) return false;
    if (done > 0) at += done, size -= static_cast<size_t>(done);
  }
  return true;
}

bool read_all(int fd, void* data, size_t size) {
  for (char* at = static_cast<char*>(data); size > 0;) {
    const ssize_t done = ::read(fd, at, size);
    if (done == 0 || (done < 0 && errno != EINTR)) return false;
    if (done > 0) at += done, size -= static_cast<size_t>(done);
  }
  return true;
}

/// Length, then bytes; ends the process in any case.
[[noreturn]] void run_child(int pipe, const ChildLimits& limits, uint64_t mapped, const std::function<std::string()>& work) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGXCPU}) ::signal(signal, SIG_DFL);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_AS, mapped + limits.memory_bytes);
  limit(RLIMIT_CPU, static_cast<uint64_t>(limits.cpu_seconds));
  const int nowhere = ::open("/dev/null", O_WRONLY);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  try {
    const std::string result = work();
    const uint64_t size = result.size();
    if (write_all(pipe, &size, sizeof size) && write_all(pipe, result.data(), result.size())) ::_exit(0);
  } catch (...) {
  }
  ::_exit(1);
}

}  // namespace

std::optional<std::string> in_child_process(const ChildLimits& limits, const std::function<std::string()>& work) {
  int ends[2];
  pid_t child;
  {
    // One at a time, so that no other child inherits the writing end and keeps it open.
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    const uint64_t mapped = mapped_bytes();
    if (::pipe2(ends, O_CLOEXEC) != 0) throw InputError("pipe", std::strerror(errno));
    child = ::fork();
    if (child == 0) run_child(ends[1], limits, mapped, work);
    ::close(ends[1]);
  }
  if (child < 0) {
    ::close(ends[0]);
    throw InputError("fork", std::strerror(errno), "is there memory left, and are more processes allowed?");
  }
  std::optional<std::string> result;
  uint64_t size = 0;
  if (read_all(ends[0], &size, sizeof size)) {
    result.emplace(size, '\0');
    if (!read_all(ends[0], result->data(), size)) result.reset();
  }
  ::close(ends[0]);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return result;
}

}  // namespace looking3d
