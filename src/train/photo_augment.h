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

/// Another photo's object, scaled and moved at random, behind the object of this one: things that stand around. Masks as photos or smaller.
cv::Mat with_clutter(const cv::Mat& photo, const cv::Mat& object, const cv::Mat& other_photo, const cv::Mat& other_object, Rng rng);

/// A random square crop of `share` of the width, scaled back to the photo's size, with its truth (paper, section 4: 224 of 256 pixels).
TrainingPhoto random_crop(const TrainingPhoto& photo, double share, Rng rng);

}  // namespace looking3d
