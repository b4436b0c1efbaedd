#pragma once
// A photo made ready for pose search and networks: square, on white, with the object's mask, and the way back to the photo's pixels.
#include <string>

#include "photo/photo.h"

namespace looking3d {

/// Square window of the photo that became the prepared picture; it may reach beyond the photo (white there).
struct PhotoWindow {
  double x = 0, y = 0, side = 1;  ///< in pixels of the photo
};

struct PreparedPhoto {
  cv::Mat bgr;                       ///< size x size, CV_8UC3; on white, or with its own background where it is rough
  cv::Mat mask;                      ///< size x size, CV_8U 0/255: the object
  bool mask_is_given = false;        ///< by the caller or by the file's transparency, so nobody need search for a better one
  bool mask_is_rough = false;        ///< found by colour on a background that is not white: trust it little
  bool found_by_edges = false;       ///< the window is where the photo shows the reference's edges; the mask was made from that
  bool lens_is_known = true;         ///< the frame is the camera's own, as in data sets; a cut of a photo may have any lens
  cv::Rect2d inside = {0, 0, 1, 1};  ///< where the picture is the photo, shares of its side; beyond is white, or the photo's border goes on
  PhotoWindow window;                ///< photo pixel = window origin + prepared pixel * side / size
  std::string note;                  ///< what was done, in words: which masking method
};

/// The photo at size x size. A photo on white keeps its frame; from any other background its object is cut out and laid on white, over a
/// synthetic contact shadow. Throws InputError (naming `where`) when no object is found on a background that is not white: nothing or all
/// of it is object. The mask of a photo on white may be empty.
PreparedPhoto prepare_photo(const PhotoImage& photo, int size, const Path& where = "photo");

/// The same with the object's mask given (CV_8U at the photo's size, non-zero on the object).
PreparedPhoto prepare_photo_with_mask(const PhotoImage& photo, const cv::Mat& mask, int size, const Path& where = "photo");

/// Whether the photo's background is white, or colourless paper in poor light that is taken for white.
bool is_on_paper(const cv::Mat& bgr);

/// The square window around all of the photo, and that around a mask (CV_8U, not empty) with a margin.
PhotoWindow whole_frame(cv::Size photo_size);
PhotoWindow window_around(const cv::Mat& mask);

/// The window of a photo at size x size with its own background, which goes on beyond the photo's border as it is there. No mask yet.
PreparedPhoto prepare_in_place(const PhotoImage& photo, const PhotoWindow& window, int size, const Path& where = "photo");

/// A picture of the prepared frame (heat map, silhouette) brought to the photo's frame; `outside` where the window does not reach.
cv::Mat to_photo_frame(const cv::Mat& prepared, const PhotoWindow& window, cv::Size photo_size, const cv::Scalar& outside = {});

}  // namespace looking3d
