#pragma once
// PartNet's folders (Mo et al., CVPR 2019): result_after_merging.json, a tree of labelled nodes, and objs/*.obj, the pieces its leaves are
// made of.
#include "shapes/shape.h"

namespace looking3d {

bool is_partnet_folder(const Path& folder);

/// Where PartNet's tree of chairs keeps a label, from below the root: {"chair_base", "regular_leg_base", "leg"}; {"other", label} for
/// labels it does not know.
std::vector<std::string> partnet_path(const std::string& label);

/// Each leaf of the tree is a part: its pieces together, labelled with the leaf's name, named "<label>_<n>", in one group with the leaves
/// of that label, unless the leaf carries the "part" and "group" that save_partnet writes. Not yet mended or normalised. Throws InputError
/// (malformed tree, a piece that is missing or lies outside objs/).
std::vector<Part> parts_from_partnet(const Path& folder);

/// Writes the shape as such a folder: a leaf and a piece for each part below partnet_path(label).
void save_partnet(const Path& folder, const Shape& shape);

}  // namespace looking3d
