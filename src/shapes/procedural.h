#pragma once
// The procedural families: everything the project learns from. A seed is a design.
#include <string>
#include <vector>

#include "shapes/shape.h"

namespace looking3d {

struct ShapeSpec {
  uint64_t seed = 0;   ///< data-set seed
  int64_t index = 0;   ///< number of the shape in the data set; (seed, index) is its whole identity
  std::string family;  ///< one family, or a list as family_names() takes it, of which one is drawn; empty: the seats
};

/// Names of the families in a comma-separated list of families, categories ("seats", "tables", "lamps", "shelves", "brackets", "flanges",
/// "gears", "pipes") and groups of them ("seats", "furniture", "machines", "all"), in a fixed order.
///   seats: "chair", "armchair", "sofa", "swivel" (office chairs), "stool", "bar_stool", "bench", "lounge", "folding", "cantilever",
///     "wing" (wing and club chairs), "rocking"
///   furniture (beside the seats): tables "table", "desk"; lamps "lamp"; shelves "shelf", "cabinet"
///   machines: brackets "bracket"; flanges "flange"; gears "gear"; pipes "pipes"
/// Throws InputError for an empty list or a word that is none of them.
std::vector<std::string> family_names(const std::string& list = "seats");

/// The category of a family: things that may lend each other parts. Throws InputError for an unknown family.
std::string category_of(const std::string& family);

/// A normal shape in the canonical frame; parts are watertight, touch or interpenetrate their neighbours, and together hang as one piece.
/// Deterministic in spec alone. Throws InputError for an unknown family.
Shape make_shape(const ShapeSpec& spec);

}  // namespace looking3d
