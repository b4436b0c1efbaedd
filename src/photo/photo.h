#pragma once
// A photo from disk: decoding within bounds, orientation, transparency.
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "base/files.h"

namespace looking3d {

/// A decoded photo. `alpha` (CV_8U, 255 on the object) is empty when the file has no transparency.
struct PhotoImage {
  cv::Mat bgr;  ///< CV_8UC3, transparency laid on white
  cv::Mat alpha;
};

/// Reads PNG, JPEG, BMP, WebP or TIFF, EXIF orientation applied. Throws InputError for a missing, empty or truncated file, a file that is
/// no picture, or one of more than 100 megapixels (PNG and JPEG: read off the header, before decoding).
PhotoImage read_photo_image(const Path& path);

/// The photos that a user named: a file stands for itself, a folder for the PNG, JPEG, BMP, WebP and TIFF files in it (by their extension;
/// neither hidden ones nor those of folders within), sorted by name. Throws InputError for a folder without any.
std::vector<std::string> photo_files(const std::vector<std::string>& files_and_folders);

/// A CV_8UC4 picture as a photo: laid on white, its transparency apart where it has any.
PhotoImage split_alpha(const cv::Mat& bgra);

/// The photo centred on a white square and scaled to size x size. A square photo keeps its framing.
cv::Mat square_photo(const cv::Mat& bgr, int size);

/// Object mask (CV_8U, 0/255) of a photo on a white background with a soft grey shadow on the floor: what is neither white nor shadow.
/// The shadow is smooth and colourless; the object has edges, colour or is darker than a shadow gets. A pixel that the object covers by
/// less than half is background.
cv::Mat mask_on_white(const cv::Mat& bgr);

/// Whether the photo's border shows white and soft shadow, as product photos do.
bool is_on_white(const cv::Mat& bgr);

}  // namespace looking3d
