#pragma once
// Procedural materials (SVBRDFs) over five families. A material id is a design: colours, pattern and gloss are drawn from it.
#include <array>
#include <string>
#include <utility>

#include "render/texture_frame.h"

namespace looking3d {

/// Texture axes on the plane that a normal (texture frame) faces most: the one nearer the part's length, and the other.
std::pair<int, int> box_axes(const Vector3f& normal);

enum class MaterialFamily { kWood, kPlastic, kLeather, kFabric, kMetal };
inline constexpr int kMaterialFamilies = 5;
inline constexpr std::array<const char*, kMaterialFamilies> kFamilyNames = {"wood", "plastic", "leather", "fabric", "metal"};

/// Family of a material id: ids run through the families in turn.
inline MaterialFamily family_of(uint32_t material_id) {
  return static_cast<MaterialFamily>(material_id % kMaterialFamilies);
}

/// What a design is drawn as; each family reads the fields that it needs (material_patterns.cpp).
struct MaterialDesign {
  std::string name;
  Vector3f colour = Vector3f::Zero(), second = Vector3f::Zero();  ///< linear; the pattern mixes the second in
  float roughness = 0.5f, metallic = 0, specular = 0.04f;
  float contrast = 0;    ///< of the pattern, 0..1
  float scale = 1;       ///< of the pattern, periods a canonical unit
  float bump = 0;        ///< typical slope of the relief
  float creases = 0;     ///< depth of the folds of leather, 0..1
  float anisotropy = 0;  ///< of brushed metal
  int pattern = 0;       ///< one of the family's kinds
};

class Material {
 public:
  explicit Material(uint32_t id);

  /// Surface at a point (canonical units) with a unit normal, both in the object frame. Without `fine` the bump is left out.
  SurfaceSample at(const Vector3f& x_in_object, const Vector3f& normal, const TextureFrame& frame, bool fine = true) const;
  std::string name() const;

 private:
  uint32_t id_;
  MaterialFamily family_;
  MaterialDesign design_;
};

// How each family looks at p, in texture coordinates (row 0 along the grain). Bump and normal are in the texture frame.
SurfaceSample wood_at(const MaterialDesign& design, const Vector3f& p, const Vector3f& normal, const TextureFrame& frame, bool fine);
SurfaceSample plastic_at(const MaterialDesign& design, const Vector3f& p, bool fine);
SurfaceSample leather_at(const MaterialDesign& design, const Vector3f& p, bool fine);
SurfaceSample fabric_at(const MaterialDesign& design, const Vector3f& p, const Vector3f& normal, bool fine);
SurfaceSample metal_at(const MaterialDesign& design, const Vector3f& p, bool fine);

enum WoodPattern { kPlainWood, kPlankedWood, kPaintedWood };
enum PlasticPattern { kGlossyPlastic, kSatinPlastic, kGrainedPlastic, kSpeckledPlastic, kPlasticPatterns };
enum LeatherPattern { kSmoothLeather, kPebbledLeather, kAnilineLeather, kSuede, kLeatherPatterns };
enum FabricPattern { kMelange, kPlainWeave, kTweed, kTwill, kCorduroy, kStripes, kCheck, kVelvet, kFabricPatterns };
enum MetalPattern { kPolished, kBrushed, kCoated, kHammered };

}  // namespace looking3d
