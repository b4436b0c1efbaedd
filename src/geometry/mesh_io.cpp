#include "geometry/mesh_io.h"

#include <algorithm>
#include <assimp/Importer.hpp>
#include <assimp/config.h>
#include <assimp/postprocess.h>
#include <assimp/scene.h>
#include <cmath>
#include <cstdio>
#include <set>

#include "base/error.h"

namespace looking3d {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 31;
constexpr uint64_t kMaxTriangles = 20'000'000;

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

/// Assimp drops unreadable numbers silently in some formats, so NaN is looked for in text files before it reads them.
void refuse_text_nan(const Path& path, const std::string& bytes) {
  if (path.extension() != ".obj") return;
  size_t line_start = 0;
  while (line_start < bytes.size()) {
    const size_t line_end = std::min(bytes.find('\n', line_start), bytes.size());
    if (bytes.compare(line_start, 2, "v ") == 0) {
      std::string line = bytes.substr(line_start, line_end - line_start);
      std::transform(line.begin(), line.end(), line.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (line.find("nan") != std::string::npos || line.find("inf") != std::string::npos) {
        throw InputError(path, "has a vertex with a NaN or infinite coordinate", "export the mesh again, or repair it");
      }
    }
    line_start = line_end + 1;
  }
}

}  // namespace

bool is_mesh_file(const Path& path) {
  static const std::set<std::string> known{".obj", ".ply", ".stl", ".glb", ".gltf", ".3mf", ".off", ".dae", ".fbx", ".3ds"};
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return known.contains(extension);
}

std::vector<NamedMesh> read_mesh_file(const Path& path) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  if (!is_mesh_file(path)) throw InputError(path, "is not a mesh file by its name", "OBJ, PLY, STL, GLB, glTF, 3MF and OFF are read");
  refuse_text_nan(path, bytes);
  Assimp::Importer importer;
  importer.SetPropertyInteger(AI_CONFIG_PP_SBP_REMOVE, aiPrimitiveType_POINT | aiPrimitiveType_LINE);
  importer.SetPropertyInteger(AI_CONFIG_PP_RVC_FLAGS,
                              aiComponent_NORMALS | aiComponent_TANGENTS_AND_BITANGENTS | aiComponent_COLORS | aiComponent_TEXCOORDS |
                                  aiComponent_BONEWEIGHTS | aiComponent_ANIMATIONS | aiComponent_TEXTURES | aiComponent_LIGHTS |
                                  aiComponent_CAMERAS | aiComponent_MATERIALS);
  const aiScene* scene = importer.ReadFile(path.string(), aiProcess_Triangulate | aiProcess_SortByPType | aiProcess_RemoveComponent);
  if (scene == nullptr || scene->mRootNode == nullptr) {
    std::string reason = importer.GetErrorString();
    reason = reason.substr(0, reason.find('\n'));
    throw InputError(path, "cannot be read as a mesh: " + reason, "is the file whole, and does its name end as its format does?");
  }
  uint64_t triangles = 0;
  for (unsigned i = 0; i < scene->mNumMeshes; ++i) triangles += scene->mMeshes[i]->mNumFaces;
  if (triangles > kMaxTriangles) throw InputError(path, "has more than 20 million triangles", "simplify the mesh first");
  std::vector<NamedMesh> meshes;
  collect(*scene, *scene->mRootNode, Eigen::Affine3d::Identity(), path, 0, meshes);
  if (meshes.empty()) throw InputError(path, "holds no triangles", "an object surface is needed, not points or lines");
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
