#include "train/targets.h"

#include "base/check.h"
#include "render/reference_views.h"

namespace looking3d {

void move_to(const torch::Device& device, std::initializer_list<torch::Tensor*> tensors) {
  for (torch::Tensor* tensor : tensors)
    if (tensor->defined()) *tensor = tensor->to(device);
}

void Targets::move_to(const torch::Device& device) {
  looking3d::move_to(device, {&anomalous, &kind, &box, &has_box, &change, &change_fine, &has_change, &cover, &part_fine, &has_part,
                              &right_camera, &shape, &family, &view});
}

namespace {

/// 1 on the patches [h, w] that show enough of a mask.
void write_patches(const cv::Mat& mask, bool mirrored, torch::Tensor patches) {
  auto cells = patches.accessor<float, 2>();
  const int count = static_cast<int>(cells.size(0));
  L3D_CHECK_EQ(mask.rows, count * kPatchSize);
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < count; ++j) {
      const cv::Mat patch = mask(cv::Rect(j * kPatchSize, i * kPatchSize, kPatchSize, kPatchSize));
      const bool shown = cv::countNonZero(patch) >= kPatchChangeShare * kPatchSize * kPatchSize;
      cells[i][mirrored ? count - 1 - j : j] = shown ? 1.0f : 0.0f;
    }
  }
}

/// The share of each 2 x 2 pixels of a mask, into cells [h, w].
void write_shares(const cv::Mat& mask, bool mirrored, torch::Tensor shares) {
  auto cells = shares.accessor<float, 2>();
  const int side = static_cast<int>(cells.size(0));
  L3D_CHECK_EQ(mask.rows, 2 * side);
  for (int i = 0; i < side; ++i) {
    const uchar *upper = mask.ptr(2 * i), *lower = mask.ptr(2 * i + 1);
    for (int j = 0; j < side; ++j) {
      const int count = (upper[2 * j] > 0) + (upper[2 * j + 1] > 0) + (lower[2 * j] > 0) + (lower[2 * j + 1] > 0);
      cells[i][mirrored ? side - 1 - j : j] = 0.25f * static_cast<float>(count);
    }
  }
}

}  // namespace

Targets empty_targets(int64_t count, int size) {
  const int64_t cells = size / kPatchSize;
  Targets targets;
  targets.anomalous = torch::zeros({count});
  targets.kind = torch::full({count}, -1, torch::kLong);
  targets.box = torch::zeros({count, 4});
  targets.has_box = torch::zeros({count}, torch::kBool);
  targets.change = torch::zeros({count, cells, cells});
  targets.change_fine = torch::zeros({count, size / 2, size / 2});
  targets.has_change = torch::zeros({count}, torch::kBool);
  targets.cover = torch::zeros({count, cells, cells});
  targets.part_fine = torch::zeros({count, size / 2, size / 2});
  targets.has_part = torch::zeros({count}, torch::kBool);
  targets.right_camera = torch::ones({count}, torch::kBool);
  targets.shape = torch::zeros({count}, torch::kLong);
  targets.family = torch::zeros({count}, torch::kLong);
  targets.view = torch::full({count}, -1, torch::kLong);
  return targets;
}

void write_targets(const TrainingPhoto& photo, bool mirrored, int64_t row, Targets& targets) {
  targets.anomalous.accessor<float, 1>()[row] = photo.anomalous ? 1.0f : 0.0f;
  targets.kind.accessor<int64_t, 1>()[row] = photo.kind;
  targets.shape.accessor<int64_t, 1>()[row] = photo.shape;
  targets.family.accessor<int64_t, 1>()[row] = photo.family;
  if (photo.view) {
    const double azimuth = photo.view->azimuth_rad;
    targets.view.accessor<int64_t, 1>()[row] = nearest_reference_view(mirrored ? -azimuth : azimuth);
  }
  if (photo.anomalous && photo.box) {
    auto box = targets.box.accessor<float, 2>()[row];
    box[0] = static_cast<float>(mirrored ? 1 - photo.box->cx : photo.box->cx);
    box[1] = static_cast<float>(photo.box->cy);
    box[2] = static_cast<float>(photo.box->w);
    box[3] = static_cast<float>(photo.box->h);
    targets.has_box.accessor<bool, 1>()[row] = true;
  }
  targets.has_change.accessor<bool, 1>()[row] = !photo.anomalous || !photo.change.empty();
  if (!photo.cover.empty()) write_patches(photo.cover, mirrored, targets.cover[row]);
  if (!photo.part.empty()) write_shares(photo.part, mirrored, targets.part_fine[row]);
  targets.has_part.accessor<bool, 1>()[row] = !photo.part.empty();
  if (photo.change.empty()) return;
  write_patches(photo.change, mirrored, targets.change[row]);
  write_shares(photo.change, mirrored, targets.change_fine[row]);
}

void write_wrong_camera(int64_t row, Targets& targets) {
  targets.right_camera.accessor<bool, 1>()[row] = false;
  targets.kind.accessor<int64_t, 1>()[row] = -1;
  for (torch::Tensor* known : {&targets.has_box, &targets.has_change, &targets.has_part}) known->accessor<bool, 1>()[row] = false;
}

}  // namespace looking3d
