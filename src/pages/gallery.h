#pragma once
// The photos that tell most about a detector: where it was most wrong, and most right.
#include "train/evaluate.h"

namespace looking3d {

/// [{"title", "photos": [{"name", "shape", "kind", "anomalous", "refused", "probability", "box", "true_box", "photo", "heat",
/// "reference"}]}]: false alarms, misses, deviations found, pieces passed; the most confident first, one of a shape, six of each. Boxes are
/// [cx, cy, w, h] in shares of the photo, pictures data URIs; null where there is none. The reference is the stored view nearest in
/// azimuth.
Json gallery_json(const Evaluation& evaluation);

/// A picture of the page: shrunk, as a JPEG data URI.
Json page_picture(const cv::Mat& image, int side);

}  // namespace looking3d
