#pragma once
// What index files are made of: values one after another in little-endian bytes, and the way back with every length checked.
#include <bit>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace looking3d {

inline constexpr const char* kIndexRemedy = "make it again with looking3d index";
inline constexpr float kMostRadius = 1.01f;  ///< of a point in an index file; the canonical frame's is 1

static_assert(std::endian::native == std::endian::little, "index files are little-endian");

class ByteWriter {
 public:
  template <class T>
  void value(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(const std::string& text) {
    value<uint64_t>(text.size());
    bytes_ += text;
  }
  template <class T>
  void array(const std::vector<T>& items) {
    value<uint64_t>(items.size());
    bytes_.append(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T));
  }
  /// Zeros up to a whole number of units.
  void pad(size_t unit) { bytes_.append((unit - bytes_.size() % unit) % unit, '\0'); }
  void raw(const void* from, size_t count) { bytes_.append(static_cast<const char*>(from), count); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class ByteReader {
 public:
  ByteReader(std::string_view bytes, const Path& path) : rest_(bytes), path_(path) {}
  template <class T>
  T value() {
    T result;
    std::memcpy(static_cast<void*>(&result), take(sizeof(T)).data(), sizeof(T));
    return result;
  }
  std::string text() { return std::string(take(value<uint64_t>())); }
  template <class T>
  std::vector<T> array() {
    const auto count = value<uint64_t>();
    if (count > rest_.size() / sizeof(T)) fail();
    std::vector<T> items(count);
    if (count > 0) std::memcpy(static_cast<void*>(items.data()), take(count * sizeof(T)).data(), count * sizeof(T));
    return items;
  }
  void require(bool condition) const {
    if (!condition) fail();
  }
  /// Nothing is left but the zeros that fill up a unit.
  void require_end(size_t unit) const { require(rest_.size() < unit && rest_.find_first_not_of('\0') == std::string_view::npos); }

 private:
  [[noreturn]] void fail() const { throw InputError(path_, "holds contradictory content", kIndexRemedy); }
  std::string_view take(uint64_t count) {
    if (count > rest_.size()) fail();
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view rest_;
  const Path& path_;
};

}  // namespace looking3d
