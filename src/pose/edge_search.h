#pragma once
// Where a photo shows the reference, told by edges alone: for photos in which other things stand around, so that no mask tells the object.
#include <array>

#include "pose/pose_index.h"
#include "pose/pose_target.h"

namespace looking3d {

/// The reference's edges as each camera of an index sees them, ready to be laid over photos. Made once for a reference.
class EdgeTemplates {
 public:
  EdgeTemplates(const Scene& scene, const PoseIndex& index);

  struct Point {
    float x = 0, y = 0;  ///< from the principal point, shares of the picture's width
    int direction = 0;   ///< of the edge's normal, one of kDirections
    bool inner = false;  ///< inside the object, not on its outline
  };
  struct View {
    OrbitView view;
    std::vector<Point> points;                       ///< spread evenly over the edges
    float length = 0;                                ///< of the edges, shares of the picture's width
    float left = 0, right = 0, top = 0, bottom = 0;  ///< of the points
  };
  static constexpr int kDirections = 8;  ///< of half a turn
  const std::vector<View>& views() const { return views_; }

 private:
  std::vector<View> views_;
};

/// The edges of a photo, at size() pixels: of each direction, how much edge a place has beyond what its surroundings have anyhow, about
/// -1..1. Immutable.
class EdgeField {
 public:
  /// `photo`: CV_8UC3, square; nothing is known outside of `inside` (shares of its side).
  explicit EdgeField(const cv::Mat& photo, const cv::Rect2d& inside = {0, 0, 1, 1}, int size = 160);
  int size() const { return target_.size(); }
  const PoseTarget& target() const { return target_; }  ///< the photo's gradients; all of it object
  const cv::Mat& response(int direction) const { return responses_[static_cast<size_t>(direction)]; }  ///< CV_32F
  /// How well the photo shows the edges of a reference that a camera sees: their mean response times the root of their length in pixels,
  /// since longer edges are found by chance more rarely.
  double support(const Layers& layers, const Camera& camera) const;

 private:
  PoseTarget target_;
  std::array<cv::Mat, EdgeTemplates::kDirections> responses_;
};

struct EdgeSearchOptions {
  double smallest = 0.25, largest = 1.0;    ///< longer side of the object, shares of the picture's
  int keep = 32;                            ///< cameras that are looked at more closely
  int finish_keep = 8;                      ///< of those, the ones that are refined to the end
  int hypotheses = 4;                       ///< returned at most
  double focal_per_width = kFocalPerWidth;  ///< usual lens of the picture
};

struct EdgePose {
  OrbitView view;
  double support = 0;  ///< see EdgeField
};

/// Cameras at which a photo of unknown lens shows the reference's edges, in their directions, wherever they are in it, most support first.
/// First the field's responses on a grid (the idea of Hinterstoisser et al. 2012, LINE-MOD), then least squares on the photo's own edges.
/// Deterministic for any thread count.
std::vector<EdgePose> find_pose_by_edges(const Scene& scene, const EdgeTemplates& templates, const EdgeField& field,
                                         const EdgeSearchOptions& options = {});

}  // namespace looking3d
