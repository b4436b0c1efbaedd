#pragma once
// Photographs of shapes: a path tracer over procedural materials or texture sets, lit by a studio or a photographed surrounding, on white
// with a soft contact shadow or on a floor inside that surrounding.
#include <optional>

#include "render/photo_stock.h"
#include "render/scene.h"

namespace looking3d {

struct PhotoOptions {
  int samples = 24;  ///< paths a pixel
  int max_bounces = 3;
  bool denoise = true;  ///< joint filter guided by depth, normals and albedo
  uint64_t seed = 0;    ///< identity of the noise
};

/// Which material each part wears and how the scene is lit: small, copyable, drawn from a seed, stored in annotations.
struct Appearance {
  std::vector<uint32_t> material_ids;  ///< for each *group* of parts; from kMaterialCount on texture sets of the stock
  std::vector<std::string> groups;     ///< group names, sorted
  uint32_t light_id = 0;               ///< below kLightCount a studio, else kLightCount + index of the stock's map
  double map_turn_rad = 0;             ///< of the map about the vertical
  std::optional<uint32_t> floor;       ///< floor id; none is white
  Json to_json(const PhotoStock& stock = PhotoStock()) const;
};
inline constexpr uint32_t kMaterialCount = 500;  ///< ids 0..499: procedural SVBRDFs over wood, plastic, leather, fabric, metal
inline constexpr uint32_t kLightCount = 12;

/// Draws plausible materials for each group of the shape (legs wood or metal, seat fabric/leather/wood/plastic, ...) and a light.
/// The draw depends on the *normal* shape's groups only, so that an anomalous shape wears the same.
/// What the stock adds (texture sets, maps, floors) is drawn apart: without it the same materials and light come out.
Appearance draw_appearance(const Shape& normal, uint64_t seed, const PhotoStock& stock = PhotoStock());
std::string material_name(uint32_t material_id);  ///< "wood 17: oiled oak"
std::string light_name(uint32_t light_id);

/// The finished picture, H x W, CV_8UC3 BGR, sRGB; without a floor the background is exactly white away from the shadow. `shape` must be
/// the one `scene` was made from. The ground plane lies at `ground_y` (pass the normal shape's lowest point, so that damage does not move
/// the floor).
cv::Mat render_photo(const Shape& shape, const Scene& scene, const Camera& camera, const Appearance& appearance, float ground_y,
                     const PhotoOptions& options, const PhotoStock& stock = PhotoStock());

}  // namespace looking3d
