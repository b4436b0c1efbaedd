#pragma once
// The procedural chair families: everything the project learns from. A seed is a design.
#include <string>
#include <vector>

#include "shapes/shape.h"

namespace looking3d {

struct ShapeSpec {
  uint64_t seed = 0;   ///< data-set seed
  int64_t index = 0;   ///< number of the shape in the data set; (seed, index) is its whole identity
  std::string family;  ///< empty: drawn
};

/// Names of the families: "chair", "armchair", "sofa", "swivel" (office chairs), "stool", "bar_stool", "bench", "lounge", "folding",
/// "cantilever", "wing" (wing and club chairs), "rocking"
const std::vector<std::string>& family_names();

/// A normal shape in the canonical frame; parts are watertight, touch or interpenetrate their neighbours, and together hang as one piece.
/// Deterministic in spec alone. Throws InputError for an unknown family.
Shape make_shape(const ShapeSpec& spec);

}  // namespace looking3d
