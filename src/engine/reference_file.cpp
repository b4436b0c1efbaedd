// The index file: magic, version, checksum, length, content. Content is little-endian, read with every length checked.
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "engine/reference_data.h"

namespace looking3d {
namespace {

static_assert(std::endian::native == std::endian::little, "index files are little-endian");

constexpr std::string_view kMagic("L3DINDEX", 8);
constexpr uint32_t kVersion = 2;
constexpr uint64_t kMaxFileBytes = uint64_t{4} << 30;
constexpr uint64_t kMaxParts = 1 << 15;  // part ids of rendered layers are 16-bit
constexpr float kMostRadius = 1.01f;     // the canonical frame's is 1
constexpr const char* kRemedy = "make it again with looking3d index";

/// FNV-1a, 64 bits: finds accidents, not attacks.
uint64_t checksum(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

class Writer {
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
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  Reader(std::string_view bytes, const Path& path) : rest_(bytes), path_(path) {}
  template <class T>
  T value() {
    T result;
    std::memcpy(&result, take(sizeof(T)).data(), sizeof(T));
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
  bool at_end() const { return rest_.empty(); }

 private:
  [[noreturn]] void fail() const { throw InputError(path_, "holds contradictory content", kRemedy); }
  std::string_view take(uint64_t count) {
    if (count > rest_.size()) fail();
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view rest_;
  const Path& path_;
};

void write_shape(const Shape& shape, Writer& out) {
  out.text(shape.id);
  out.text(shape.family);
  out.value<uint64_t>(shape.parts.size());
  for (const Part& part : shape.parts) {
    out.text(part.name);
    out.text(part.label);
    out.text(part.group);
    out.array(part.mesh.vertices);
    out.array(part.mesh.triangles);
  }
}

Shape read_shape(Reader& in) {
  Shape shape;
  shape.id = in.text();
  shape.family = in.text();
  const auto parts = in.value<uint64_t>();
  in.require(parts >= 1 && parts < kMaxParts);
  for (uint64_t i = 0; i < parts; ++i) {
    Part part{in.text(), in.text(), in.text(), {}};
    part.mesh.vertices = in.array<Eigen::Vector3f>();
    part.mesh.triangles = in.array<Eigen::Vector3i>();
    const auto count = static_cast<int64_t>(part.mesh.vertices.size());
    for (const Eigen::Vector3f& vertex : part.mesh.vertices) in.require(vertex.norm() < kMostRadius);
    for (const Eigen::Vector3i& triangle : part.mesh.triangles) in.require(triangle.minCoeff() >= 0 && triangle.maxCoeff() < count);
    shape.parts.push_back(std::move(part));
  }
  in.require(shape.triangle_count() > 0);
  return shape;
}

void write_poses(const PoseIndex& poses, Writer& out) {
  out.value<int32_t>(poses.size());
  out.value<uint64_t>(poses.entries().size());
  for (const PoseIndex::Entry& entry : poses.entries()) {
    out.value(entry.view);
    out.value(entry.frame);
    std::vector<uint8_t> bits((entry.silhouette.total() + 7) / 8);
    for (size_t i = 0; i < entry.silhouette.total(); ++i) {
      if (entry.silhouette.data[i] != 0) bits[i / 8] |= static_cast<uint8_t>(1u << i % 8);
    }
    out.array(bits);
  }
}

/// A camera that the pose search could have started from; false for NaN.
bool is_usable(const OrbitView& view) {
  const auto within = [](double value, double limit) { return std::abs(value) <= limit; };
  return within(view.azimuth_rad, 7) && within(view.elevation_rad, 2) && within(view.roll_rad, 7) && within(view.shift_x, 1) &&
         within(view.shift_y, 1) && within(view.distance, 100) && view.distance > 1 && within(view.focal_per_width, 100) &&
         view.focal_per_width > 0.05;
}

/// Where a silhouette inside a picture can lie; false for NaN. An extent of 0 is that of an object seen edge on.
bool is_usable(const MaskFrame& frame) {
  const auto in_picture = [](double value) { return value >= 0 && value <= 1; };
  return in_picture(frame.cx) && in_picture(frame.cy) && in_picture(frame.extent);
}

PoseIndex read_poses(Reader& in) {
  const auto size = in.value<int32_t>();
  in.require(size >= 8 && size <= 1024);
  const auto count = in.value<uint64_t>();
  std::vector<PoseIndex::Entry> entries;
  for (uint64_t e = 0; e < count; ++e) {
    PoseIndex::Entry entry;
    entry.view = in.value<OrbitView>();
    in.require(is_usable(entry.view));
    entry.frame = in.value<MaskFrame>();
    in.require(is_usable(entry.frame));
    const auto bits = in.array<uint8_t>();
    entry.silhouette = cv::Mat(size, size, CV_8U, cv::Scalar(0));
    in.require(bits.size() == (entry.silhouette.total() + 7) / 8);
    for (size_t i = 0; i < entry.silhouette.total(); ++i) entry.silhouette.data[i] = bits[i / 8] >> i % 8 & 1 ? 255 : 0;
    in.require(cv::countNonZero(entry.silhouette) == 0 || entry.frame.extent >= 1.0 / 1024);  // what is divided by it
    entries.push_back(std::move(entry));
  }
  in.require(!entries.empty());
  return PoseIndex(std::move(entries), size);
}

}  // namespace

bool is_reference_file(const Path& path) {
  std::ifstream in(path, std::ios::binary);
  std::array<char, kMagic.size()> start{};
  in.read(start.data(), start.size());
  return in.gcount() == static_cast<std::streamsize>(start.size()) && std::string_view(start.data(), start.size()) == kMagic;
}

void save_reference(const Path& path, const ReferenceData& reference) {
  Writer content;
  content.text(reference.name);
  content.value<uint64_t>(reference.care.size());
  for (const std::string& line : reference.care) content.text(line);
  write_shape(reference.shape, content);
  write_poses(reference.poses, content);
  const std::string bytes = content.take();

  Writer file;
  file.value(kVersion);
  file.value(checksum(bytes));
  file.value<uint64_t>(bytes.size());
  write_file_atomic(path, std::string(kMagic) + file.take() + bytes);
}

ReferenceData load_reference(const Path& path) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  constexpr size_t kHeaderBytes = kMagic.size() + sizeof(uint32_t) + 2 * sizeof(uint64_t);
  if (bytes.compare(0, kMagic.size(), kMagic) != 0) throw InputError(path, "is no index file", kRemedy);
  if (bytes.size() < kHeaderBytes) throw InputError(path, "is cut short", kRemedy);
  Reader header(std::string_view(bytes).substr(kMagic.size(), kHeaderBytes - kMagic.size()), path);
  const auto version = header.value<uint32_t>();
  if (version != kVersion) {
    throw InputError(path, "is of index version " + std::to_string(version) + ", this program reads " + std::to_string(kVersion), kRemedy);
  }
  const auto expected = header.value<uint64_t>(), length = header.value<uint64_t>();
  const std::string_view content = std::string_view(bytes).substr(kHeaderBytes);
  if (content.size() != length) throw InputError(path, content.size() < length ? "is cut short" : "has bytes after its end", kRemedy);
  if (checksum(content) != expected) throw InputError(path, "was altered: its checksum is wrong", kRemedy);

  Reader in(content, path);
  std::string name = in.text();
  std::vector<std::string> care;
  for (auto lines = in.value<uint64_t>(); lines > 0; --lines) care.push_back(in.text());
  Shape shape = read_shape(in);
  PoseIndex poses = read_poses(in);
  in.require(in.at_end());
  return prepare_reference(std::move(name), std::move(shape), std::move(care), std::move(poses));
}

}  // namespace looking3d
