#include "train/photo_augment.h"

#include <algorithm>
#include <array>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "photo/photo.h"

namespace looking3d {
namespace {

constexpr double kBackgroundShare = 0.3, kBlurShare = 0.3, kNoiseShare = 0.4, kJpegShare = 0.25;

/// Half of the changed backgrounds lose their shadow, as photos on other backgrounds do once cut out; the others turn grey.
void change_background(cv::Mat& photo, Rng& rng) {
  if (!is_on_white(photo)) return;
  const cv::Mat background = mask_on_white(photo) == 0;
  if (rng.bernoulli(0.5)) {
    photo.setTo(cv::Scalar::all(255), background);
  } else {
    cv::Mat darker;
    photo.convertTo(darker, CV_8U, rng.uniform(0.6, 1.0));
    darker.copyTo(photo, background);
  }
}

/// One affine map of linear colour channels: out = M * in + offset.
void change_colour(cv::Mat& photo, Rng& rng) {
  const double brightness = rng.uniform(0.8, 1.2), contrast = rng.uniform(0.8, 1.2), saturation = rng.uniform(0.7, 1.3);
  const std::array<double, 3> tint = {rng.uniform(0.95, 1.05), rng.uniform(0.95, 1.05), rng.uniform(0.95, 1.05)};
  constexpr std::array<double, 3> kLuma = {0.114, 0.587, 0.299};  // of B, G, R
  cv::Matx34f map;
  for (int row = 0; row < 3; ++row) {
    const double gain = brightness * contrast * tint[row];
    for (int column = 0; column < 3; ++column) {
      map(row, column) = static_cast<float>(gain * (kLuma[column] * (1 - saturation) + (row == column ? saturation : 0)));
    }
    map(row, 3) = static_cast<float>(128 * (1 - contrast));
  }
  cv::transform(photo, photo, map);
}

void add_noise(cv::Mat& photo, Rng& rng) {
  const double deviation = rng.uniform(1, 8);
  // The sum of the four bytes of a random word is close enough to normal.
  for (int y = 0; y < photo.rows; ++y) {
    uchar* row = photo.ptr<uchar>(y);
    for (int i = 0; i < photo.cols * 3; ++i) {
      const uint32_t word = rng.next_u32();
      const int sum = static_cast<int>((word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24));
      row[i] = cv::saturate_cast<uchar>(row[i] + deviation * (sum - 510) / 148);  // 148: deviation of the sum
    }
  }
}

void add_jpeg_traces(cv::Mat& photo, Rng& rng) {
  std::vector<uchar> bytes;
  cv::imencode(".jpg", photo, bytes, {cv::IMWRITE_JPEG_QUALITY, rng.uniform_int(50, 95)});
  photo = cv::imdecode(bytes, cv::IMREAD_COLOR);
}

}  // namespace

cv::Mat augment_photo(const cv::Mat& photo, Rng rng) {
  cv::Mat changed = photo.clone();
  if (rng.bernoulli(kBackgroundShare)) change_background(changed, rng);
  change_colour(changed, rng);
  if (rng.bernoulli(kBlurShare)) {
    const double sigma = rng.uniform(0.3, 1.0) * photo.cols / 128;
    cv::GaussianBlur(changed, changed, {0, 0}, sigma);
  }
  if (rng.bernoulli(kNoiseShare)) add_noise(changed, rng);
  if (rng.bernoulli(kJpegShare)) add_jpeg_traces(changed, rng);
  return changed;
}

cv::Mat random_background(const cv::Mat& photo, const cv::Mat& object, Rng rng) {
  const int size = photo.rows;
  const auto colour = [&] {
    const double grey = rng.uniform(20, 250), spread = rng.bernoulli(0.5) ? 10 : 60;
    return cv::Scalar(grey + rng.uniform(-spread, spread), grey + rng.uniform(-spread, spread), grey + rng.uniform(-spread, spread));
  };
  // Blotches: a coarse grid of colours, enlarged; two cells make a gradient.
  const int cells = rng.pick_from(std::array{2, 2, 3, 6, 16});
  cv::Mat grid(cells, cells, CV_8UC3), background;
  for (int y = 0; y < cells; ++y)
    for (int x = 0; x < cells; ++x) {
      const cv::Scalar c = colour();
      grid.at<cv::Vec3b>(y, x) = {cv::saturate_cast<uchar>(c[0]), cv::saturate_cast<uchar>(c[1]), cv::saturate_cast<uchar>(c[2])};
    }
  cv::resize(grid, background, {size, size}, 0, 0, rng.bernoulli(0.8) ? cv::INTER_CUBIC : cv::INTER_NEAREST);
  // A floor below a wall, and planks or stripes on either.
  if (rng.bernoulli(0.6)) {
    const int horizon = rng.uniform_int(size / 5, size * 4 / 5);
    cv::Mat floor = background.rowRange(horizon, size);
    cv::addWeighted(floor, 0.3, cv::Mat(floor.size(), CV_8UC3, colour()), 0.7, 0, floor);
  }
  for (int lines = rng.bernoulli(0.5) ? rng.uniform_int(2, 14) : 0; lines > 0; --lines) {
    const cv::Point from(rng.uniform_int(-size, 2 * size), rng.uniform_int(-size, 2 * size)),
        to(rng.uniform_int(-size, 2 * size), rng.uniform_int(-size, 2 * size));
    cv::line(background, from, to, colour(), rng.uniform_int(1, std::max(1, size / 16)), cv::LINE_AA);
  }
  // The photo's own shadow darkens the new ground.
  cv::Mat grey, alpha, result(photo.size(), CV_8UC3);
  cv::cvtColor(photo, grey, cv::COLOR_BGR2GRAY);
  cv::GaussianBlur(object, alpha, {0, 0}, 0.5);
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const double a = alpha.at<uchar>(y, x) / 255.0, shade = grey.at<uchar>(y, x) / 255.0;
      for (int c = 0; c < 3; ++c) {
        const double ground = background.at<cv::Vec3b>(y, x)[c] * shade;
        result.at<cv::Vec3b>(y, x)[c] = cv::saturate_cast<uchar>(a * photo.at<cv::Vec3b>(y, x)[c] + (1 - a) * ground);
      }
    }
  return result;
}

cv::Mat with_clutter(const cv::Mat& photo, const cv::Mat& object, const cv::Mat& other_photo, const cv::Mat& other_object, Rng rng) {
  const double scale = rng.uniform(0.5, 1.6), size = photo.cols, middle = size / 2;
  const double x = middle * (1 - scale) + rng.uniform(-0.6, 0.6) * size, y = middle * (1 - scale) + rng.uniform(-0.4, 0.4) * size;
  const auto placed = [&](const cv::Mat& image, cv::InterpolationFlags how) {
    const double s = scale * size / image.cols;
    cv::Mat result;
    cv::warpAffine(image, result, cv::Matx23d(s, 0, x, 0, s, y), photo.size(), how, cv::BORDER_CONSTANT, cv::Scalar(0));
    return result;
  };
  const cv::Mat things = placed(other_photo, cv::INTER_LINEAR);
  cv::Mat alpha = placed(other_object, cv::INTER_LINEAR), own, result(photo.size(), CV_8UC3);
  cv::GaussianBlur(alpha, alpha, {0, 0}, 0.6);
  cv::resize(object, own, photo.size(), 0, 0, cv::INTER_LINEAR);
  for (int row = 0; row < photo.rows; ++row)
    for (int column = 0; column < photo.cols; ++column) {
      const float a = static_cast<float>(alpha.at<uchar>(row, column) * (255 - own.at<uchar>(row, column))) / (255 * 255);
      const cv::Vec3b &below = photo.at<cv::Vec3b>(row, column), &above = things.at<cv::Vec3b>(row, column);
      for (int c = 0; c < 3; ++c)
        result.at<cv::Vec3b>(row, column)[c] =
            cv::saturate_cast<uchar>(a * static_cast<float>(above[c]) + (1 - a) * static_cast<float>(below[c]));
    }
  return result;
}

TrainingPhoto random_crop(const TrainingPhoto& photo, double share, Rng rng) {
  const int size = photo.photo.rows, side = cvRound(share * size);
  const cv::Rect window(rng.uniform_int(0, size - side), rng.uniform_int(0, size - side), side, side);
  const double x0 = static_cast<double>(window.x) / size, y0 = static_cast<double>(window.y) / size,
               kept = static_cast<double>(side) / size;
  TrainingPhoto crop = photo;
  // Pictures of their own: copies of cv::Mat share pixels, and `photo` stays as it is.
  crop.photo = cv::Mat(), crop.object = cv::Mat(), crop.change = cv::Mat();
  cv::resize(photo.photo(window), crop.photo, {size, size}, 0, 0, cv::INTER_LINEAR);
  if (!photo.object.empty()) cv::resize(photo.object(window), crop.object, {size, size}, 0, 0, cv::INTER_NEAREST);
  if (!photo.change.empty()) cv::resize(photo.change(window), crop.change, {size, size}, 0, 0, cv::INTER_NEAREST);
  if (photo.box) {
    const auto clip = [&](double centre, double extent, double low) {
      const double begin = std::clamp((centre - extent / 2 - low) / kept, 0.0, 1.0),
                   end = std::clamp((centre + extent / 2 - low) / kept, 0.0, 1.0);
      return std::pair((begin + end) / 2, end - begin);
    };
    const auto [cx, w] = clip(photo.box->cx, photo.box->w, x0);
    const auto [cy, h] = clip(photo.box->cy, photo.box->h, y0);
    crop.box = Box{cx, cy, w, h};
    if (w <= 0 || h <= 0) crop.box.reset();
  }
  if (photo.view) {
    crop.view->focal_per_width /= kept;
    crop.view->shift_x = (0.5 + photo.view->shift_x - x0) / kept - 0.5;
    crop.view->shift_y = (0.5 + photo.view->shift_y - y0) / kept - 0.5;
  }
  return crop;
}

}  // namespace looking3d
