#pragma once
// A photo made ready for pose search and networks: square, on white, with the object's mask, and the way back to the photo's pixels.
#include <string>

#include "photo/photo.h"

namespace looking3d {

struct PrepareOptions {
  int size = 256;                   ///< side of the result in pixels
  std::string background = "auto";  ///< "white", "any", or "auto": white when the photo's border is
  bool crop_to_object = false;      ///< also crop photos on white to their object; photos on other backgrounds always are
  bool shadow = true;               ///< lay a synthetic contact shadow under an object cut out of its background
  void check() const;
};

/// Square window of the photo that became the prepared picture; it may reach beyond the photo (white there).
struct PhotoWindow {
  double x = 0, y = 0, side = 1;  ///< in pixels of the photo
};

struct PreparedPhoto {
  cv::Mat bgr;                 ///< size x size, CV_8UC3, white background
  cv::Mat mask;                ///< size x size, CV_8U 0/255: the object
  bool mask_is_given = false;  ///< by the caller or by the file's transparency, so nobody need search for a better one
  bool mask_is_rough = false;  ///< found by colour on a background that is not white: trust it little
  PhotoWindow window;          ///< photo pixel = window origin + prepared pixel * side / size
  std::string note;            ///< what was done, in words: which masking method
};

/// Throws InputError (naming `where`) when no object is found on a background that is not white: nothing or all of it is object. The mask
/// of a photo on white may be empty.
PreparedPhoto prepare_photo(const PhotoImage& photo, const PrepareOptions& options = {}, const Path& where = "photo");

/// The same with the object's mask given (CV_8U at the photo's size, non-zero on the object).
PreparedPhoto prepare_photo_with_mask(const PhotoImage& photo, const cv::Mat& mask, const PrepareOptions& options = {},
                                      const Path& where = "photo");

/// A picture of the prepared frame (heat map, silhouette) brought to the photo's frame; `outside` where the window does not reach.
cv::Mat to_photo_frame(const cv::Mat& prepared, const PhotoWindow& window, cv::Size photo_size, const cv::Scalar& outside = {});

}  // namespace looking3d
