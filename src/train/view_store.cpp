#include "train/view_store.h"

#include <cmath>
#include <cstring>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "base/error.h"
#include "dataset/layout.h"
#include "train/targets.h"

namespace looking3d {
namespace {

/// Writes each patch's mean of the points that `point(row, column)` gives (NaN: none) on a grid of `cell` x `cell` a patch.
template <class Point>
void write_means(int cell, const Point& point, torch::Tensor& position, torch::Tensor& surface) {
  auto positions = position.accessor<float, 3>();
  auto surfaces = surface.accessor<bool, 2>();
  for (int i = 0; i < positions.size(0); ++i) {
    for (int j = 0; j < positions.size(1); ++j) {
      Eigen::Vector3f sum = Eigen::Vector3f::Zero();
      int count = 0;
      for (int y = i * cell; y < (i + 1) * cell; ++y) {
        for (int x = j * cell; x < (j + 1) * cell; ++x) {
          const Eigen::Vector3f p = point(y, x);
          if (std::isnan(p.x())) continue;
          sum += p;
          ++count;
        }
      }
      surfaces[i][j] = count > 0;
      for (int c = 0; c < 3; ++c) positions[i][j][c] = count > 0 ? sum[c] / static_cast<float>(count) : 0.0f;
    }
  }
}

}  // namespace

void write_positions(const std::vector<Eigen::Vector3f>& positions, int grid, torch::Tensor position, torch::Tensor surface) {
  L3D_CHECK_EQ(static_cast<int64_t>(positions.size()), int64_t{grid} * grid);
  const int patches = static_cast<int>(position.size(0));
  L3D_CHECK(patches >= 1 && grid % patches == 0, "patches divide the stored grid");
  write_means(grid / patches, [&](int y, int x) { return positions[static_cast<size_t>(y) * grid + x]; }, position, surface);
}

void write_seen_positions(const Layers& layers, const Camera& camera, torch::Tensor position, torch::Tensor surface) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto point = [&](int y, int x) -> Eigen::Vector3f {
    if (layers.part_id.at<short>(y, x) < 0) return {nan, nan, nan};
    return camera.unproject(x + 0.5, y + 0.5, layers.depth.at<float>(y, x)).cast<float>();
  };
  write_means(kPatchSize, point, position, surface);
}

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
    cv::Mat grey = read_picture(view.image, cv::IMREAD_GRAYSCALE);
    if (grey.rows != size_) cv::resize(grey, grey, {size_, size_}, 0, 0, grey.rows > size_ ? cv::INTER_AREA : cv::INTER_LINEAR);
    L3D_CHECK(grey.isContinuous());
    std::memcpy(views.grey[i].data_ptr<uint8_t>(), grey.data, grey.total());
    if (view.grid % patches != 0) {
      throw InputError(view.image, "has " + std::to_string(view.grid) + " patches a side", "train at --size 256 or 128");
    }
    write_positions(view.patch_positions, view.grid, views.position[i], views.surface[i]);
  }
  return views;
}

}  // namespace looking3d
