#include "render/look_sheet.h"

#include <algorithm>

#include "base/error.h"
#include "render/floors.h"
#include "render/photo_render.h"
#include "render/sheet.h"
#include "shapes/members.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

/// One picture of a sheet: who is seen, and how.
struct Cell {
  Appearance appearance;
  std::string caption;
};

/// A slab like a seat on a short post.
Shape sample_block() {
  Shape shape;
  shape.parts.push_back(
      {"seat", "part", "block", moved(rounded_box({1.25, 0.4, 0.95}, {.radius = 0.1, .round_segments = 6}), {0, 0.25, 0})});
  shape.parts.push_back({"post", "part", "block", moved(rounded_box({0.2, 0.7, 0.2}, {.radius = 0.04}), {0.4, -0.25, 0.25})});
  return shape;
}

Appearance all_of(const Shape& shape, uint32_t material) {
  Appearance appearance = draw_appearance(shape, 1);
  std::fill(appearance.material_ids.begin(), appearance.material_ids.end(), material);
  appearance.light_id = 0;
  return appearance;
}

std::vector<Cell> material_cells(const Shape& shape, MaterialFamily family) {
  std::vector<Cell> cells;
  for (uint32_t id = 0; id < kMaterialCount; ++id)
    if (family_of(id) == family) cells.push_back({all_of(shape, id), material_name(id)});
  return cells;
}

std::vector<Cell> texture_cells(const Shape& shape, const PhotoStock& stock) {
  if (stock.textures.empty()) throw InputError("--sheet", "'textures' needs texture sets", "add --materials FOLDER");
  std::vector<Cell> cells;
  for (uint32_t i = 0; i < stock.textures.size(); ++i) cells.push_back({all_of(shape, kMaterialCount + i), stock.textures[i].name()});
  return cells;
}

std::vector<Cell> light_cells(const Shape& shape, const PhotoStock& stock) {
  std::vector<Cell> cells;
  for (uint32_t id = 0; id < kLightCount + stock.maps.size(); ++id) {
    Appearance appearance = draw_appearance(shape, 9);
    appearance.light_id = id;
    cells.push_back({appearance, id < kLightCount ? light_name(id) : stock.maps[id - kLightCount].name()});
  }
  return cells;
}

std::vector<Cell> floor_cells(const Shape& shape, const PhotoStock& stock) {
  if (stock.maps.empty()) throw InputError("--sheet", "'floors' needs surroundings", "add --background hdr");
  std::vector<Cell> cells;
  for (uint32_t floor = 0; floor < 5 * kFloorKinds; ++floor) {
    Appearance appearance = draw_appearance(shape, 3 + floor, stock);
    appearance.light_id = kLightCount + floor % static_cast<uint32_t>(stock.maps.size());
    appearance.floor = floor;
    cells.push_back({appearance, Floor(floor).name() + ", " + stock.maps[appearance.light_id - kLightCount].name()});
  }
  return cells;
}

}  // namespace

cv::Mat look_sheet(const std::string& what, const PhotoStock& stock, const LookSheetOptions& options) {
  const auto family = std::find(kFamilyNames.begin(), kFamilyNames.end(), what);
  const bool materials = family != kFamilyNames.end() || what == "textures";
  const Shape shape = materials ? sample_block() : make_shape({11, 5, ""});
  std::vector<Cell> cells;
  if (family != kFamilyNames.end())
    cells = material_cells(shape, static_cast<MaterialFamily>(family - kFamilyNames.begin()));
  else if (what == "textures")
    cells = texture_cells(shape, stock);
  else if (what == "lights")
    cells = light_cells(shape, stock);
  else if (what == "floors")
    cells = floor_cells(shape, stock);
  else
    throw InputError("--sheet", "'" + what + "' is no sheet", "wood, plastic, leather, fabric, metal, textures, lights or floors");

  const Scene scene(shape);
  const Camera camera = orbit_camera({.azimuth_rad = 0.5, .elevation_rad = 0.5, .distance = materials ? 2.3 : 3.1}, options.cell_px);
  const int columns = std::min(static_cast<int>(cells.size()), materials ? 10 : kFloorKinds);
  const SheetLayout layout{columns, (static_cast<int>(cells.size()) + columns - 1) / columns, options.cell_px};
  return sheet_of(cells.size(), layout, [&](size_t i, cv::Mat target) {
    const PhotoOptions photo{.samples = options.samples, .seed = i};
    render_photo(shape, scene, camera, cells[i].appearance, scene.bounds().min().y(), photo, stock)
        .copyTo(target(cv::Rect(0, 0, options.cell_px, options.cell_px)));
    draw_caption(target, cells[i].caption);
  });
}

}  // namespace looking3d
