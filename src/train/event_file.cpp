#include "train/event_file.h"

#include <array>
#include <bit>
#include <chrono>
#include <cstring>

#include "base/error.h"

namespace looking3d {
namespace {

// Wire types of protocol buffers.
constexpr int kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;

std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

template <class Number>
std::string little_endian(Number value) {
  static_assert(std::endian::native == std::endian::little);
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string key(int field, int type) {
  return varint(static_cast<uint64_t>(field << 3 | type));
}
std::string bytes_field(int field, std::string_view bytes) {
  return key(field, kBytes) + varint(bytes.size()) + std::string(bytes);
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Fields of Event: wall_time 1, step 2, file_version 3, summary 5, session_log 7.
std::string event(int64_t step, const std::string& what) {
  return key(1, kFixed64) + little_endian(now_s()) + key(2, kVarint) + varint(static_cast<uint64_t>(step)) + what;
}

uint32_t masked_crc(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xa282ead8u;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> entries{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82f63b78u : 0);
      entries[i] = value;
    }
    return entries;
  }();
  uint32_t sum = ~0u;
  for (const char byte : bytes) sum = (sum >> 8) ^ table[(sum ^ static_cast<uint8_t>(byte)) & 0xff];
  return ~sum;
}

EventFile::EventFile(const Path& folder, int64_t step)
    : path_(folder / ("events.out.tfevents." + std::to_string(static_cast<int64_t>(now_s())) + ".looking3d")),
      out_(path_, std::ios::binary | std::ios::app) {
  write(event(0, bytes_field(3, "brain.Event:2")));
  constexpr uint64_t kStart = 1;  // SessionLog.status
  write(event(step, bytes_field(7, key(1, kVarint) + varint(kStart))));
}

void EventFile::add(int64_t step, const std::vector<std::pair<std::string, double>>& scalars) {
  std::string summary;  // Summary.value 1: tag 1, simple_value 2
  for (const auto& [name, value] : scalars)
    summary += bytes_field(1, bytes_field(1, name) + key(2, kFixed32) + little_endian(static_cast<float>(value)));
  write(event(step, bytes_field(5, summary)));
}

void EventFile::write(const std::string& event) {
  const std::string length = little_endian(static_cast<uint64_t>(event.size()));
  out_ << length << little_endian(masked_crc(length)) << event << little_endian(masked_crc(event));
  if (!out_.flush()) throw InputError(path_, "cannot be written", "is the disk full?");
}

}  // namespace looking3d
