#pragma once
// Procedural floors: planks, parquet, tiles, carpet, concrete, terrazzo and plain ones. A floor id is a design.
#include <string>

#include "render/bsdf.h"

namespace looking3d {

enum class FloorKind { kPlanks, kParquet, kTiles, kCarpet, kConcrete, kTerrazzo, kPlain };
inline constexpr int kFloorKinds = 7;
inline constexpr uint32_t kFloorCount = 210;  ///< ids run through the kinds in turn

class Floor {
 public:
  explicit Floor(uint32_t id);
  /// Surface at a point of the floor, canonical units. Without `fine` the bump is left out.
  SurfaceSample at(const Vector2f& xz, bool fine) const;
  std::string name() const;

 private:
  SurfaceSample planks(const Vector2f& p) const;
  SurfaceSample parquet(const Vector2f& p) const;
  SurfaceSample tiles(const Vector2f& p) const;
  SurfaceSample carpet(const Vector2f& p, bool fine) const;
  SurfaceSample plain(const Vector2f& p) const;
  SurfaceSample board(const Vector2f& p, const Vector2f& size, int row, int column) const;

  uint32_t id_;
  FloorKind kind_;
  Vector3f colour_ = Vector3f::Zero(), second_ = Vector3f::Zero();                        ///< linear
  Vector2f turn_ = Vector2f(1, 0), offset_ = Vector2f::Zero(), unit_ = Vector2f::Ones();  ///< unit: of the pattern, canonical units
  float roughness_ = 0.5f, contrast_ = 0.3f, gap_ = 0.01f;
};

}  // namespace looking3d
