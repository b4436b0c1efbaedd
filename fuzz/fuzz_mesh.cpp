// Mesh files, through everything that cares for a foreign mesh.
#include "geometry/mesh_io.h"
#include "geometry/ply_io.h"
#include "shapes/shape.h"
#include "target.h"

using namespace looking3d;

namespace {

constexpr const char* kSolid =
    "o seat\nv -1 0 -1\nv 1 0 -1\nv 1 0 1\nv -1 0 1\nv 0 1 0\nf 1 2 3 4\nf 1 5 2\nf 2 5 3\nf 3 5 4\nf 4 5 1\no foot\nv 0 -1 0\nv 1 -1 0\n"
    "v 0 -1 1\nf 6 7 8\nf 8 7 6\n";

/// What a file of such bytes would be called.
const char* extension_of(std::string_view bytes) {
  if (bytes.starts_with("ply")) return ".ply";
  if (bytes.starts_with("glTF")) return ".glb";
  if (bytes.starts_with("solid")) return ".stl";
  if (bytes.starts_with("OFF")) return ".off";
  return ".obj";
}

/// A binary glTF of one triangle.
std::string triangle_glb() {
  std::string json =
      R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],)"
      R"("accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],)"
      R"("bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36}]})";
  json.resize((json.size() + 3) / 4 * 4, ' ');
  const float corners[9] = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  const auto number = [](uint32_t value) { return std::string(reinterpret_cast<const char*>(&value), 4); };
  const std::string data(reinterpret_cast<const char*>(corners), sizeof corners);
  return "glTF" + number(2) + number(static_cast<uint32_t>(28 + json.size() + data.size())) + number(static_cast<uint32_t>(json.size())) +
         "JSON" + json + number(static_cast<uint32_t>(data.size())) + std::string("BIN\0", 4) + data;
}

}  // namespace

std::vector<std::string> looking3d::fuzz_seeds() {
  return {kSolid,
          "ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\nelement face 4\n"
          "property list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n3 0 2 1\n3 0 1 3\n3 1 2 3\n3 0 3 2\n",
          "solid s\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid s\n",
          "OFF\n4 4 6\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n3 0 2 1\n3 0 1 3\n3 1 2 3\n3 0 3 2\n", triangle_glb()};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = text_of(data, size);
  const Path file = scratch() / (std::string("mesh") + extension_of(bytes));
  write_file_atomic(file, bytes);
  return read_or_refuse([&] { load_shape(file); });
}
