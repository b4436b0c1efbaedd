#include "train/event_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

namespace looking3d {
namespace {

TEST(Crc32c, KnownValues) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);  // RFC 3720, B.4
}

/// A reader of its own: fields of a message, numbers as they are stored.
struct Field {
  int type;
  uint64_t number = 0;
  std::string bytes;
};
std::multimap<int, Field> fields_of(const std::string& message) {
  std::multimap<int, Field> fields;
  size_t at = 0;
  const auto varint = [&] {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(message.at(at++));
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.size()) {
    const uint64_t key = varint();
    Field field{static_cast<int>(key & 7)};
    if (field.type == 0) field.number = varint();
    const size_t size = field.type == 1 ? 8 : field.type == 5 ? 4 : field.type == 2 ? varint() : 0;
    field.bytes = message.substr(at, size);
    at += size;
    fields.emplace(static_cast<int>(key >> 3), field);
  }
  return fields;
}

TEST(EventFile, RecordsHoldStepsAndScalars) {
  const Path folder = Path(testing::TempDir()) / "l3d_event_file_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  EventFile(folder, 40).add(300, {{"loss", 0.25}, {"val_auc", 0.75}});
  const std::string bytes = read_file(std::filesystem::directory_iterator(folder)->path());

  std::vector<std::string> events;
  for (size_t at = 0; at < bytes.size();) {
    uint64_t size = 0;
    std::memcpy(&size, &bytes[at], sizeof size);
    events.push_back(bytes.substr(at + 12, size));
    uint32_t sum = 0;
    std::memcpy(&sum, &bytes[at + 12 + size], sizeof sum);
    const uint32_t crc = crc32c(events.back());
    EXPECT_EQ(sum, ((crc >> 15) | (crc << 17)) + 0xa282ead8u);
    at += 16 + size;
  }
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(fields_of(events[0]).find(3)->second.bytes, "brain.Event:2");
  EXPECT_EQ(fields_of(events[1]).find(2)->second.number, 40u);

  const auto last = fields_of(events[2]);
  EXPECT_EQ(last.find(2)->second.number, 300u);
  std::map<std::string, float> scalars;
  const auto values = fields_of(last.find(5)->second.bytes);
  for (auto [value, end] = values.equal_range(1); value != end; ++value) {
    const auto scalar = fields_of(value->second.bytes);
    std::memcpy(&scalars[scalar.find(1)->second.bytes], scalar.find(2)->second.bytes.data(), 4);
  }
  EXPECT_EQ(scalars, (std::map<std::string, float>{{"loss", 0.25f}, {"val_auc", 0.75f}}));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace looking3d
