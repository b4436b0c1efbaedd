#pragma once
// Checks of our own invariants. A failed check is a bug of looking3d, never of its input (see error.h for that).
#include <sstream>
#include <stdexcept>
#include <string>

namespace looking3d {

/// Thrown by L3D_CHECK*: an internal invariant does not hold. Only tests and `cli/main.cpp` catch it.
class CheckFailure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void check_failed(const char* file, int line, const std::string& what);

namespace internal {
template <class A, class B>
[[noreturn]] void check_compare_failed(const char* file, int line, const char* expression, const A& a, const B& b) {
  std::ostringstream out;
  out << expression << " (" << a << " against " << b << ")";
  check_failed(file, line, out.str());
}
}  // namespace internal

}  // namespace looking3d

#define L3D_CHECK(condition, ...)                                                                       \
  do {                                                                                                  \
    if (!(condition)) ::looking3d::check_failed(__FILE__, __LINE__, #condition __VA_OPT__(": ") __VA_ARGS__); \
  } while (false)

#define L3D_CHECK_COMPARE(a, op, b)                                                                        \
  do {                                                                                                     \
    const auto& l3d_a = (a);                                                                               \
    const auto& l3d_b = (b);                                                                               \
    if (!(l3d_a op l3d_b)) ::looking3d::internal::check_compare_failed(__FILE__, __LINE__, #a " " #op " " #b, l3d_a, l3d_b); \
  } while (false)

#define L3D_CHECK_EQ(a, b) L3D_CHECK_COMPARE(a, ==, b)
#define L3D_CHECK_LE(a, b) L3D_CHECK_COMPARE(a, <=, b)
#define L3D_CHECK_LT(a, b) L3D_CHECK_COMPARE(a, <, b)
#define L3D_CHECK_GE(a, b) L3D_CHECK_COMPARE(a, >=, b)
#define L3D_CHECK_GT(a, b) L3D_CHECK_COMPARE(a, >, b)
