#pragma once
// Pictures and positions as the networks take them.
#include <torch/torch.h>

#include <Eigen/Core>
#include <opencv2/core.hpp>
#include <vector>

namespace looking3d {

inline constexpr int kPatchSize = 8;  ///< pixels a side of one patch: the networks' maps have h = H / 8, w = W / 8

/// BGR bytes (CV_8UC3) to RGB planes in [-1, 1] at `planes` (3 x H x W); `mirrored` left to right.
void write_photo_planes(const cv::Mat& bgr, bool mirrored, float* planes);

/// A grey view (CV_8U) scaled to size x size -> [size, size] uint8.
torch::Tensor grey_view(const cv::Mat& grey, int size);

/// Surface positions on a square grid (row-major, NaN: none) averaged over the grid cells of each patch, into position [h, w, 3] (0 where
/// there is none) and surface [h, w] bool. h = w must divide the grid's side.
void write_positions(const std::vector<Eigen::Vector3f>& positions, torch::Tensor position, torch::Tensor surface);

}  // namespace looking3d
