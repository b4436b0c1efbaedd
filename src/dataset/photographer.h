#pragma once
// Takes the photos of one shape, whole or damaged, through one and the same code: nothing but the damage may tell them apart.
#include "anomalies/anomaly.h"
#include "base/result.h"
#include "dataset/shape_writer.h"
#include "render/photo_render.h"

namespace looking3d {

/// Who and how: the view asked for, and the draws behind its look.
struct PhotoRequest {
  OrbitView view;  ///< distance is the least; it grows until the normal shape fits
  uint64_t appearance_seed = 0, noise_seed = 0;
};

/// What stands before the camera: the normal shape (anomaly == nullptr) or an anomalous one.
struct Subject {
  explicit Subject(const Shape& normal) : shape(normal), scene(normal) {}
  explicit Subject(const Anomaly& damage) : anomaly(&damage), shape(damage.shape), scene(damage.shape) {}
  const Anomaly* anomaly = nullptr;
  const Shape& shape;
  Scene scene;
};

/// A view that passed the checks that need no light.
struct FramedView {
  PhotoRequest request;  ///< with the distance used
  Camera camera;
  cv::Mat object;                ///< mask of the subject
  std::optional<Change> change;  ///< anomalous subjects only
};

class Photographer {
 public:
  /// `normal` and `stock` must outlive the photographer.
  Photographer(const Shape& normal, int size, int samples, const PhotoStock& stock);

  const Subject& normal() const { return normal_; }
  /// Refuses views that cut the object off or hide the damage (changed pixels / object pixels < min_visible).
  Result<FramedView, ViewRefusal> frame(const Subject& subject, const PhotoRequest& request, double min_visible) const;
  /// Renders; refuses black and burnt-out photos. record.name holds all but the label, record.info everything but the plan's own numbers.
  Result<PhotoRecord, ViewRefusal> shoot(const Subject& subject, const FramedView& framed) const;

 private:
  Subject normal_;
  std::vector<Eigen::Vector3f> vertices_;
  float ground_y_ = 0;  ///< lowest point of the normal shape: damage does not move the floor
  int size_, samples_;
  const PhotoStock& stock_;
};

}  // namespace looking3d
