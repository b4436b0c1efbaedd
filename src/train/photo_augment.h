#pragma once
// Changes of a photo that do not change the verdict: light, lens, sensor, file and background.
#include <opencv2/core.hpp>

#include "base/random.h"
#include "train/stores.h"

namespace looking3d {

/// A changed copy of a CV_8UC3 photo on white: brightness, contrast, saturation, tint; sometimes a grey or shadow-free background, blur,
/// noise, JPEG traces. Geometry stays. Deterministic in `rng`.
cv::Mat augment_photo(const cv::Mat& photo, Rng rng);

/// The object of a photo (its mask CV_8U 0/255) on a random background: gradient or blotches, a floor, stripes.
cv::Mat random_background(const cv::Mat& photo, const cv::Mat& object, Rng rng);

/// A random square crop of `share` of the width, scaled back to the photo's size, with its truth (paper, section 4: 224 of 256 pixels).
TrainingPhoto random_crop(const TrainingPhoto& photo, double share, Rng rng);

}  // namespace looking3d
