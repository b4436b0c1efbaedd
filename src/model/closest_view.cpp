#include "model/closest_view.h"

#include <limits>

#include "base/check.h"
#include "model/preprocess.h"

namespace looking3d {

using torch::Tensor;

Tensor view_distances(const Tensor& query, const Tensor& query_at, const Tensor& keys, const Tensor& surface, const Tensor& key_at) {
  L3D_CHECK(query.dim() == 2 && keys.dim() == 3 && query.size(1) == keys.size(2), "[n, c] and [N, m, c]");
  L3D_CHECK(query.size(0) >= 1 && query_at.size(0) == query.size(0), "a place for each patch of the photo");
  L3D_CHECK(surface.size(0) == keys.size(0) && surface.size(1) == keys.size(1) && key_at.size(0) == keys.size(1), "patches of views");
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  Tensor distances = torch::full({keys.size(0)}, std::numeric_limits<float>::infinity());
  for (int64_t view = 0; view < keys.size(0); ++view) {
    if (!surface[view].any().item<bool>()) continue;
    const Tensor affinity = torch::matmul(query, keys[view].t()).masked_fill(surface[view].logical_not(), kNever);  // [n, m]
    const Tensor match_at = key_at.index_select(0, affinity.argmax(1));                                             // [n, 2]
    distances[view] = (query_at - match_at).square().sum(1).sqrt().mean();
  }
  return distances;
}

Tensor patch_middles(int64_t h, int64_t w) {
  const Tensor y = (torch::arange(h) + 0.5) * kPatchSize, x = (torch::arange(w) + 0.5) * kPatchSize;
  const std::vector<Tensor> grid = torch::meshgrid({y, x}, "ij");
  return torch::stack({grid[1].flatten(), grid[0].flatten()}, 1);
}

}  // namespace looking3d
