#pragma once
// A photo of any size and background made ready for a detector: where its object is, and what of the photo is looked at.
#include "engine/detector.h"

namespace looking3d {

/// On white, with a `mask` (CV_8U at the photo's size, or empty) or transparency, or for detectors that want it so: as photo/prepare.h
/// does. Else the photo is compared in place: the detector finds its object, in the whole photo first, then in the window around what was
/// found, until that window stays. Throws InputError naming `where`.
PreparedPhoto frame_photo(const Detector& detector, const PhotoImage& photo, const cv::Mat& mask = {}, const Path& where = "photo");

}  // namespace looking3d
