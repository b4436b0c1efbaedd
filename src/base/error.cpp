#include "base/error.h"

#include "base/check.h"

namespace looking3d {

InputError::InputError(const std::filesystem::path& where, const std::string& problem, const std::string& hint)
    : std::runtime_error(where.string() + ": " + problem + (hint.empty() ? "" : " (" + hint + ")")) {}

void check_failed(const char* file, int line, const std::string& what) {
  throw CheckFailure(std::string(file) + ":" + std::to_string(line) + ": check failed: " + what);
}

}  // namespace looking3d
