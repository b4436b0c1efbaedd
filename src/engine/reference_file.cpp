// The index file: header, content (little-endian, read with every length checked), and where views were encoded, the section of their
// arrays (engine/stored_views.h). Header and content fill up whole units of kSectionUnit bytes.
#include <array>
#include <cmath>
#include <fstream>

#include "base/checksum.h"
#include "base/error.h"
#include "engine/reference_data.h"
#include "engine/stored_views.h"

namespace looking3d {
namespace {

constexpr std::string_view kMagic("L3DINDEX", 8);
constexpr uint32_t kVersion = 3;
constexpr uint64_t kMaxFileBytes = uint64_t{4} << 30;
constexpr uint64_t kMaxParts = 1 << 15;  // part ids of rendered layers are 16-bit
constexpr uint64_t kMaxThumbnails = 64;

/// After the magic. What is `zero` must be 0.
struct Header {
  uint32_t version = kVersion, zero = 0;
  uint64_t content_checksum = 0, content_bytes = 0, section_checksum = 0, section_bytes = 0;
  uint64_t zeros[2] = {0, 0};
};
constexpr size_t kHeaderBytes = kMagic.size() + sizeof(Header);
static_assert(kHeaderBytes % kSectionUnit == 0);

void write_shape(const Shape& shape, ByteWriter& out) {
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

Shape read_shape(ByteReader& in) {
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

void write_poses(const PoseIndex& poses, ByteWriter& out) {
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

PoseIndex read_poses(ByteReader& in) {
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

void write_thumbnails(const std::vector<cv::Mat>& thumbnails, ByteWriter& out) {
  out.value<uint64_t>(thumbnails.size());
  for (const cv::Mat& picture : thumbnails) {
    out.value<int32_t>(picture.rows);
    out.array(std::vector<uint8_t>(picture.begin<uint8_t>(), picture.end<uint8_t>()));
  }
}

/// Square ones.
std::vector<cv::Mat> read_thumbnails(ByteReader& in) {
  const auto count = in.value<uint64_t>();
  in.require(count <= kMaxThumbnails);
  std::vector<cv::Mat> thumbnails(count);
  for (cv::Mat& picture : thumbnails) {
    const auto side = in.value<int32_t>();
    const auto pixels = in.array<uint8_t>();
    in.require(side >= 1 && side <= 1024 && pixels.size() == static_cast<size_t>(side) * static_cast<size_t>(side));
    picture = cv::Mat(pixels, true).reshape(1, side);
  }
  return thumbnails;
}

/// The header of an index file whose pieces are all there. Throws InputError.
Header read_header(std::string_view bytes, const Path& path) {
  if (!bytes.starts_with(kMagic)) throw InputError(path, "is no index file", kIndexRemedy);
  const auto cut_short = [&] { return InputError(path, "is cut short", kIndexRemedy); };
  Header header;
  if (bytes.size() < kMagic.size() + sizeof header.version) throw cut_short();
  std::memcpy(&header.version, bytes.data() + kMagic.size(), sizeof header.version);
  if (header.version != kVersion) {
    throw InputError(path, "is of index version " + std::to_string(header.version) + ", this program reads " + std::to_string(kVersion),
                     kIndexRemedy);
  }
  if (bytes.size() < kHeaderBytes) throw cut_short();
  std::memcpy(&header, bytes.data() + kMagic.size(), sizeof header);
  const uint64_t rest = bytes.size() - kHeaderBytes;
  if (header.content_bytes > rest || header.section_bytes > rest - header.content_bytes) throw cut_short();
  if (header.content_bytes + header.section_bytes < rest) throw InputError(path, "has bytes after its end", kIndexRemedy);
  const bool aligned = header.content_bytes % kSectionUnit == 0 && header.section_bytes % kSectionUnit == 0;
  if (!aligned || header.zero != 0 || header.zeros[0] != 0 || header.zeros[1] != 0)
    throw InputError(path, "was altered: its header contradicts itself", kIndexRemedy);
  return header;
}

/// `count` bytes from `start` on, proven to be what was written.
std::string_view whole_piece(const MappedFile& file, uint64_t start, uint64_t count, uint64_t expected, const Path& path) {
  const std::string_view piece = file.bytes().substr(start, count);
  if (checksum(piece) != expected) throw InputError(path, "was altered: its checksum is wrong", kIndexRemedy);
  return piece;
}

}  // namespace

bool is_reference_file(const Path& path) {
  std::ifstream in(path, std::ios::binary);
  std::array<char, kMagic.size()> start{};
  in.read(start.data(), start.size());
  return in.gcount() == static_cast<std::streamsize>(start.size()) && std::string_view(start.data(), start.size()) == kMagic;
}

void save_reference(const Path& path, const ReferenceData& reference) {
  ByteWriter writer;
  writer.text(reference.name);
  writer.value<uint64_t>(reference.care.size());
  for (const std::string& line : reference.care) writer.text(line);
  write_shape(reference.shape, writer);
  write_poses(reference.poses, writer);
  write_thumbnails(reference.thumbnails, writer);
  const std::string section = reference.encoded ? write_views(*reference.encoded, writer) : "";
  writer.pad(kSectionUnit);
  const std::string content = writer.take();

  Header header;
  header.content_checksum = checksum(content), header.content_bytes = content.size();
  header.section_checksum = checksum(section), header.section_bytes = section.size();
  ByteWriter start;
  start.value(header);
  write_file_atomic(path, std::string(kMagic) + start.take() + content + section);
}

ReferenceData load_reference(const Path& path) {
  const auto file = std::make_shared<const MappedFile>(path, kMaxFileBytes);
  const Header header = read_header(file->bytes(), path);
  const std::string_view content = whole_piece(*file, kHeaderBytes, header.content_bytes, header.content_checksum, path);
  const std::string_view section =
      whole_piece(*file, kHeaderBytes + header.content_bytes, header.section_bytes, header.section_checksum, path);

  ByteReader in(content, path);
  std::string name = in.text();
  std::vector<std::string> care;
  for (auto lines = in.value<uint64_t>(); lines > 0; --lines) care.push_back(in.text());
  Shape shape = read_shape(in);
  PoseIndex poses = read_poses(in);
  std::vector<cv::Mat> thumbnails = read_thumbnails(in);
  std::shared_ptr<const StoredViews> encoded;
  if (!section.empty()) encoded = std::make_shared<const StoredViews>(read_views(in, section, file, path));
  in.require_end(kSectionUnit);
  ReferenceData reference = prepare_reference(std::move(name), std::move(shape), std::move(care), std::move(poses), std::move(thumbnails));
  reference.encoded = std::move(encoded);
  return reference;
}

}  // namespace looking3d
