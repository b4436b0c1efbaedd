#include "geometry/mesh_io.h"

#include <assimp/DefaultIOSystem.h>
#include <assimp/config.h>
#include <assimp/postprocess.h>
#include <assimp/scene.h>

#include <algorithm>
#include <assimp/Importer.hpp>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <set>
#include <string_view>

#include "base/child_process.h"
#include "base/error.h"
#include "geometry/ply_io.h"
#include "geometry/step_io.h"
#include "geometry/zip_guard.h"

namespace looking3d {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;
constexpr uint64_t kMaxUnpackedBytes = uint64_t{1} << 29;
constexpr uint64_t kMemoryPerByte = 60;  ///< of a file while it is read: a binary or packed byte grows most
constexpr uint64_t kMaxTriangles = 20'000'000;
constexpr unsigned kMaxCorners = 2000;  ///< of a polygon; cutting it into triangles takes the square of that, and worse

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
    if (face.mNumIndices == 3) mesh.triangles.emplace_back(face.mIndices[0], face.mIndices[1], face.mIndices[2]);
  }
  return mesh;
}

/// One NamedMesh for each node that carries meshes (an OBJ's object or group, a glTF node), in depth-first order.
void collect(const aiScene& scene, const aiNode& node, const Eigen::Affine3d& world_from_parent, const Path& path, int depth,
             std::vector<NamedMesh>& out) {
  if (depth > 200) throw InputError(path, "nests nodes deeper than 200 levels");
  const Eigen::Affine3d world_from_node = world_from_parent * to_eigen(node.mTransformation);
  TriangleMesh mesh;
  for (unsigned i = 0; i < node.mNumMeshes; ++i) append(mesh, to_mesh(*scene.mMeshes[node.mMeshes[i]], path));
  if (!mesh.empty()) {
    if (!world_from_node.isApprox(Eigen::Affine3d::Identity(), 0)) mesh = transformed(mesh, world_from_node);
    mend(mesh);
    if (!mesh.empty()) out.push_back({node.mName.C_Str(), std::move(mesh)});
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

/// Parses and triangulates within the limits; the scene belongs to the importer.
const aiScene& import_scene(Assimp::Importer& importer, const Path& path) {
  importer.SetIOHandler(new FolderFence(path));
  importer.SetPropertyInteger(AI_CONFIG_PP_SBP_REMOVE, aiPrimitiveType_POINT | aiPrimitiveType_LINE);
  importer.SetPropertyInteger(AI_CONFIG_PP_RVC_FLAGS, aiComponent_NORMALS | aiComponent_TANGENTS_AND_BITANGENTS | aiComponent_COLORS |
                                                          aiComponent_TEXCOORDS | aiComponent_BONEWEIGHTS | aiComponent_ANIMATIONS |
                                                          aiComponent_TEXTURES | aiComponent_LIGHTS | aiComponent_CAMERAS |
                                                          aiComponent_MATERIALS);
  const aiScene* scene = importer.ReadFile(path.string(), 0);
  const auto fail_unless_read = [&] {
    if (scene != nullptr && scene->mRootNode != nullptr) return;
    std::string reason = importer.GetErrorString();
    reason = reason.substr(0, reason.find('\n'));
    throw InputError(path, "cannot be read as a mesh: " + reason, "is the file whole, and does its name end as its format does?");
  };
  fail_unless_read();
  uint64_t triangles = 0;
  for (unsigned i = 0; i < scene->mNumMeshes; ++i)
    for (unsigned k = 0; k < scene->mMeshes[i]->mNumFaces; ++k) {
      const unsigned corners = scene->mMeshes[i]->mFaces[k].mNumIndices;
      if (corners > kMaxCorners)
        throw InputError(path, "has a polygon of more than " + std::to_string(kMaxCorners) + " corners", "export it in triangles");
      if (corners > 2) triangles += corners - 2;
    }
  if (triangles > kMaxTriangles) throw InputError(path, "has more than 20 million triangles", "simplify the mesh first");
  scene = importer.ApplyPostProcessing(aiProcess_Triangulate | aiProcess_SortByPType | aiProcess_RemoveComponent);
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

std::vector<NamedMesh> parse(const Path& path, const std::string& extension, const std::string& bytes) {
  if (extension == ".step" || extension == ".stp") return read_step_file(path);
  std::vector<NamedMesh> meshes;
  if (extension == ".ply") {
    meshes.push_back({"", parse_ply(path, bytes, kMaxCorners)});
    mend(meshes[0].mesh);
    if (meshes[0].mesh.empty()) meshes.clear();
  } else {
    Assimp::Importer importer;
    const aiScene& scene = import_scene(importer, path);
    collect(scene, *scene.mRootNode, Eigen::Affine3d::Identity(), path, 0, meshes);
  }
  if (meshes.empty()) throw InputError(path, "holds no triangles", "an object surface is needed, not points or lines");
  return meshes;
}

/// What a glTF may load from beside it.
uint64_t buffer_bytes(const Path& path, const std::string& extension) {
  uint64_t sum = 0;
  if (extension != ".gltf") return sum;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::absolute(path).parent_path()))
    if (entry.path().extension() == ".bin" && entry.is_regular_file()) sum += std::min<uint64_t>(entry.file_size(), kMaxFileBytes);
  return std::min(sum, kMaxFileBytes);
}

template <class T>
void put(std::string& bytes, const T* items, size_t count) {
  const uint64_t size = count;
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  bytes.append(reinterpret_cast<const char*>(items), count * sizeof(T));
}

template <class Items>
void take(const std::string& bytes, size_t& at, Items& items) {
  uint64_t size = 0;
  std::memcpy(&size, bytes.data() + at, sizeof size);
  items.resize(size);
  std::memcpy(static_cast<void*>(items.data()), bytes.data() + at + sizeof size, size * sizeof(items[0]));
  at += sizeof size + size * sizeof(items[0]);
}

/// What the child process answers: the meshes, or after "!" the message of an InputError.
std::string answer(const Path& path, const std::string& extension, const std::string& file) {
  try {
    std::string bytes = "=";
    for (const NamedMesh& named : parse(path, extension, file)) {
      put(bytes, named.name.data(), named.name.size());
      put(bytes, named.mesh.vertices.data(), named.mesh.vertices.size());
      put(bytes, named.mesh.triangles.data(), named.mesh.triangles.size());
    }
    return bytes;
  } catch (const InputError& error) {
    return std::string("!") + error.what();
  } catch (const std::bad_alloc&) {
    std::string message = "!";
    return message.append(path.string()).append(": announces more than fits into memory (is the file whole?)");
  }
}

}  // namespace

std::vector<NamedMesh> read_mesh_file(const Path& path) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  if (!is_mesh_file(path)) throw InputError(path, "is not a mesh file by its name", kMeshFormats);
  const std::string extension = extension_of(path);
  if (extension == ".3mf") require_small_zip(path, bytes, kMaxUnpackedBytes);
  if (extension == ".obj") refuse_obj_nan(path, bytes);

  // Assimp and OpenCASCADE crash on some damaged files, or never end: a child process bears that.
  const uint64_t size = bytes.size() + buffer_bytes(path, extension);
  const ChildLimits limits{(uint64_t{1} << 29) + kMemoryPerByte * size, 3 + static_cast<int>(size >> 20)};
  const auto reply = in_child_process(limits, [&] { return answer(path, extension, bytes); });
  if (!reply)
    throw InputError(path, "is damaged or too complex: its reader crashed, or ran out of memory or time", "export the mesh again");
  const std::string where = path.string() + ": ";
  if (reply->front() == '!')
    throw InputError(path, reply->substr(1).starts_with(where) ? reply->substr(1 + where.size()) : reply->substr(1));
  std::vector<NamedMesh> meshes;
  for (size_t at = 1; at < reply->size();) {
    NamedMesh& named = meshes.emplace_back();
    take(*reply, at, named.name);
    take(*reply, at, named.mesh.vertices);
    take(*reply, at, named.mesh.triangles);
  }
  return meshes;
}

void write_obj(const Path& path, const std::vector<NamedMesh>& meshes) {
  std::string text = "# looking3d\n";
  char line[128];
  int offset = 1;
  for (const NamedMesh& entry : meshes) {
    text += "o " + entry.name + "\n";
    for (const Eigen::Vector3f& v : entry.mesh.vertices) {
      std::snprintf(line, sizeof line, "v %.9g %.9g %.9g\n", v.x(), v.y(), v.z());
      text += line;
    }
    for (const Eigen::Vector3i& t : entry.mesh.triangles) {
      std::snprintf(line, sizeof line, "f %d %d %d\n", t[0] + offset, t[1] + offset, t[2] + offset);
      text += line;
    }
    offset += static_cast<int>(entry.mesh.vertices.size());
  }
  write_file_atomic(path, text);
}

}  // namespace looking3d
