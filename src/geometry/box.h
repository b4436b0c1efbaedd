#pragma once
// A rectangle in an image.

namespace looking3d {

/// A box in normalised image coordinates (centre and size, each a share of the image's width or height).
struct Box {
  double cx = 0.5, cy = 0.5, w = 0, h = 0;
};

/// Intersection over union; 0 when the union is empty.
double box_iou(const Box& a, const Box& b);

}  // namespace looking3d
