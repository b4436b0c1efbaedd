#pragma once
// One photo of a data set taken at its word: everything its annotation says is recomputed from the mesh and the pictures.
#include <optional>

#include "dataset/data_set.h"
#include "dataset/shortcut.h"
#include "render/scene.h"

namespace looking3d {

/// What may be wrong with a photo; each is one check of the audit.
enum class Flaw { kUnreadable, kSplit, kCamera, kObjectMask, kPartMask, kChangeMask, kBox, kVisibleSize, kDonor };
inline constexpr std::array kFlawNames = {"every file can be read",
                                          "annotations name their shape's split",
                                          "the camera of name, view and matrix is one",
                                          "object masks are what the camera sees",
                                          "part masks are what the camera sees",
                                          "changed pixels lie within the part masks",
                                          "boxes frame the changed pixels",
                                          "visible sizes are those of the masks",
                                          "donors come from the same split"};

/// What the audit keeps of one photo.
struct PhotoFacts {
  std::array<bool, kFlawNames.size()> looked_at{};  ///< by Flaw: false where the data set says nothing to check
  std::vector<std::pair<Flaw, std::string>> flaws;
  uint64_t hash = 0;             ///< of the file's bytes
  uint64_t appearance_seed = 0;  ///< 0 when the annotation has none
  double visible_size = kUndefined, magnitude = kUndefined;
  std::string makeup;                   ///< of the photo's file: kind of pixels and chunks, in their order
  std::string keys;                     ///< that the annotation has, but for those of the box; empty when it has none
  std::optional<ShortcutCase> trivial;  ///< absent when the object's mask is
};

/// The whole shape that photos are compared with.
struct AuditedShape {
  explicit AuditedShape(Shape whole) : shape(std::move(whole)), scene(shape) {}
  const Shape shape;
  const Scene scene;
};

/// `whole` is null when the data set has no mesh of the shape; `split_of` tells each shape's split.
PhotoFacts audit_photo(const DataSet& data, const Sample& sample, const AuditedShape* whole,
                       const std::map<std::string, std::string>& split_of);

}  // namespace looking3d
