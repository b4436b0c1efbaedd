#pragma once
// A trained network ready to judge prepared photos; one implementation for each method.
#include <array>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/reference_data.h"
#include "geometry/box.h"
#include "photo/prepare.h"

namespace looking3d {

inline constexpr int kKinds = 5;
inline constexpr const char* kKindNames[kKinds] = {"position", "rotation", "broken", "swapped",
                                                   "missing"};  ///< in the order of AnomalyKind

/// A patch of the photo and the patch of a reference view that it resembles most; boxes in shares of their picture's side.
struct PatchLink {
  Box patch;
  int view = 0;  ///< reference view (view i looks from i * 18 degrees)
  Box view_patch;
  double similarity = 0;  ///< cosine of their features, -1..1
};

/// What a network says of one photo, in the prepared photo's frame.
struct Detection {
  std::string refusal;  ///< why the photo cannot be judged; empty: it was
  double logit = 0;     ///< that the piece deviates, as the network says it; see Calibration
  cv::Mat mask;         ///< the object as the detector found it, CV_8U, any size; empty if it takes the prepared photo's
  cv::Mat heat;         ///< h x w patches of the whole photo, CV_32F 0..1; empty if the network has no patch head
  cv::Mat cover;  ///< h x w patches, CV_32F 0..1: that a change there is something on or before the piece; empty if the network cannot tell
  cv::Mat part;   ///< h x w, CV_32F 0..1: that the reference shows the changed part there, if one changed; empty if the network cannot tell
  std::optional<std::array<double, kKinds>> kinds;
  std::optional<Box> box;
  std::optional<OrbitView> view;    ///< the camera that was searched
  std::optional<int> closest_view;  ///< index of the reference view nearest in azimuth to the photo's (view i looks from i * 18 degrees)
  std::vector<PatchLink> links;     ///< the strongest, best first, one a patch of the object; empty for networks that match no patches
  std::vector<PatchLink> matches;   ///< MatchSetting::matches of each patch of the object: patch by patch in rows, best first
  double pose_score = 0;            ///< silhouette agreement at `view`, 0..1
  std::optional<double> view_probability;  ///< that `view` is the photo's camera, as the network sees it; absent if it cannot tell,
                                           ///< and among other things, where it proved wrong
  bool doubtful = false;                   ///< the photo's edges do not bear `view` out; another look may tell
  double mask_ms = 0, pose_ms = 0, render_ms = 0, network_ms = 0;
};

/// probability = sigmoid(scale * logit + bias), fitted on validation photos (Platt 1999).
struct Calibration {
  double scale = 1, bias = 0;
  std::vector<double> normal_logits = {};  ///< of whole pieces among those photos, ascending; empty where the weights do not tell

  double probability(double logit) const;
  /// The probability that at most a share `false_alarms` of those whole pieces reaches: with n of them, the k = floor(share * n) that score
  /// highest do, and it lies midway (in logits) between the lowest of these and the next; where the two tie, fewer than k reach it. Throws
  /// InputError naming --false-alarms for a share outside [1/n, 1), and for weights that do not tell what whole pieces score.
  double threshold_at(double false_alarms) const;
};
/// {"scale", "bias", "normal_logits"}, as the metadata of a weights file hold it; logits to four decimals.
Json calibration_json(const Calibration& calibration);

/// What a weights file says of itself.
struct WeightsInfo {
  std::string method;
  int size = 128;  ///< image side the network was trained at
  Json network;    ///< its options
  Json trained;    ///< data, steps, minutes
  Calibration calibration;
};
/// Throws InputError when the metadata is not that of a looking3d weights file.
WeightsInfo read_weights_info(const Json& metadata, const Path& path);

/// What a detector must know of a reference.
enum class ReferenceNeed { kNothing, kViews, kMesh };

class Detector {
 public:
  virtual ~Detector() = default;
  virtual ReferenceNeed needs() const { return ReferenceNeed::kViews; }
  /// Side of the prepared photos that it judges.
  virtual int photo_px() const { return info().size; }
  /// Judges a photo prepared at photo_px(). Thread-safe.
  virtual Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const = 0;
  /// The same, where others propose cameras to look at first; detectors that search no camera take no notice. Thread-safe.
  virtual Detection detect_near(const ReferenceData& reference, const PreparedPhoto& photo,
                                const std::vector<OrbitView>& /*cameras*/) const {
    return detect(reference, photo);
  }
  /// The reference's views as an index file can keep them for these weights; null where nothing of a reference is encoded.
  virtual std::shared_ptr<const StoredViews> encode(const ReferenceData& /*reference*/) const { return nullptr; }
  /// Throws InputError for a reference whose views other weights have encoded, as detect() does.
  virtual void check(const ReferenceData& /*reference*/) const {}
  /// Whether it judges photos on any background as they are; others want the object cut out and laid on white.
  virtual bool compares_in_place() const { return false; }
  /// The object's pixels of a square photo (CV_8UC3), CV_8U 0/255 of any size, for detectors that compare in place. Thread-safe.
  virtual cv::Mat find_object(const cv::Mat& /*bgr*/) const { return {}; }
  /// The silhouette (CV_8U 0/255, of the photo's size) of the reference where the edges of a square photo show it best, for photos whose
  /// object cannot be told from what stands around; empty where none is convincing, and for detectors that do not look for it. Thread-safe.
  virtual cv::Mat find_reference(const ReferenceData& /*reference*/, const PreparedPhoto& /*photo*/) const { return {}; }
  /// Whether its logits tell anomalies; a network that only tells viewpoints has none.
  virtual bool finds_anomalies() const { return true; }
  const WeightsInfo& info() const { return info_; }

  /// Reads a weights file; with `matcher`, weights of align, helped by the correspondences of cmt's. Throws InputError.
  static std::unique_ptr<Detector> open(const Path& weights, const Path& matcher = {});

 protected:
  explicit Detector(WeightsInfo info) : info_(std::move(info)) {}

 private:
  const WeightsInfo info_;
};

}  // namespace looking3d
