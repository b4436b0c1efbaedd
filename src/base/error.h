#pragma once
// The one exception for bad input: a file, a flag or a folder that the user gave and that we cannot use.
#include <filesystem>
#include <stdexcept>
#include <string>

namespace looking3d {

/// "where: problem (hint)". `where` is the path, flag or field at fault; `problem` what was found against what was expected;
/// `hint` what the user can do. Caught once, in cli/main.cpp: one line on stderr, exit code 2.
class InputError : public std::runtime_error {
 public:
  InputError(const std::filesystem::path& where, const std::string& problem, const std::string& hint = "");
};

/// Thrown at a safe point after Ctrl-C: what is on disk is whole and can be resumed. Exit code 130.
class Interrupted : public std::runtime_error {
 public:
  explicit Interrupted(const std::string& hint) : std::runtime_error(hint) {}
};

}  // namespace looking3d
