#pragma once
// A photo of any size and background made ready for a detector: where its object is, and what of the photo is looked at.
#include <optional>

#include "engine/detector.h"

namespace looking3d {

/// What may be done to a photo, and what is known of it.
struct FrameOptions {
  cv::Mat mask = {};        ///< of the object, CV_8U at the photo's size; empty: not known
  bool cut_out = false;     ///< the object is cut out and laid on white also where the detector could compare it in place
  bool second_look = true;  ///< photos that are compared in place may be looked at again by edges
  int matches = 0;          ///< see MatchSetting
  Path where = "photo";     ///< what errors name
};

/// On white, with a mask or transparency, cut out, or for detectors that want it so: as photo/prepare.h does. Else the photo is compared in
/// place: the detector finds its object, in the whole photo first, then in the window around what was found, until that window stays.
/// Throws InputError.
PreparedPhoto frame_photo(const Detector& detector, const PhotoImage& photo, const FrameOptions& options = {});

/// The photo in the window where the detector finds the reference by its edges, its object the colours found there; nullopt where it finds
/// none.
std::optional<PreparedPhoto> frame_by_edges(const Detector& detector, const ReferenceData& reference, const PhotoImage& photo,
                                            const Path& where = "photo");

/// A photo as a detector saw it, and what it says of it.
struct Look {
  PreparedPhoto photo;
  Detection detection;
  double prepare_ms = 0;  ///< until that look began: framing, and a first look that saw nothing
};

/// The photo framed and judged. Compared in place, where its object cannot be seen, no camera explains it, or its edges do not bear the
/// camera out, it is looked at again where the reference's edges are; that look counts where its camera is believed. Throws InputError as
/// frame_photo does.
Look look_at(const Detector& detector, const ReferenceData& reference, const PhotoImage& photo, const FrameOptions& options = {});

}  // namespace looking3d
