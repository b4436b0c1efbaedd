#pragma once
// Procedural materials (SVBRDFs) over five families. A material id is a design: colours, pattern and gloss are drawn from it.
#include <memory>
#include <string>

#include "geometry/mesh.h"
#include "render/bsdf.h"

namespace looking3d {

enum class MaterialFamily { kWood, kPlastic, kLeather, kFabric, kMetal };
inline constexpr int kMaterialFamilies = 5;

/// Family of a material id: ids run through the families in turn.
inline MaterialFamily family_of(uint32_t material_id) {
  return static_cast<MaterialFamily>(material_id % kMaterialFamilies);
}

/// Frame in which a part's texture lives: its axis runs along the member's longest direction (wood grain, brushing).
struct TextureFrame {
  Vector3f origin = Vector3f::Zero();
  Eigen::Matrix3f texture_from_object = Eigen::Matrix3f::Identity();  ///< row 0 along the grain
  /// `seed` shifts the pattern, so that two like parts are not cut from the same spot.
  static TextureFrame of(const TriangleMesh& mesh, uint64_t seed);
};

class Material {
 public:
  explicit Material(uint32_t id);
  ~Material();
  Material(Material&&) noexcept;

  /// Surface at a point (canonical units) with a unit normal, both in the object frame.
  SurfaceSample at(const Vector3f& x_in_object, const Vector3f& normal, const TextureFrame& frame) const;
  std::string name() const;

 private:
  struct Design;
  std::unique_ptr<Design> design_;
};

}  // namespace looking3d
