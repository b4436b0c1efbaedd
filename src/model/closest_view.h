#pragma once
// The reference view nearest to a photo's viewpoint, told by dense correspondences without any supervision of viewpoints (paper,
// section 5.1, "Viewpoint prediction"): seen from nearly the same place, the object's patches lie where their matches lie. Letters: n
// patches of the photo, N views of m patches each, c channels.
#include <torch/torch.h>

namespace looking3d {

/// Mean distance in pixels, for each view, between the photo's patches and those that they are most alike to among the view's patches on
/// the object -> [N]; infinite for a view that shows nothing. query [n, c], query_at [n, 2] pixels; keys [N, m, c], surface [N, m] bool,
/// key_at [m, 2] pixels. n >= 1.
torch::Tensor view_distances(const torch::Tensor& query, const torch::Tensor& query_at, const torch::Tensor& keys,
                             const torch::Tensor& surface, const torch::Tensor& key_at);

/// Pixel places (x, y) of the middles of h x w patches, row by row -> [h * w, 2].
torch::Tensor patch_middles(int64_t h, int64_t w);

}  // namespace looking3d
