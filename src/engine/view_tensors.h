#pragma once
// The grey views of a reference as a network reads them.
#include <torch/torch.h>

#include <vector>

#include "engine/reference_data.h"

namespace looking3d {

/// N views at one size, as they are kept in memory.
struct ShapeViews {
  torch::Tensor grey;           ///< [N, H, W] uint8
  torch::Tensor position;       ///< [N, h, w, 3] canonical units: mean visible surface point of the patch; 0 where it shows none
  torch::Tensor surface;        ///< [N, h, w] bool: the patch shows the object
  std::vector<Camera> cameras;  ///< of each view, at the picture's own size
};
/// Throws InputError naming `where` when there is no view, or when the grid of a view's patches does not pool to that of `size`.
ShapeViews shape_views(const std::vector<GreyView>& views, int size, const Path& where);

/// The same as a network takes it.
struct ViewTensors {
  torch::Tensor grey;           ///< [N, 3, H, W] in [-1, 1]
  torch::Tensor position;       ///< as in ShapeViews
  torch::Tensor surface;        ///< as in ShapeViews
  std::vector<Camera> cameras;  ///< as in ShapeViews
};

/// The views through which a reference is looked at: its stored ones, else its mesh rendered from azimuths 0, 18, ... 342 degrees.
std::vector<GreyView> grey_views(const ReferenceData& reference);
/// Those views at `size` pixels a side.
ViewTensors view_tensors(const ReferenceData& reference, int size);

}  // namespace looking3d
