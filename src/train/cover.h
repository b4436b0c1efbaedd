#pragma once
// Things that lie on a photographed piece or are held before it: cushions, cloths, hands, tags, straps.
#include <opencv2/core.hpp>

#include "base/random.h"
#include "train/stores.h"

namespace looking3d {

struct CoveredPhoto {
  cv::Mat photo;  ///< with the thing on it, CV_8UC3
  cv::Mat
      cover;  ///< CV_8U 0/255 at the object mask's size: where the thing hides the piece, or what is seen through it; empty: nothing fitted
};

/// A photo with something drawn upon its piece, at random in form, size, colour and pattern: it hides 1 to 45 % of the object (its mask
/// CV_8U 0/255, as large as the photo or smaller), or now and then nothing. Pixels beyond the object's convex hull are no part of the
/// `cover`: things beside a piece do not matter. Deterministic in `rng`.
CoveredPhoto with_cover(const cv::Mat& photo, const cv::Mat& object, Rng rng);

/// The same with a thing in space that lies on the piece or leans against it (train/laid_thing): `piece` is its reference, `view` the
/// photo's camera. What of the thing the photo shows is the `cover`, all of it.
CoveredPhoto with_thing_on(const cv::Mat& photo, const cv::Mat& object, const Scene& piece, const OrbitView& view, Rng rng);

/// The truth of a photo with such a thing on it: something differs there. None of the five kinds; two changes have no box.
TrainingPhoto truth_of_covered(const TrainingPhoto& photo, const cv::Mat& cover);

}  // namespace looking3d
