#include "photo/prepare.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "base/error.h"
#include "photo/segment.h"

namespace looking3d {
namespace {

constexpr int kBrightest = 225;       ///< a colourless border at least this bright is paper in poor light, and is scaled to white
constexpr double kCropMargin = 0.06;  ///< free share of the window on each side of the object
constexpr int kMostAspect = 8;
constexpr double kLeastObject = 0.002;  ///< of the picture
constexpr double kMostObject = 0.97;

/// The photo with its border's median colour scaled to white; unchanged when the border is coloured or dark.
cv::Mat with_white_point(const cv::Mat& bgr) {
  cv::Vec3d scale;
  double low = 255, high = 0;
  for (int c = 0; c < 3; ++c) {
    std::vector<uchar> border;
    for (int x = 0; x < bgr.cols; ++x) border.insert(border.end(), {bgr.at<cv::Vec3b>(0, x)[c], bgr.at<cv::Vec3b>(bgr.rows - 1, x)[c]});
    for (int y = 0; y < bgr.rows; ++y) border.insert(border.end(), {bgr.at<cv::Vec3b>(y, 0)[c], bgr.at<cv::Vec3b>(y, bgr.cols - 1)[c]});
    std::nth_element(border.begin(), border.begin() + static_cast<std::ptrdiff_t>(border.size() / 2), border.end());
    const double median = border[border.size() / 2];
    scale[c] = 255 / std::max(1.0, median);
    low = std::min(low, median), high = std::max(high, median);
  }
  if (low < kBrightest || high - low > 12 || low >= 254) return bgr;
  cv::Mat scaled;
  cv::multiply(bgr, cv::Scalar(scale), scaled);
  return scaled;
}

/// The window of a picture at size x size, beyond the picture `outside` or its border; area-averaged when it shrinks.
cv::Mat cut_out(const cv::Mat& image, const PhotoWindow& window, int size, cv::BorderTypes border, const cv::Scalar& outside = {}) {
  const int factor = std::max(1, static_cast<int>(window.side / size));
  const double scale = static_cast<double>(size) * factor / window.side;
  const cv::Matx23d fine_from_photo(scale, 0, (0.5 - window.x) * scale - 0.5, 0, scale, (0.5 - window.y) * scale - 0.5);
  cv::Mat fine, result;
  cv::warpAffine(image, fine, fine_from_photo, {size * factor, size * factor}, cv::INTER_LINEAR, border, outside);
  cv::resize(fine, result, {size, size}, 0, 0, cv::INTER_AREA);
  return result;
}

void check_aspect(const cv::Mat& bgr, const Path& where) {
  if (std::max(bgr.rows, bgr.cols) > kMostAspect * std::min(bgr.rows, bgr.cols)) {
    throw InputError(where, "is more than " + std::to_string(kMostAspect) + " times as long as wide", "crop it to the object");
  }
}

void check_object(const cv::Mat& mask, const Path& where) {
  const double share = static_cast<double>(cv::countNonZero(mask)) / static_cast<double>(mask.total());
  if (share < kLeastObject) throw InputError(where, "no object is to be seen", "the object should fill most of the photo");
  if (share > kMostObject) throw InputError(where, "the object fills the whole photo", "some background is needed around it");
}

/// Window, cropped picture and mask; `bgr` and `mask` at the photo's size.
PreparedPhoto framed(const cv::Mat& bgr, const cv::Mat& mask, bool crop, int size) {
  PreparedPhoto prepared;
  const PhotoWindow frame = whole_frame(bgr.size());
  prepared.window = crop ? window_around(mask) : frame;
  const PhotoWindow& window = prepared.window;
  prepared.bgr = crop ? cut_out(bgr, window, size, cv::BORDER_CONSTANT, cv::Scalar::all(255)) : square_photo(bgr, size);
  prepared.lens_is_known = !crop;
  if (!mask.empty()) prepared.mask = cut_out(mask, window, size, cv::BORDER_CONSTANT) > 127;
  return prepared;
}

}  // namespace

bool is_on_paper(const cv::Mat& bgr) {
  return is_on_white(with_white_point(bgr));
}

PhotoWindow whole_frame(cv::Size size) {
  const double side = std::max(size.width, size.height);
  return {(size.width - side) / 2, (size.height - side) / 2, side};
}

PhotoWindow window_around(const cv::Mat& mask) {
  const cv::Rect box = cv::boundingRect(mask);
  const double side = std::max(box.width, box.height) / (1 - 2 * kCropMargin);
  return {box.x + box.width / 2.0 - side / 2, box.y + box.height / 2.0 - side / 2, side};
}

PreparedPhoto prepare_in_place(const PhotoImage& photo, const PhotoWindow& window, int size, const Path& where) {
  L3D_CHECK_EQ(photo.bgr.type(), CV_8UC3);
  check_aspect(photo.bgr, where);
  PreparedPhoto prepared;
  prepared.window = window;
  prepared.bgr = cut_out(photo.bgr, window, size, cv::BORDER_REPLICATE);
  prepared.inside =
      cv::Rect2d(-window.x / window.side, -window.y / window.side, photo.bgr.cols / window.side, photo.bgr.rows / window.side) &
      cv::Rect2d(0, 0, 1, 1);
  prepared.mask_is_rough = true;
  prepared.lens_is_known = false;
  prepared.note = "compared in place, on its own background";
  return prepared;
}

PreparedPhoto prepare_photo_with_mask(const PhotoImage& photo, const cv::Mat& mask, int size, const Path& where) {
  L3D_CHECK_EQ(photo.bgr.type(), CV_8UC3);
  check_aspect(photo.bgr, where);
  if (mask.type() != CV_8U) throw InputError(where, "the mask is not an 8-bit picture of one channel");
  if (mask.size() != photo.bgr.size())
    throw InputError(where, "the mask has another size than the photo", "give a mask of the photo itself");
  const cv::Mat object = mask > 0;
  check_object(object, where);
  const bool on_white = is_on_white(photo.bgr);
  PreparedPhoto prepared = framed(photo.bgr, object, !on_white, size);
  if (!on_white) prepared.bgr = composite_on_white(prepared.bgr, prepared.mask);
  prepared.mask_is_given = true;
  prepared.note = "mask given";
  return prepared;
}

PreparedPhoto prepare_photo(const PhotoImage& photo, int size, const Path& where) {
  L3D_CHECK_EQ(photo.bgr.type(), CV_8UC3);
  check_aspect(photo.bgr, where);
  if (!photo.alpha.empty()) return prepare_photo_with_mask(photo, photo.alpha > 127, size, where);
  PreparedPhoto prepared;
  const cv::Mat whitened = with_white_point(photo.bgr);
  if (is_on_white(whitened)) {
    // A white object may escape this mask and be found by the detector's own, so an empty mask is no failure here.
    prepared = framed(whitened, {}, false, size);
    prepared.mask = mask_on_white(prepared.bgr);
    prepared.note = "white background: object told from white and from its soft shadow";
    return prepared;
  }
  const cv::Mat object = mask_on_background(photo.bgr);
  check_object(object, where);
  prepared = framed(photo.bgr, object, true, size);
  prepared.bgr = composite_on_white(prepared.bgr, prepared.mask);
  prepared.mask_is_rough = true;
  prepared.note = "object told from its background by colour; a rough mask";
  check_object(prepared.mask, where);
  return prepared;
}

cv::Mat to_photo_frame(const cv::Mat& prepared, const PhotoWindow& window, cv::Size photo_size, const cv::Scalar& outside) {
  const double scale = window.side / prepared.cols;
  const cv::Matx23d photo_from_prepared(scale, 0, 0.5 * scale + window.x - 0.5, 0, scale, 0.5 * scale + window.y - 0.5);
  cv::Mat result;
  const int interpolation = prepared.type() == CV_8U ? cv::INTER_NEAREST : cv::INTER_LINEAR;
  cv::warpAffine(prepared, result, photo_from_prepared, photo_size, interpolation, cv::BORDER_CONSTANT, outside);
  return result;
}

}  // namespace looking3d
