#include "engine/view_tensors.h"

#include <cmath>

#include "base/check.h"
#include "base/error.h"
#include "model/preprocess.h"
#include "render/reference_views.h"

namespace looking3d {

ShapeViews shape_views(const std::vector<GreyView>& views, int size, const Path& where) {
  if (views.empty()) throw InputError(where, "has no reference view");
  const auto count = static_cast<int64_t>(views.size());
  const int64_t patches = size / kPatchSize;
  ShapeViews result{torch::empty({count, size, size}, torch::kByte),
                    torch::zeros({count, patches, patches, 3}),
                    torch::zeros({count, patches, patches}, torch::kBool),
                    {}};
  for (int64_t i = 0; i < count; ++i) {
    const GreyView& view = views[static_cast<size_t>(i)];
    const int64_t grid = std::lround(std::sqrt(static_cast<double>(view.patch_positions.size())));
    if (grid < 1 || grid % patches != 0) {
      throw InputError(
          where, "has views of " + std::to_string(grid) + " patches a side, which do not pool to the network's " + std::to_string(patches),
          "photos of " + std::to_string(grid * kPatchSize) + " pixels a side, or half of it, would fit");
    }
    result.grey[i].copy_(grey_view(view.grey, size));
    write_positions(view.patch_positions, result.position[i], result.surface[i]);
    result.cameras.push_back(view.camera);
  }
  return result;
}

std::vector<GreyView> grey_views(const ReferenceData& reference) {
  if (!reference.views.empty()) return reference.views;
  L3D_CHECK(reference.has_mesh(), "a reference has views or a mesh");
  std::vector<GreyView> views;
  for (const ReferenceView& view : render_reference_views(reference.scene, reference.shape.all_vertices())) {
    views.push_back({view.camera, view.grey, patch_positions(view.depth, view.camera)});
  }
  return views;
}

ViewTensors view_tensors(const ReferenceData& reference, int size) {
  ShapeViews views = shape_views(grey_views(reference), size, reference.name);
  const torch::Tensor grey = (views.grey.to(torch::kFloat) / 127.5 - 1).unsqueeze(1).expand({-1, 3, -1, -1}).contiguous();
  return {grey, std::move(views.position), std::move(views.surface), std::move(views.cameras)};
}

}  // namespace looking3d
