#include "model/preprocess.h"

#include <cmath>
#include <cstring>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {

void write_photo_planes(const cv::Mat& bgr, bool mirrored, float* planes) {
  L3D_CHECK_EQ(bgr.type(), CV_8UC3);
  const size_t plane = bgr.total();
  for (int y = 0; y < bgr.rows; ++y) {
    const cv::Vec3b* row = bgr.ptr<cv::Vec3b>(y);
    for (int x = 0; x < bgr.cols; ++x) {
      const cv::Vec3b& pixel = row[mirrored ? bgr.cols - 1 - x : x];
      float* at = planes + static_cast<size_t>(y) * bgr.cols + x;
      for (int c = 0; c < 3; ++c) at[c * plane] = static_cast<float>(pixel[2 - c]) / 127.5f - 1;
    }
  }
}

torch::Tensor grey_view(const cv::Mat& grey, int size) {
  L3D_CHECK_EQ(grey.type(), CV_8U);
  cv::Mat scaled = grey;
  if (grey.rows != size) cv::resize(grey, scaled, {size, size}, 0, 0, grey.rows > size ? cv::INTER_AREA : cv::INTER_LINEAR);
  if (!scaled.isContinuous()) scaled = scaled.clone();
  const torch::Tensor view = torch::empty({size, size}, torch::kByte);
  std::memcpy(view.data_ptr<uint8_t>(), scaled.data, scaled.total());
  return view;
}

void write_positions(const std::vector<Eigen::Vector3f>& positions, torch::Tensor position, torch::Tensor surface) {
  const auto grid = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(positions.size()))));
  const int64_t patches = position.size(0), cell = grid / patches;
  L3D_CHECK_EQ(static_cast<int64_t>(positions.size()), grid * grid);
  L3D_CHECK(patches >= 1 && grid % patches == 0, "patches divide the grid");
  auto means = position.accessor<float, 3>();
  auto seen = surface.accessor<bool, 2>();
  for (int64_t i = 0; i < patches; ++i) {
    for (int64_t j = 0; j < patches; ++j) {
      Eigen::Vector3f sum = Eigen::Vector3f::Zero();
      int count = 0;
      for (int64_t y = i * cell; y < (i + 1) * cell; ++y) {
        for (int64_t x = j * cell; x < (j + 1) * cell; ++x) {
          const Eigen::Vector3f& point = positions[static_cast<size_t>(y * grid + x)];
          if (!point.allFinite()) continue;
          sum += point;
          ++count;
        }
      }
      seen[i][j] = count > 0;
      for (int c = 0; c < 3; ++c) means[i][j][c] = count > 0 ? sum[c] / static_cast<float>(count) : 0.0f;
    }
  }
}

}  // namespace looking3d
