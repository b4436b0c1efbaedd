#include "pose/rendered_channels.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr float kEdgeStep = 0.05f;  // canonical units

/// Whether pixels a and b of one row or column lie on two sides of an edge.
bool is_edge(const Layers& layers, cv::Point a, cv::Point b) {
  if (layers.part_id.at<short>(a) != layers.part_id.at<short>(b)) return true;
  return std::abs(layers.depth.at<float>(a) - layers.depth.at<float>(b)) > kEdgeStep;
}

}  // namespace

std::vector<float> rendered_channels(const Layers& layers, const Camera& camera) {
  const int height = layers.depth.rows, width = layers.depth.cols;
  L3D_CHECK_EQ(camera.height, height);
  L3D_CHECK_EQ(camera.width, width);
  const size_t plane = static_cast<size_t>(height) * width;
  std::vector<float> channels(kRenderedChannels * plane, 0.0f);
  const cv::Mat grey = shade_grey(layers, camera);
  const float centre_depth = static_cast<float>((camera.camera_from_world * Eigen::Vector3d::Zero()).z());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      float* at = channels.data() + static_cast<size_t>(y) * width + x;
      at[0] = static_cast<float>(grey.at<uchar>(y, x)) / 127.5f - 1;
      at[6 * plane] = (x + 1 < width && is_edge(layers, {x, y}, {x + 1, y})) || (y + 1 < height && is_edge(layers, {x, y}, {x, y + 1}));
      at[plane] = -1;
      if (layers.part_id.at<short>(y, x) < 0) continue;
      at[plane] = std::clamp(centre_depth - layers.depth.at<float>(y, x), -1.0f, 1.0f);
      for (int c = 0; c < 3; ++c) at[(kNormalXChannel + c) * plane] = layers.normal.at<cv::Vec3f>(y, x)[c];
      at[5 * plane] = 1;
    }
  }
  return channels;
}

}  // namespace looking3d
