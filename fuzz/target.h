#pragma once
// What each fuzz target is made of: LLVMFuzzerTestOneInput reads hostile bytes, fuzz_seeds() are whole files to start from. The same two
// functions serve libFuzzer (scripts/fuzz.sh) and the bounded run among the ordinary tests (bounded_run.cpp).
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace looking3d {

std::vector<std::string> fuzz_seeds();

/// Hostile bytes may be read or be refused with an InputError; whatever else happens is a bug.
template <class Read>
int read_or_refuse(Read&& read) {
  try {
    read();
  } catch (const InputError&) {
  }
  return 0;
}

/// A folder of this process for readers that want files; in memory where the system has such a place.
inline const Path& scratch() {
  struct Folder {
    Folder()
        : path((std::filesystem::exists("/dev/shm") ? Path("/dev/shm") : std::filesystem::temp_directory_path()) /
               ("l3d_fuzz_" + std::to_string(::getpid()))) {
      std::filesystem::create_directories(path);
    }
    ~Folder() {
      std::error_code error;
      std::filesystem::remove_all(path, error);
    }
    Path path;
  };
  static const Folder folder;
  return folder.path;
}

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace looking3d
