#pragma once
// How badly a photo agrees with one part of the reference standing at another place: silhouette, changes, edges (SPEC 6.4).
#include <span>

#include "pose/mesh_raster.h"

namespace looking3d {

/// What a photo shows, square and all of one picture.
struct PhotoEvidence {
  cv::Mat object;  ///< CV_8U: non-zero on the photographed object
  cv::Mat change;  ///< CV_32F, 0..1: probability that the photo differs from the reference there; any size
  cv::Mat bgr;     ///< CV_8UC3, for its edges; may be empty
};

struct MotionCostOptions {
  double silhouette = 1;                           ///< price of a pixel whose being object or not is explained wrongly
  double change = 1;                               ///< price of a pixel whose having changed or not is explained wrongly
  double edge = 0.5;                               ///< price of a pixel of the part's outline that lies off all edges
  double edge_reach = 3;                           ///< from how far an edge attracts, pixels
  double same_depth = 0.003, other_depth = 0.015;  ///< canonical units: up to the one the surface did not change, from the other on it did
};

/// The price, in pixels of a picture 128 wide, of explaining a photo by the reference with one part moved, above what the change map's own
/// uncertainty costs any explanation. The rest of the reference does
/// not move, so only the part is drawn; each place costs some ten microseconds.
class MotionCost {
 public:
  /// `rest`: the other parts. All meshes must outlive this. `size`: side of the pictures compared.
  MotionCost(const TriangleMesh& part, std::span<const TriangleMesh* const> rest, const Camera& camera, const PhotoEvidence& evidence,
             int size, const MotionCostOptions& options = {});

  /// The part moved by `world_from_part`.
  double at(const Eigen::Isometry3d& world_from_part);
  double removed() const { return absent_ * unit_; }  ///< the part gone
  double lost_share() const { return lost_share_; }   ///< see PartMotionFit
  double visible_px() const { return visible_px_; }   ///< the part's pixels in the reference, of a picture 128 wide

 private:
  void set_prices(const PhotoEvidence& evidence, const MotionCostOptions& options);
  void set_lost_share(const PhotoEvidence& evidence);
  void set_edge_prices(const cv::Mat& bgr, const MotionCostOptions& options);
  double outline(const cv::Rect& drawn) const;

  MeshRaster raster_;
  int size_;
  double unit_, absent_ = 0, visible_px_ = 0, lost_share_ = 0;
  float same_depth_, other_depth_;
  cv::Mat rest_, before_;   ///< CV_32F inverse depths: of the other parts; of the part where the reference shows it
  cv::Mat changed_, same_;  ///< CV_32F: price of the part being seen here, over that of its absence: with another surface; with the old one
  cv::Mat edge_;            ///< CV_32F: price of the part's outline being here
  cv::Mat seen_;            ///< CV_8U: where the part as last drawn is seen
};

}  // namespace looking3d
