// Index files, behind their checksums: they find accidents, and who means harm makes them right. What is read is compared with a photo.
#include <algorithm>
#include <cstring>

#include "base/checksum.h"
#include "engine/detector.h"
#include "engine/encoded_views.h"
#include "target.h"

using namespace looking3d;

namespace {

constexpr size_t kHeaderBytes = 64, kUnit = 64;
// Places in the header: of the content, and of the section behind it, checksum and length.
constexpr size_t kContentAt = 16, kSectionAt = 32;

void put(std::string& bytes, size_t at, uint64_t value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// The file with checksums and lengths of what follows its header: as much content as it says, as far as there is any.
std::string with_right_header(std::string bytes) {
  if (bytes.size() < kHeaderBytes) return bytes;
  bytes.resize((bytes.size() + kUnit - 1) / kUnit * kUnit);
  uint64_t content = 0;
  std::memcpy(&content, bytes.data() + kContentAt + 8, sizeof content);
  const uint64_t rest = bytes.size() - kHeaderBytes;
  content = std::min(content / kUnit * kUnit, rest);
  const std::string_view all = bytes;
  const uint64_t of_content = checksum(all.substr(kHeaderBytes, content)), of_section = checksum(all.substr(kHeaderBytes + content));
  put(bytes, kContentAt, of_content), put(bytes, kContentAt + 8, content);
  put(bytes, kSectionAt, of_section), put(bytes, kSectionAt + 8, rest - content);
  return bytes;
}

const Detector& detector() {
  static const std::unique_ptr<Detector> tiny = [] {
    torch::manual_seed(1);
    CmtOptions options = CmtOptions::looking3d();
    options.width = options.channels = options.match_channels = options.match_hidden = 4;
    options.blocks = 1, options.heads = 2, options.top_k = 3;
    const Path file = scratch() / "tiny.safetensors";
    write_tensors(file, state_of(*Cmt(options)),
                  {{"format", "looking3d-weights-1"}, {"method", "cmt"}, {"size", "32"}, {"network", to_json(options)}});
    return Detector::open(file);
  }();
  return *tiny;
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
  ReferenceData reference = prepare_reference("solid", shape, {"mended"}, poses, {cv::Mat(4, 4, CV_8U, cv::Scalar(7))});
  const Path plain = scratch() / "plain.l3d", encoded = scratch() / "encoded.l3d";
  save_reference(plain, reference);
  reference.encoded = detector().encode(reference);
  save_reference(encoded, reference);
  return {read_file(plain), read_file(encoded)};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Path file = scratch() / "index.l3d";
  write_file_atomic(file, with_right_header(std::string(text_of(data, size))));
  return read_or_refuse([&] {
    const ReferenceData reference = load_reference(file);
    if (!reference.encoded) return;
    PreparedPhoto photo;
    photo.bgr = cv::Mat(32, 32, CV_8UC3, cv::Scalar(90, 120, 150));
    photo.mask = cv::Mat(32, 32, CV_8U, cv::Scalar(255));
    detector().detect(reference, photo);
  });
}
