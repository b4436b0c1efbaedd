#pragma once
// PartNet's folders (Mo et al., CVPR 2019): result_after_merging.json, a tree of labelled nodes, and objs/*.obj, the pieces its leaves are
// made of.
#include "shapes/shape.h"

namespace looking3d {

bool is_partnet_folder(const Path& folder);

/// Each leaf of the tree is a part: its pieces together, labelled with the leaf's name, named "<label>_<n>", in one group with the leaves
/// of that label. Not yet mended or normalised. Throws InputError (malformed tree, a piece that is missing or lies outside objs/).
std::vector<Part> parts_from_partnet(const Path& folder);

}  // namespace looking3d
