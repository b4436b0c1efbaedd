#include "render/photo_stock.h"

#include "base/error.h"

namespace looking3d {

void PhotoStyle::visit(OptionVisitor& v) {
  v.field("light", light, "studio, hdr (photographed surroundings) or mixed");
  v.field("background", background, "white, hdr (on a random floor inside a photographed surrounding, which lights the piece) or mixed");
  v.field("hdr", hdr, "folder of latitude-longitude maps (*.exr, *.hdr); those of Debian's blender-data when not given");
  v.field("materials", materials, "folder of texture sets, each sub-folder one material");
  v.field("material-share", material_share, "share of materials from texture sets, where there is one of the family");
}

void PhotoStyle::check() const {
  if (light != "studio" && light != "hdr" && light != "mixed") throw InputError("--light", "'" + light + "' is not studio, hdr or mixed");
  if (background != "white" && background != "hdr" && background != "mixed")
    throw InputError("--background", "'" + background + "' is not white, hdr or mixed");
  if (!(material_share >= 0 && material_share <= 1)) throw InputError("--material-share", "is not between 0 and 1");
  if (!hdr.empty() && light == "studio" && background == "white")
    throw InputError("--hdr", "names maps that nothing uses", "add --light hdr, --light mixed or --background hdr");
}

PhotoStock::PhotoStock(PhotoStyle wanted) : style(std::move(wanted)) {
  style.check();
  if (style.light != "studio" || style.background != "white") maps = load_hdr_maps(style.hdr);
  if (!style.materials.empty()) textures = load_texture_sets(style.materials);
}

}  // namespace looking3d
