#pragma once
// The grey views of a reference as a network reads them.
#include <torch/torch.h>

#include <vector>

#include "engine/reference_data.h"

namespace looking3d {

struct ViewTensors {
  torch::Tensor grey;           ///< [N, 3, H, W] in [-1, 1]
  torch::Tensor position;       ///< [N, h, w, 3] canonical units: mean visible surface point of the patch; 0 where it shows none
  torch::Tensor surface;        ///< [N, h, w] bool: the patch shows the object
  std::vector<Camera> cameras;  ///< of each view, at the picture's own size
};

/// The views of a reference at `size` pixels a side: azimuths 0, 18, ... 342 degrees.
ViewTensors view_tensors(const ReferenceData& reference, int size);

}  // namespace looking3d
