#include "engine/view_tensors.h"

#include "model/preprocess.h"
#include "render/reference_views.h"

namespace looking3d {

ViewTensors view_tensors(const ReferenceData& reference, int size) {
  const std::vector<ReferenceView> rendered = render_reference_views(reference.scene, reference.shape.all_vertices());
  const auto count = static_cast<int64_t>(rendered.size());
  const int64_t patches = size / kPatchSize;
  ViewTensors views{torch::empty({count, 3, size, size}),
                    torch::zeros({count, patches, patches, 3}),
                    torch::zeros({count, patches, patches}, torch::kBool),
                    {}};
  for (int64_t i = 0; i < count; ++i) {
    const ReferenceView& view = rendered[static_cast<size_t>(i)];
    views.grey[i].copy_((grey_view(view.grey, size).to(torch::kFloat) / 127.5 - 1).unsqueeze(0));
    write_positions(patch_positions(view.depth, view.camera), views.position[i], views.surface[i]);
    views.cameras.push_back(view.camera);
  }
  return views;
}

}  // namespace looking3d
