#include "train/view_store.h"

#include <opencv2/imgcodecs.hpp>

#include "base/error.h"

namespace looking3d {

std::vector<GreyView> stored_views(const DataSet& data, const std::string& shape_id) {
  std::vector<GreyView> views;
  for (StoredView& view : data.load_views(shape_id)) {
    const cv::Mat grey = read_picture(view.image, cv::IMREAD_GRAYSCALE);
    if (grey.rows != grey.cols) throw InputError(view.image, "is not square");
    views.push_back({view.camera, grey, std::move(view.patch_positions)});
  }
  return views;
}

std::shared_ptr<const ShapeViews> ViewStore::get(const std::string& shape_id) {
  return cache_.get(shape_id, [&]() -> Cache<std::string, ShapeViews>::Made {
    auto views = std::make_shared<ShapeViews>(shape_views(stored_views(data_, shape_id), size_, views_folder(data_.root(), shape_id)));
    const auto bytes = static_cast<uint64_t>(views->grey.numel() + 4 * views->position.numel() + views->surface.numel());
    return {std::move(views), bytes};
  });
}

}  // namespace looking3d
