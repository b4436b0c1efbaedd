#include "pose/pose_index.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "base/parallel.h"

namespace looking3d {
MaskFrame frame_of(const cv::Mat& mask) {
  const cv::Moments m = cv::moments(mask, true);
  if (m.m00 == 0) return {};
  return {(m.m10 / m.m00 + 0.5) / mask.cols, (m.m01 / m.m00 + 0.5) / mask.rows, std::sqrt(m.m00 / mask.total())};
}

double mask_iou(const cv::Mat& a, const cv::Mat& b) {
  L3D_CHECK(a.size() == b.size(), "masks of one size");
  int both = 0, either = 0;
  for (int y = 0; y < a.rows; ++y) {
    const uchar *pa = a.ptr(y), *pb = b.ptr(y);
    for (int x = 0; x < a.cols; ++x) both += (pa[x] != 0) & (pb[x] != 0), either += (pa[x] != 0) | (pb[x] != 0);
  }
  return either == 0 ? 0 : static_cast<double>(both) / either;
}

double normalised_scale(const MaskFrame& frame, int size, int width) {
  return kNormalisedExtent / frame.extent * size / width;
}

cv::Mat normalised(const cv::Mat& mask, int size) {
  const MaskFrame frame = frame_of(mask);
  if (frame.extent == 0) return cv::Mat(size, size, CV_8U, cv::Scalar(0));
  const double scale = normalised_scale(frame, size, mask.cols);
  const cv::Matx23d target_from_source(scale, 0, size * 0.5 - scale * frame.cx * mask.cols, 0, scale,
                                       size * 0.5 - scale * frame.cy * mask.rows);
  cv::Mat result;
  cv::warpAffine(mask, result, target_from_source, {size, size}, cv::INTER_LINEAR);
  return result > 127;
}

PoseIndex::PoseIndex(const Scene& scene, const std::vector<Eigen::Vector3f>& vertices, const PoseIndexOptions& options)
    : size_(options.size) {
  for (double elevation = options.elevation_low_deg; elevation <= options.elevation_high_deg + 1e-9;
       elevation += options.elevation_step_deg)
    for (double azimuth = 0; azimuth < 360 - 1e-9; azimuth += options.azimuth_step_deg) {
      Entry entry;
      entry.view.azimuth_rad = radians(azimuth + options.azimuth_offset_deg);
      entry.view.elevation_rad = radians(elevation);
      entry.view.distance = fitting_distance(entry.view, vertices);
      entries_.push_back(entry);
    }
  parallel_for(static_cast<int64_t>(entries_.size()), [&](int64_t i) {
    Entry& entry = entries_[i];
    const cv::Mat seen = render_silhouette(scene, orbit_camera(entry.view, 2 * size_));
    entry.frame = frame_of(seen);
    entry.silhouette = normalised(seen, size_);
  });
}

}  // namespace looking3d
