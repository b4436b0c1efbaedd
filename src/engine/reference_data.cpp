#include "engine/reference_data.h"

#include <atomic>

namespace looking3d {
namespace {

constexpr int kThumbnailSide = 128;
constexpr double kThumbnailAzimuths[] = {30, 120, 210, 300};

uint64_t next_serial() {
  static std::atomic<uint64_t> serials{0};
  return ++serials;
}

std::vector<cv::Mat> rendered_thumbnails(const Scene& scene, const std::vector<Eigen::Vector3f>& vertices) {
  std::vector<cv::Mat> thumbnails;
  for (const double azimuth : kThumbnailAzimuths) {
    OrbitView view{.azimuth_rad = radians(azimuth), .elevation_rad = radians(20)};
    view.distance = fitting_distance(view, vertices);
    thumbnails.push_back(render_grey(scene, orbit_camera(view, kThumbnailSide)));
  }
  return thumbnails;
}

}  // namespace

ReferenceData prepare_reference(std::string name, Shape shape, std::vector<std::string> care, std::optional<PoseIndex> poses,
                                std::vector<cv::Mat> thumbnails) {
  const std::vector<Eigen::Vector3f> vertices = shape.all_vertices();
  Scene scene(shape);
  if (!poses) poses.emplace(scene, vertices);
  if (thumbnails.empty()) thumbnails = rendered_thumbnails(scene, vertices);
  return {std::move(name), std::move(care), std::move(shape), std::move(scene), std::move(*poses), std::move(thumbnails), next_serial()};
}

ReferenceData reference_of_views(std::string name, std::vector<GreyView> views) {
  return {std::move(name), {}, {}, Scene(Shape()), PoseIndex({}, 0), {}, next_serial(), std::move(views)};
}

}  // namespace looking3d
