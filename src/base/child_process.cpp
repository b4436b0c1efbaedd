#include "base/child_process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

#include "base/check.h"
#include "base/error.h"

namespace looking3d {
namespace {

/// Exit statuses of the child; what it writes goes before.
enum Exit { kDone, kCannotAnswer, kOutOfMemory, kBug };

uint64_t mapped_bytes() {
  uint64_t pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    unsigned long long value = 0;
    if (std::fscanf(file, "%llu", &value) == 1) pages = value;
    std::fclose(file);
  }
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

uint64_t half_of_memory() {
  return static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES)) / 2 * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

void limit(int resource, uint64_t soft, uint64_t hard) {
  const rlimit limits{soft, hard};
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

/// All until the writing end is closed; false when that is more than `max_bytes`.
bool read_to_end(int fd, std::string& bytes, uint64_t max_bytes) {
  std::vector<char> buffer(1 << 20);
  while (true) {
    const ssize_t done = ::read(fd, buffer.data(), buffer.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return done == 0;
    if (bytes.size() + static_cast<size_t>(done) > max_bytes) return false;
    bytes.append(buffer.data(), static_cast<size_t>(done));
  }
}

/// Works, writes the result or the text of a bug, and ends the process in any case.
[[noreturn]] void run_child(int pipe, const ChildLimits& limits, uint64_t max_mapped, const std::function<std::string()>& work) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGXCPU, SIGALRM}) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_AS, max_mapped, max_mapped);
  const auto seconds = static_cast<uint64_t>(limits.cpu_seconds);
  limit(RLIMIT_CPU, seconds, seconds + 2);  // at the hard one comes SIGKILL, which does not tell its reason
  ::alarm(static_cast<unsigned>(limits.wall_seconds > 0 ? limits.wall_seconds : 60 + 10 * limits.cpu_seconds));
  const int nowhere = ::open("/dev/null", O_WRONLY);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  const auto say = [&](const std::string& text, Exit status) {
    ::_exit(write_all(pipe, text.data(), text.size()) ? status : kCannotAnswer);
  };
  try {
    say(work(), kDone);
  } catch (const std::bad_alloc&) {
  } catch (const std::exception& bug) {
    say(bug.what(), kBug);
  } catch (...) {
    say("an exception of unknown type", kBug);
  }
  ::_exit(kOutOfMemory);
}

ChildDeath death_of(int status) {
  if (WIFEXITED(status)) return WEXITSTATUS(status) == kOutOfMemory ? ChildDeath::kMemory : ChildDeath::kCrash;
  switch (WTERMSIG(status)) {
    case SIGALRM:
    case SIGXCPU:
      return ChildDeath::kTime;
    case SIGKILL:
      return ChildDeath::kMemory;  // the system's, when memory runs out
    default:
      return ChildDeath::kCrash;
  }
}

}  // namespace

Result<std::string, ChildDeath> in_child_process(const ChildLimits& limits, const std::function<std::string()>& work) {
  int ends[2];
  pid_t child;
  uint64_t max_mapped = 0;
  {
    // One at a time, so that no other child inherits the writing end and keeps it open.
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    max_mapped = mapped_bytes() + std::min(limits.memory_bytes, half_of_memory());
    if (::pipe2(ends, O_CLOEXEC) != 0) throw InputError("pipe", std::strerror(errno));
    child = ::fork();
    if (child == 0) run_child(ends[1], limits, max_mapped, work);
    ::close(ends[1]);
  }
  if (child < 0) {
    ::close(ends[0]);
    throw InputError("fork", std::strerror(errno), "is there memory left, and are more processes allowed?");
  }
  std::string bytes;
  const bool whole = read_to_end(ends[0], bytes, max_mapped);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || (WEXITSTATUS(status) != kDone && WEXITSTATUS(status) != kBug)) return death_of(status);
  if (WEXITSTATUS(status) == kBug) throw CheckFailure("in a child process: " + bytes);
  if (!whole) return ChildDeath::kCrash;
  return bytes;
}

}  // namespace looking3d
