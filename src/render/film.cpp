#include "render/film.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "base/parallel.h"
#include "render/noise.h"

namespace looking3d {
namespace {

constexpr float kLeastAlbedo = 0.02f;  ///< darker surfaces are not divided out any further

const cv::Vec3f& at3(const cv::Mat& plane, int y, int x) {
  return plane.at<cv::Vec3f>(y, x);
}

/// How like the surfaces at two pixels are, by normal and depth.
float likeness(const FilmLayer& layer, int y0, int x0, int y, int x) {
  const float cosine = std::max(0.0f, at3(layer.normal, y, x).dot(at3(layer.normal, y0, x0)));
  const float c4 = cosine * cosine * cosine * cosine, c16 = c4 * c4 * c4 * c4;
  const float dz = (layer.depth.at<float>(y, x) - layer.depth.at<float>(y0, x0)) / (0.03f + 4 * layer.slope.at<float>(y0, x0));
  return layer.coverage.at<float>(y, x) * c16 * c16 * std::exp(-dz * dz);
}

/// One pass over `light`. Differences in brightness are read from `guide`; those below `tolerance` of the brightness count as noise.
cv::Mat filter_light(const FilmLayer& layer, const cv::Mat& light, const cv::Mat& guide, int reach, float tolerance) {
  const int h = light.rows, w = light.cols;
  const auto brightness = [&](int y, int x) { return at3(guide, y, x)[0] + at3(guide, y, x)[1] + at3(guide, y, x)[2]; };
  cv::Mat filtered = light.clone();
  const auto filter_row = [&](int64_t row) {
    const int y = static_cast<int>(row);
    for (int x = 0; x < w; ++x) {
      if (layer.coverage.at<float>(y, x) == 0) continue;
      const float here = brightness(y, x), scale = 1 / (tolerance * (here + 0.6f));
      cv::Vec3f sum = 1e-4f * at3(light, y, x);
      float total = 1e-4f;
      for (int yy = std::max(0, y - reach); yy <= std::min(h - 1, y + reach); ++yy)
        for (int xx = std::max(0, x - reach); xx <= std::min(w - 1, x + reach); ++xx) {
          if (layer.coverage.at<float>(yy, xx) == 0) continue;
          const float dl = (brightness(yy, xx) - here) * scale, d2 = static_cast<float>((yy - y) * (yy - y) + (xx - x) * (xx - x));
          const float weight = likeness(layer, y, x, yy, xx) * std::exp(-dl * dl - d2 / 6.0f);
          sum += weight * at3(light, yy, xx), total += weight;
        }
      filtered.at<cv::Vec3f>(y, x) = sum / total;
    }
  };
  parallel_for(h, filter_row, 8);
  return filtered;
}

void denoise_layer(FilmLayer& layer) {
  cv::Mat albedo;
  cv::max(layer.albedo, cv::Scalar::all(kLeastAlbedo), albedo);
  const cv::Mat light = layer.radiance / albedo;
  // A first small pass calms the brightness by which the second tells edges of light from noise.
  const cv::Mat guide = filter_light(layer, light, light, 1, 1.5f);
  layer.radiance = filter_light(layer, light, guide, 3, 0.25f).mul(albedo);
}

cv::Mat blurred(const cv::Mat& plane, double sigma) {
  cv::Mat result;
  cv::GaussianBlur(plane, result, {0, 0}, sigma);
  return result;
}

/// Noise to be expected of a share `loss` of the light, told by `samples` shadow rays a pixel under a Gaussian window of `sigma_px`.
float noise_of_loss(float loss, double sigma_px, double samples) {
  constexpr double kSpread = 2, kLeast = 0.03;  // rays carry unequal light; and rare ones a lot of it
  const double rays = samples * std::max(1.0, 4 * std::numbers::pi * sigma_px * sigma_px);
  return static_cast<float>(std::sqrt(kSpread * (std::clamp(loss, 0.0f, 1.0f) * (1 - std::clamp(loss, 0.0f, 1.0f)) + kLeast) / rays));
}

/// Blurs what the floor loses, wide where the penumbra must be wide, but narrow wherever the narrower window says something else than its
/// own noise explains: the lines of contact under feet stay, and with many samples nothing is blurred. Both planes count each pixel by the
/// share of it that is floor, so that the object's edge does not bleed into the shadow.
void denoise_shadow(Film& film, int samples) {
  constexpr std::array<double, 5> kSigmas = {0.5, 1.0, 1.8, 3.2, 5.6};
  constexpr float kNoise = 2, kSignal = 4;  // multiples of the expected noise
  const double scale = film.floor_light.cols / 256.0, floor_samples = std::max(1, samples / 2);
  std::array<cv::Mat, kSigmas.size()> losses;
  for (size_t i = 0; i < kSigmas.size(); ++i)
    losses[i] = blurred(film.floor_lost, kSigmas[i] * scale) / cv::max(blurred(film.floor_light, kSigmas[i] * scale), 1e-6f);
  const cv::Mat blocker =
      blurred(film.blocker_px.mul(film.floor_lost), 3.0 * scale) / cv::max(blurred(film.floor_lost, 3.0 * scale), 1e-5f);

  for (int y = 0; y < blocker.rows; ++y)
    for (int x = 0; x < blocker.cols; ++x) {
      // The penumbra's width grows with the distance of what casts the shadow.
      const double width = 0.1 * blocker.at<float>(y, x) / scale;
      const double level = 1 + std::clamp(1.2 * std::log2(std::max(width, kSigmas[1]) / kSigmas[1]), 0.0, kSigmas.size() - 2.001);
      const auto wide = static_cast<size_t>(level);
      const auto t = static_cast<float>(level - static_cast<double>(wide));
      float loss = (1 - t) * losses[wide].at<float>(y, x) + t * losses[wide + 1].at<float>(y, x);
      for (size_t i = wide + 1; i > 0; --i) {
        const float difference = losses[i - 1].at<float>(y, x) - loss, noise = noise_of_loss(loss, kSigmas[i - 1] * scale, floor_samples);
        loss += difference * smooth_step(kNoise * noise, kSignal * noise, std::abs(difference));
      }
      film.floor_lost.at<float>(y, x) = loss * film.floor_light.at<float>(y, x);
    }
}

/// Share of the white floor's light that the picture shows as lost: nothing up to a threshold below which all is noise, then a soft toe.
float shown_loss(float light, float lost) {
  constexpr float kStrength = 0.8f, kNothing = 0.012f, kToe = 0.05f;
  const float loss = std::max(0.0f, std::min(1.0f, lost / std::max(light, 1e-6f)) - kNothing);
  return kStrength * loss * loss / (loss + kToe);
}

/// Linear light to an 8-bit sRGB value: straight up to 0.7, then a soft shoulder towards 1.
float srgb_from_linear(float linear) {
  const float x = std::max(0.0f, linear);
  const float y = x < 0.7f ? x : 0.7f + 0.3f * (1 - std::exp(-(x - 0.7f) / 0.3f));
  return y <= 0.0031308f ? 12.92f * y : 1.055f * std::pow(y, 1 / 2.4f) - 0.055f;
}

}  // namespace

FilmLayer::FilmLayer(int height, int width)
    : radiance(height, width, CV_32FC3, cv::Scalar::all(0)),
      albedo(radiance.clone()),
      normal(radiance.clone()),
      depth(height, width, CV_32F, cv::Scalar(0)),
      slope(depth.clone()),
      coverage(depth.clone()) {}

Film::Film(int height, int width, bool surroundings)
    : object(height, width),
      floor_light(height, width, CV_32F, cv::Scalar(0)),
      floor_lost(floor_light.clone()),
      blocker_px(floor_light.clone()) {
  if (surroundings) behind.emplace(height, width);
}

void denoise(Film& film, int samples) {
  denoise_layer(film.object);
  if (film.behind)
    denoise_layer(*film.behind);
  else
    denoise_shadow(film, samples);
}

cv::Mat develop(const Film& film) {
  cv::Mat image(film.floor_light.rows, film.floor_light.cols, CV_8UC3);
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      const float cover = film.object.coverage.at<float>(y, x);
      const float floor = film.behind ? 0 : 1 - shown_loss(film.floor_light.at<float>(y, x), film.floor_lost.at<float>(y, x));
      for (int k = 0; k < 3; ++k) {
        const int rgb = 2 - k;
        const float behind = film.behind ? srgb_from_linear(at3(film.behind->radiance, y, x)[rgb]) : floor;
        const float value = cover * srgb_from_linear(at3(film.object.radiance, y, x)[rgb]) + (1 - cover) * behind;
        image.at<cv::Vec3b>(y, x)[k] = cv::saturate_cast<uchar>(255 * value);
      }
    }
  return image;
}

}  // namespace looking3d
