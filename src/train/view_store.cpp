#include "train/view_store.h"

#include <opencv2/imgcodecs.hpp>

#include "base/error.h"
#include "dataset/layout.h"
#include "model/preprocess.h"

namespace looking3d {
std::shared_ptr<const ShapeViews> ViewStore::get(const std::string& shape_id) {
  return cache_.get(shape_id, [&]() -> Cache<std::string, ShapeViews>::Made {
    auto views = std::make_shared<ShapeViews>(load(shape_id));
    const auto bytes = static_cast<uint64_t>(views->grey.numel() + 4 * views->position.numel() + views->surface.numel());
    return {std::move(views), bytes};
  });
}

ShapeViews ViewStore::load(const std::string& shape_id) const {
  const std::vector<StoredView> stored = data_.load_views(shape_id);
  if (stored.empty()) throw InputError(views_folder(data_.root(), shape_id), "holds no reference view");
  const auto count = static_cast<int64_t>(stored.size());
  const int64_t patches = size_ / kPatchSize;
  ShapeViews views{torch::empty({count, size_, size_}, torch::kByte), torch::zeros({count, patches, patches, 3}),
                   torch::zeros({count, patches, patches}, torch::kBool)};
  for (int64_t i = 0; i < count; ++i) {
    const StoredView& view = stored[static_cast<size_t>(i)];
    views.grey[i].copy_(grey_view(read_picture(view.image, cv::IMREAD_GRAYSCALE), size_));
    if (view.grid % patches != 0) {
      throw InputError(view.image, "has " + std::to_string(view.grid) + " patches a side", "train at --size 256 or 128");
    }
    write_positions(view.patch_positions, views.position[i], views.surface[i]);
  }
  return views;
}

}  // namespace looking3d
