#pragma once
// A photo made ready: decoding within bounds, orientation, and the mask of the object on its background.
#include <opencv2/core.hpp>

#include "base/files.h"

namespace looking3d {

/// Reads PNG, JPEG, BMP, WebP or TIFF as CV_8UC3 BGR, EXIF orientation applied; transparency is laid on white. Throws InputError for a
/// missing or truncated file, a file that is no picture, or one of more than 100 megapixels (read off the header, before decoding).
cv::Mat read_photo(const Path& path);

/// The photo centred on a white square and scaled to size x size. A square photo keeps its framing.
cv::Mat square_photo(const cv::Mat& bgr, int size);

/// Object mask (CV_8U, 0/255) of a photo on a white background with a soft grey shadow on the floor: what is neither white nor shadow.
/// The shadow is smooth and colourless; the object has edges, colour or is darker than a shadow gets.
cv::Mat mask_on_white(const cv::Mat& bgr);

/// Share of the picture's border that is white: near 1 for product photos on white.
double white_border_share(const cv::Mat& bgr);

}  // namespace looking3d
