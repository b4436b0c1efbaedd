#include "geometry/mesh_io.h"

#include <assimp/DefaultIOSystem.h>
#include <assimp/config.h>
#include <assimp/postprocess.h>
#include <assimp/scene.h>

#include <algorithm>
#include <assimp/Importer.hpp>
#include <cmath>
#include <cstdio>
#include <set>
#include <string_view>

#include "base/child_process.h"
#include "base/error.h"
#include "geometry/mesh_packing.h"
#include "geometry/obj_io.h"
#include "geometry/ply_io.h"
#include "geometry/step_io.h"
#include "geometry/zip_guard.h"

namespace looking3d {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;
constexpr uint64_t kMaxUnpackedBytes = uint64_t{1} << 29;
constexpr uint64_t kMemoryPerByte = 60;  ///< of a file while it is read: a binary or packed byte grows most
constexpr uint64_t kMaxTriangles = 20'000'000;
constexpr int kMaxDepth = 200;          ///< of nodes in nodes
constexpr unsigned kMaxCorners = 2000;  ///< of a polygon; cutting it into triangles takes the square of that, and worse
constexpr const char* kWhole = "is the file whole?";
constexpr const char* kTooMany = "has more than 20 million triangles";

/// Lets a mesh file refer to small plain files beside and below it (buffers of a glTF), and to nothing else.
class FolderFence : public Assimp::DefaultIOSystem {
 public:
  explicit FolderFence(const Path& mesh) : folder_(std::filesystem::weakly_canonical(mesh).parent_path()) {}
  bool Exists(const char* file) const override { return inside(file); }
  Assimp::IOStream* Open(const char* file, const char* mode) override {
    return inside(file) ? Assimp::DefaultIOSystem::Open(file, mode) : nullptr;
  }

 private:
  bool inside(const char* file) const {
    std::error_code failed;
    const Path real = std::filesystem::weakly_canonical(file, failed);
    if (failed || !std::filesystem::is_regular_file(real, failed) || std::filesystem::file_size(real, failed) > kMaxFileBytes) return false;
    return std::mismatch(folder_.begin(), folder_.end(), real.begin(), real.end()).first == folder_.end();
  }
  Path folder_;
};

Eigen::Affine3d to_eigen(const aiMatrix4x4& m) {
  Eigen::Affine3d result;
  result.matrix() << m.a1, m.a2, m.a3, m.a4, m.b1, m.b2, m.b3, m.b4, m.c1, m.c2, m.c3, m.c4, m.d1, m.d2, m.d3, m.d4;
  return result;
}

TriangleMesh to_mesh(const aiMesh& source, const Path& path) {
  TriangleMesh mesh;
  mesh.vertices.reserve(source.mNumVertices);
  for (unsigned i = 0; i < source.mNumVertices; ++i) {
    const aiVector3D& v = source.mVertices[i];
    if (!std::isfinite(v.x) || !std::isfinite(v.y) || !std::isfinite(v.z)) {
      throw InputError(path, "has a vertex with a NaN or infinite coordinate", "export the mesh again, or repair it");
    }
    mesh.vertices.emplace_back(v.x, v.y, v.z);
  }
  for (unsigned i = 0; i < source.mNumFaces; ++i) {
    const aiFace& face = source.mFaces[i];
    if (face.mNumIndices != 3) continue;
    for (unsigned k = 0; k < 3; ++k)
      if (face.mIndices[k] >= source.mNumVertices) throw InputError(path, "has a face with a corner that is no vertex", kWhole);
    mesh.triangles.emplace_back(face.mIndices[0], face.mIndices[1], face.mIndices[2]);
  }
  return mesh;
}

/// One NamedMesh for each node that carries meshes (an OBJ's object or group, a glTF node), in depth-first order.
void collect(const aiScene& scene, const aiNode& node, const Eigen::Affine3d& world_from_parent, const Path& path, int depth,
             std::vector<NamedMesh>& out) {
  if (depth > kMaxDepth) throw InputError(path, "nests nodes deeper than 200 levels");
  const Eigen::Affine3d world_from_node = world_from_parent * to_eigen(node.mTransformation);
  TriangleMesh mesh;
  for (unsigned i = 0; i < node.mNumMeshes; ++i) append(mesh, to_mesh(*scene.mMeshes[node.mMeshes[i]], path));
  if (!mesh.empty()) {
    if (!world_from_node.isApprox(Eigen::Affine3d::Identity(), 0)) mesh = transformed(mesh, world_from_node);
    out.push_back({node.mName.C_Str(), std::move(mesh)});
  }
  for (unsigned i = 0; i < node.mNumChildren; ++i) collect(scene, *node.mChildren[i], world_from_node, path, depth + 1, out);
}

/// Assimp drops unreadable numbers of an OBJ silently, so they are looked for before it reads the file.
void refuse_obj_nan(const Path& path, const std::string& bytes) {
  for (size_t start = 0; start < bytes.size();) {
    const size_t end = std::min(bytes.find('\n', start), bytes.size());
    const std::string_view line(bytes.data() + start, end - start);
    const auto has = [&](const char* word) {
      const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
      return std::search(line.begin(), line.end(), word, word + 3, same) != line.end();
    };
    if (line.starts_with("v ") && (has("nan") || has("inf"))) {
      throw InputError(path, "has a vertex with a NaN or infinite coordinate", "export the mesh again, or repair it");
    }
    start = end + 1;
  }
}

/// The extension in small letters, with its dot.
std::string extension_of(const Path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

/// The triangles that a node and all below it place; throws where these are too many.
uint64_t placed_triangles(const aiNode& node, const std::vector<uint64_t>& triangles_of_mesh, const Path& path, int depth) {
  if (depth > kMaxDepth) throw InputError(path, "nests nodes deeper than 200 levels");
  uint64_t sum = 0;
  const auto add = [&](uint64_t count) {
    if ((sum += count) > kMaxTriangles) throw InputError(path, kTooMany, "simplify the mesh first, or place it fewer times");
  };
  for (unsigned i = 0; i < node.mNumMeshes; ++i) {
    if (node.mMeshes[i] >= triangles_of_mesh.size()) throw InputError(path, "has a node of a mesh that is not there", kWhole);
    add(triangles_of_mesh[node.mMeshes[i]]);
  }
  for (unsigned i = 0; i < node.mNumChildren; ++i) add(placed_triangles(*node.mChildren[i], triangles_of_mesh, path, depth + 1));
  return sum;
}

/// Of a scene whose polygons are not cut into triangles yet.
void require_limits(const aiScene& scene, const Path& path) {
  std::vector<uint64_t> triangles(scene.mNumMeshes, 0);
  uint64_t sum = 0;
  for (unsigned i = 0; i < scene.mNumMeshes; ++i) {
    for (unsigned k = 0; k < scene.mMeshes[i]->mNumFaces; ++k) {
      const unsigned corners = scene.mMeshes[i]->mFaces[k].mNumIndices;
      if (corners > kMaxCorners)
        throw InputError(path, "has a polygon of more than " + std::to_string(kMaxCorners) + " corners", "export it in triangles");
      if (corners > 2) triangles[i] += corners - 2;
    }
    if ((sum += triangles[i]) > kMaxTriangles) throw InputError(path, kTooMany, "simplify the mesh first");
  }
  placed_triangles(*scene.mRootNode, triangles, path, 0);
}

/// What Assimp throws, it throws at the file; only a want of memory is told apart.
template <class Work>
auto blaming_the_file(const Path& path, Work&& work) {
  try {
    return work();
  } catch (const InputError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw InputError(path, std::string("cannot be read as a mesh: ") + error.what(), kWhole);
  }
}

/// Parses and triangulates within the limits; the scene belongs to the importer.
const aiScene& import_scene(Assimp::Importer& importer, const Path& path) {
  importer.SetIOHandler(new FolderFence(path));
  importer.SetPropertyInteger(AI_CONFIG_PP_SBP_REMOVE, aiPrimitiveType_POINT | aiPrimitiveType_LINE);
  importer.SetPropertyInteger(AI_CONFIG_PP_RVC_FLAGS, aiComponent_NORMALS | aiComponent_TANGENTS_AND_BITANGENTS | aiComponent_COLORS |
                                                          aiComponent_TEXCOORDS | aiComponent_BONEWEIGHTS | aiComponent_ANIMATIONS |
                                                          aiComponent_TEXTURES | aiComponent_LIGHTS | aiComponent_CAMERAS |
                                                          aiComponent_MATERIALS);
  const aiScene* scene = blaming_the_file(path, [&] { return importer.ReadFile(path.string(), 0); });
  const auto fail_unless_read = [&] {
    if (scene != nullptr && scene->mRootNode != nullptr) return;
    std::string reason = importer.GetErrorString();
    if (reason.find("bad_alloc") != std::string::npos) throw std::bad_alloc();
    reason = reason.substr(0, reason.find('\n'));
    throw InputError(path, "cannot be read as a mesh: " + reason, "is the file whole, and does its name end as its format does?");
  };
  fail_unless_read();
  require_limits(*scene, path);
  scene = blaming_the_file(
      path, [&] { return importer.ApplyPostProcessing(aiProcess_Triangulate | aiProcess_SortByPType | aiProcess_RemoveComponent); });
  fail_unless_read();
  return *scene;
}

}  // namespace

bool is_mesh_file(const Path& path) {
  static const std::set<std::string> known{".obj", ".ply", ".stl", ".glb", ".gltf", ".3mf",
                                           ".off", ".dae", ".fbx", ".3ds", ".step", ".stp"};
  return known.contains(extension_of(path));
}

namespace {

/// The meshes mended, without those of which nothing is left.
std::vector<NamedMesh> cared_for(const Path& path, std::vector<NamedMesh> meshes) {
  for (NamedMesh& named : meshes) mend(named.mesh);
  std::erase_if(meshes, [](const NamedMesh& named) { return named.mesh.empty(); });
  if (meshes.empty()) throw InputError(path, "holds no triangles", "an object surface is needed, not points or lines");
  return meshes;
}

std::vector<NamedMesh> parse(const Path& path, const std::string& extension, const std::string& bytes) {
  if (extension == ".step" || extension == ".stp") return read_step_file(path, bytes);
  if (extension == ".ply") return cared_for(path, {{"", parse_ply(path, bytes, {kMaxCorners, kMaxTriangles})}});
  Assimp::Importer importer;
  const aiScene& scene = import_scene(importer, path);
  std::vector<NamedMesh> meshes;
  collect(scene, *scene.mRootNode, Eigen::Affine3d::Identity(), path, 0, meshes);
  return cared_for(path, std::move(meshes));
}

/// What a glTF may load from beside it.
uint64_t buffer_bytes(const Path& path, const std::string& extension) {
  uint64_t sum = 0;
  if (extension != ".gltf") return sum;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::absolute(path).parent_path()))
    if (entry.path().extension() == ".bin" && entry.is_regular_file()) sum += std::min<uint64_t>(entry.file_size(), kMaxFileBytes);
  return std::min(sum, kMaxFileBytes);
}

/// What the child process answers: the meshes, or after "!" the message of an InputError.
std::string answer(const Path& path, const std::string& extension, const std::string& file) {
  try {
    return std::string("=").append(packed(parse(path, extension, file)));
  } catch (const InputError& error) {
    return std::string("!") + error.what();
  }
}

/// Of a child that reads `size` bytes. The exact surfaces of STEP take far longer than triangles.
ChildLimits limits_for(const std::string& extension, uint64_t size) {
  const bool step = extension == ".step" || extension == ".stp";
  const int megabytes = static_cast<int>(size >> 20);
  return {(uint64_t{1} << 29) + kMemoryPerByte * size, step ? 60 + 20 * megabytes : 3 + megabytes};
}

[[noreturn]] void refuse(const Path& path, ChildDeath death) {
  switch (death) {
    case ChildDeath::kTime:
      throw InputError(path, "takes too long to read", "simplify it, or export it again");
    case ChildDeath::kMemory:
      throw InputError(path, "announces more than fits into memory", kWhole);
    case ChildDeath::kCrash:
      break;
  }
  throw InputError(path, "is damaged: its reader crashed", "export the mesh again");
}

}  // namespace

std::vector<NamedMesh> read_mesh_file(const Path& path) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  if (!is_mesh_file(path)) throw InputError(path, "is not a mesh file by its name", kMeshFormats);
  const std::string extension = extension_of(path);
  if (extension == ".3mf") require_small_zip(path, bytes, kMaxUnpackedBytes);
  if (extension == ".obj") {
    refuse_obj_nan(path, bytes);
    if (auto own = parse_own_obj(bytes, kMaxTriangles)) return cared_for(path, std::move(*own));
  }

  // Assimp and OpenCASCADE crash on some damaged files, or never end: a child process bears that.
  const ChildLimits limits = limits_for(extension, bytes.size() + buffer_bytes(path, extension));
  const auto reply = in_child_process(limits, [&] { return answer(path, extension, bytes); });
  if (!reply) refuse(path, reply.reason());
  const std::string where = path.string() + ": ";
  if (reply->starts_with('!'))
    throw InputError(path, reply->substr(1).starts_with(where) ? reply->substr(1 + where.size()) : reply->substr(1));
  auto meshes = reply->starts_with('=') ? unpacked(std::string_view(*reply).substr(1)) : std::nullopt;
  if (!meshes || meshes->empty()) refuse(path, ChildDeath::kCrash);
  return std::move(*meshes);
}

}  // namespace looking3d
