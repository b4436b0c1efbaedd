#include "train/stores.h"

#include <algorithm>
#include <iterator>
#include <opencv2/imgproc.hpp>

#include "base/random.h"

namespace looking3d {
namespace {

constexpr uint64_t kSceneBytesPerTriangle = 250;  // measured: mesh, corner normals and Embree's tree
constexpr int kChangedShare = 64;                 // a scaled pixel counts as changed from a quarter of its area

int kind_index(const std::string& kind) {
  const auto* const found = std::find_if(std::begin(kAllAnomalyKinds), std::end(kAllAnomalyKinds),
                                         [&](AnomalyKind candidate) { return name_of(candidate) == kind; });
  return found == std::end(kAllAnomalyKinds) ? -1 : static_cast<int>(found - std::begin(kAllAnomalyKinds));
}

/// A name as a number above 0.
int64_t number_of(const std::string& name) {
  return static_cast<int64_t>(identity(0, name) >> 1) | 1;
}

cv::Mat scaled(const cv::Mat& image, int size) {
  if (image.rows == size && image.cols == size) return image;
  cv::Mat result;
  cv::resize(image, result, {size, size}, 0, 0, image.rows > size ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

}  // namespace

std::shared_ptr<const TrainingPhoto> PhotoStore::get(size_t sample) {
  return cache_.get(sample, [&]() -> Cache<size_t, TrainingPhoto>::Made {
    auto photo = std::make_shared<TrainingPhoto>(load(data_.samples()[sample]));
    const uint64_t bytes =
        sizeof(TrainingPhoto) + photo->photo.total() * 3 + photo->object.total() + photo->change.total() + photo->part.total();
    return {std::move(photo), bytes};
  });
}

TrainingPhoto PhotoStore::load(const Sample& sample) const {
  TrainingPhoto photo;
  photo.photo = scaled(data_.load_image(sample), size_ * detail_);
  photo.anomalous = sample.anomalous;
  photo.kind = sample.anomalous ? kind_index(sample.kind) : -1;
  const cv::Mat object = data_.load_object_mask(sample);
  if (!object.empty()) photo.object = scaled(object, size_) > 127;
  if (sample.anomalous) {
    const cv::Mat change = data_.load_change_mask(sample);
    if (!change.empty()) photo.change = scaled(change, size_) >= kChangedShare;
    const cv::Mat part = data_.load_part_mask(sample);
    if (!part.empty()) photo.part = scaled(part, size_) >= kChangedShare;
  }
  const Annotation annotation = data_.load_annotation(sample);
  photo.view = annotation.view;
  if (sample.anomalous) photo.box = annotation.box;
  photo.shape = number_of(sample.shape_id);
  const auto family = annotation.raw.find("family");
  if (family != annotation.raw.end() && family->is_string()) photo.family = number_of(family->get<std::string>());
  return photo;
}

std::shared_ptr<const Scene> SceneStore::get(const std::string& shape_id) {
  return cache_.get(shape_id, [&]() -> Cache<std::string, Scene>::Made {
    const Shape shape = data_.load_mesh(shape_id);
    return {std::make_shared<Scene>(shape), shape.triangle_count() * kSceneBytesPerTriangle};
  });
}

TrainingPhoto with_change(const TrainingPhoto& photo, const cv::Mat& changed) {
  TrainingPhoto both = photo;
  both.anomalous = true;
  both.kind = -1;
  both.box.reset();
  if (photo.anomalous) {
    if (photo.change.empty()) return both;
    cv::Mat either;  // a picture of its own: photos of the store share theirs
    cv::bitwise_or(photo.change, changed, either);
    both.change = either;
    return both;
  }
  both.change = changed;
  const cv::Rect box = cv::boundingRect(changed);
  const double side = changed.cols;
  both.box = Box{(box.x + 0.5 * box.width) / side, (box.y + 0.5 * box.height) / side, box.width / side, box.height / side};
  return both;
}

}  // namespace looking3d
