#include "engine/reference_data.h"

#include <atomic>

namespace looking3d {
namespace {

constexpr int kThumbnailSide = 128;
constexpr size_t kThumbnailStep = 5;  ///< every fifth view

}  // namespace

ReferenceData prepare_reference(std::string name, Shape shape, std::vector<std::string> care, std::optional<PoseIndex> poses) {
  static std::atomic<uint64_t> serials{0};
  const std::vector<Eigen::Vector3f> vertices = shape.all_vertices();
  Scene scene(shape);
  if (!poses) poses.emplace(scene, vertices);
  std::vector<ReferenceView> views = render_reference_views(scene, vertices);
  std::vector<cv::Mat> thumbnails;
  for (size_t i = 1; i < views.size(); i += kThumbnailStep) {
    thumbnails.push_back(render_grey(scene, views[i].camera.resized(kThumbnailSide, kThumbnailSide)));
  }
  return {std::move(name), std::move(care), std::move(shape), std::move(scene), std::move(*poses), std::move(views), std::move(thumbnails), ++serials};
}

}  // namespace looking3d
