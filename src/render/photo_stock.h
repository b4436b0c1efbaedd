#pragma once
// What a photographer has in stock beyond procedural materials and studio light: texture sets, photographed surroundings, floors.
#include "base/options.h"
#include "render/hdr_map.h"
#include "render/texture_set.h"

namespace looking3d {

/// The look of photos, as the user asks for it.
struct PhotoStyle {
  std::string light = "studio";      ///< studio, hdr or mixed
  std::string background = "white";  ///< white, hdr: a floor inside a surrounding, which then is the light; or mixed
  std::string hdr = {};              ///< folder of maps; Debian's blender-data when empty
  std::string materials = {};        ///< folder of texture sets; none when empty
  double material_share = 0.5;       ///< chance that a material comes from a texture set, where there is one of its family
  void visit(OptionVisitor& v);
  void check() const;
};

/// Loaded once, then read by all threads.
struct PhotoStock {
  /// Reads maps and texture sets that the style needs. Throws InputError.
  explicit PhotoStock(PhotoStyle wanted = {});

  PhotoStyle style;
  std::vector<HdrMap> maps;
  std::vector<TextureSet> textures;
};

}  // namespace looking3d
