#pragma once
// Training batches of `align`: photos beside their reference, rendered almost where the photo was taken (SPEC 6).
#include <torch/torch.h>

#include "base/random.h"
#include "train/cover.h"
#include "train/damage_store.h"
#include "train/photo_order.h"
#include "train/share.h"
#include "train/stores.h"
#include "train/targets.h"
#include "train/wrong_cameras.h"

namespace looking3d {

struct AlignBatch {
  torch::Tensor photos;       ///< [B, 3, H * detail, W * detail] RGB in [-1, 1]
  torch::Tensor rendered;     ///< [B, 7, H * detail, W * detail], see pose/rendered_channels.h
  torch::Tensor mask_photos;  ///< [M, 3, H, W]: some photos again, many on other backgrounds
  torch::Tensor objects;      ///< [M, H, W] float: 1 on the object
  Targets targets;
  AlignBatch on(const torch::Device& device) &&;
};

/// Deviation of the rendered camera from the true one: as the pose search leaves it, so that a shift is not taken for damage.
struct CameraNoise {
  double angle_deg = 0.12;  ///< azimuth and elevation, deviation of a normal distribution
  double roll_deg = 0.06;
  double distance = 0.0012;  ///< share
  double shift = 0.001;      ///< share of the image width
  double focal = 0.003;      ///< share; the camera steps back as the lens grows longer, so that the object keeps its size
  double wide_share = 0.25;  ///< of draws that have four times the deviation
  OrbitView draw(const OrbitView& truth, Rng rng) const;
};

struct AlignBatchOptions {
  int size = 128;  ///< of masks and targets, pixels
  uint64_t seed = 1;
  int detail = 1;                         ///< `detail` times `size`: of photos and renderings, as the photo store holds them
  DamageStore* damages = nullptr;         ///< three training photos of ten are laid beside a damaged reference; null: none
  bool covers = false;                    ///< things lie on or before the pieces of one training photo of eight
  WrongCameras* wrong_cameras = nullptr;  ///< beside one training photo of eight the reference is seen from elsewhere; null: never
};

class AlignBatches {
 public:
  /// `samples`: indices into data.samples(), all of shapes with a mesh and photos with a known camera. References must outlive this.
  AlignBatches(const DataSet& data, std::vector<size_t> samples, PhotoStore& photos, SceneStore& scenes, const AlignBatchOptions& options);

  /// A share of the photos [step * count, (step + 1) * count) of the shuffled stream, and of the first third of them that teach the mask:
  /// not of its own photos, so that all shares together are what one process would see. Depends on its arguments alone; thread-safe.
  AlignBatch training(int64_t step, int count, bool augment, const Share& share = {}) const;
  /// The listed samples with small camera noise keyed by the sample, unchanged otherwise: the same in each call.
  AlignBatch validation(const std::vector<size_t>& samples) const;
  int64_t photos_in_pass() const { return order_.pass_length(); }
  /// Photos of a step of `count` that also teach the mask.
  static int64_t mask_photos(int64_t count);

 private:
  struct Draw;  // one photo of a batch
  Draw draw(int64_t position, bool augment) const;
  AlignBatch make(const std::vector<Draw>& draws, const std::vector<Draw>& mask_draws) const;
  void fill(const Draw& draw, int64_t row, AlignBatch& batch) const;
  /// `seen`, the photo as it is by now, sometimes with another photo's piece behind its own.
  cv::Mat cluttered(const Draw& draw, const TrainingPhoto& photo, const cv::Mat& seen) const;
  struct Damage;  // a damaged reference, and what it makes of a photo
  std::optional<Damage> draw_damage(const Draw& draw, const TrainingPhoto& photo) const;
  /// `seen` with something laid on its piece, where this draw is one of those.
  CoveredPhoto covered(const Draw& draw, const TrainingPhoto& photo, const cv::Mat& seen) const;
  /// The camera that the reference is rendered at instead of the photo's, where this draw is one of those.
  std::optional<OrbitView> wrong_camera(const Draw& draw, const TrainingPhoto& photo) const;
  void fill_mask(const Draw& draw, int64_t row, AlignBatch& batch) const;

  const DataSet& data_;
  const std::vector<size_t> samples_;
  PhotoStore& photos_;
  SceneStore& scenes_;
  const AlignBatchOptions options_;
  const PhotoOrder order_;
};

/// What the mirrored object would show to the mirrored camera: left and right changed, x of the normals negated. Of the camera only the
/// principal point is mirrored, which is all that shading and depth ask for.
void mirror(Layers& layers, Camera& camera);

}  // namespace looking3d
