#include "geometry/box.h"

#include <algorithm>

namespace looking3d {

double box_iou(const Box& a, const Box& b) {
  const auto overlap = [](double centre_a, double size_a, double centre_b, double size_b) {
    const double low = std::max(centre_a - size_a / 2, centre_b - size_b / 2);
    const double high = std::min(centre_a + size_a / 2, centre_b + size_b / 2);
    return std::max(0.0, high - low);
  };
  const double both = overlap(a.cx, a.w, b.cx, b.w) * overlap(a.cy, a.h, b.cy, b.h);
  const double either = a.w * a.h + b.w * b.h - both;
  return either > 0 ? both / either : 0;
}

}  // namespace looking3d
