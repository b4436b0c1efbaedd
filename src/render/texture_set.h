#pragma once
// Materials from folders of pictures, in the namings of ambientCG ("Wood051_2K_Color.jpg") and Poly Haven ("wood_diff_1k.png").
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "render/materials.h"

namespace looking3d {

/// One folder: a picture of the colour (albedo, base colour, diffuse, color) and, where given, roughness or gloss, metalness, normal
/// (OpenGL or DirectX), ambient occlusion, or a packed "arm" picture (occlusion, roughness, metalness). The family comes from a word of
/// the folder's name, or from material.json: {"family": "wood", "size": 0.9, "grain": "x"}; size is the picture's width in canonical
/// units, grain the picture's axis that is laid along a part (told from a wooden picture itself where not given).
class TextureSet {
 public:
  /// Throws InputError: no or unreadable pictures, unknown family, malformed material.json.
  static TextureSet load(const Path& folder);

  const std::string& name() const { return name_; }
  MaterialFamily family() const { return family_; }
  /// As Material::at: mapped onto the plane that the normal faces most, along the part.
  SurfaceSample at(const Vector3f& x_in_object, const Vector3f& normal, const TextureFrame& frame, bool fine = true) const;

 private:
  void read_description(const Path& folder);
  void tell_grain(bool given);

  std::string name_;
  MaterialFamily family_ = MaterialFamily::kWood;
  cv::Mat colour_;              ///< H x W, CV_8UC3 BGR sRGB
  cv::Mat properties_;          ///< same size, CV_8UC3: occlusion, roughness, metalness
  cv::Mat normal_;              ///< H x W, CV_8UC3 BGR, OpenGL's convention; may be empty
  float size_ = 0.9f;           ///< canonical units that the picture is wide
  bool grain_along_y_ = false;  ///< the picture's rows lie across the part
};

/// Each sub-folder is one set; a folder that holds pictures itself is one set alone. Sorted by name. Throws InputError.
std::vector<TextureSet> load_texture_sets(const Path& folder);

}  // namespace looking3d
