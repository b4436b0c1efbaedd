// Index files, behind their checksum: it finds accidents, and who means harm makes it right.
#include "engine/reference_data.h"
#include "target.h"

using namespace looking3d;

namespace {

constexpr size_t kMagicBytes = 8, kHeaderBytes = kMagicBytes + 4 + 8 + 8;  // magic, version, checksum, length

/// The file with checksum and length of what follows its header.
std::string with_right_header(std::string bytes) {
  if (bytes.size() < kHeaderBytes) return bytes;
  uint64_t hash = 0xcbf29ce484222325ull;  // FNV-1a
  for (size_t i = kHeaderBytes; i < bytes.size(); ++i) hash = (hash ^ static_cast<unsigned char>(bytes[i])) * 0x100000001b3ull;
  const uint64_t length = bytes.size() - kHeaderBytes;
  bytes.replace(kMagicBytes + 4, 8, reinterpret_cast<const char*>(&hash), 8);
  bytes.replace(kMagicBytes + 12, 8, reinterpret_cast<const char*>(&length), 8);
  return bytes;
}

}  // namespace

std::vector<std::string> looking3d::fuzz_seeds() {
  Part part{"solid", "part", "solid", {}};
  part.mesh.vertices = {{0.9f, 0, 0}, {-0.4f, 0.6f, 0}, {-0.4f, -0.6f, 0}, {0, 0, 0.9f}};
  part.mesh.triangles = {{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {2, 0, 3}};
  const OrbitView view{.azimuth_rad = 0.3, .elevation_rad = 0.4, .distance = 4};
  const Shape shape{"solid", "file", {part}};
  const Scene scene(shape);
  const cv::Mat silhouette = render_silhouette(scene, orbit_camera(view, 16));
  const PoseIndex poses({{view, frame_of(silhouette), normalised(silhouette, 16)}}, 16);
  const Path file = scratch() / "seed.l3d";
  save_reference(file, prepare_reference("solid", shape, {"mended"}, poses));
  return {read_file(file)};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Path file = scratch() / "index.l3d";
  write_file_atomic(file, with_right_header(std::string(text_of(data, size))));
  return read_or_refuse([&] { load_reference(file); });
}
