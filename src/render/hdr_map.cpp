#include "render/hdr_map.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "render/image_file.h"

namespace looking3d {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr int kColumns = 512, kRows = kColumns / 2;
constexpr double kWhiteBalance = 0.75;  ///< share of the light's tint that the camera takes out, as a power
constexpr size_t kMostMaps = 64;
constexpr const char* kDebianFolder = "/usr/share/blender/datafiles/studiolights/world";

template <class Rgb>
float luminance(const Rgb& c) {
  return static_cast<float>(0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]);
}

/// Place on the map, both in [0, 1).
Vector2f place_of(const Vector3f& d) {
  const float u = 0.5f + std::atan2(d.x(), d.z()) / (2 * kPi), v = std::acos(std::clamp(d.y(), -1.0f, 1.0f)) / kPi;
  return {std::clamp(u, 0.0f, 0.9999999f), std::clamp(v, 0.0f, 0.9999999f)};
}

Vector3f direction_of(const Vector2f& place) {
  const float phi = 2 * kPi * (place.x() - 0.5f), theta = kPi * place.y(), s = std::sin(theta);
  return {s * std::sin(phi), std::cos(theta), s * std::cos(phi)};
}

/// Bilinear, around the seam.
Vector3f lookup(const cv::Mat& map, const Vector3f& direction) {
  const Vector2f p = place_of(direction);
  const float x = p.x() * static_cast<float>(map.cols) - 0.5f, y = p.y() * static_cast<float>(map.rows) - 0.5f;
  const int x0 = static_cast<int>(std::floor(x)), y0 = static_cast<int>(std::floor(y));
  const float fx = x - static_cast<float>(x0), fy = y - static_cast<float>(y0);
  const auto at = [&](int yy, int xx) {
    const cv::Vec3f& c = map.at<cv::Vec3f>(std::clamp(yy, 0, map.rows - 1), (xx + map.cols) % map.cols);
    return Vector3f(c[0], c[1], c[2]);
  };
  return (1 - fy) * ((1 - fx) * at(y0, x0) + fx * at(y0, x0 + 1)) + fy * ((1 - fx) * at(y0 + 1, x0) + fx * at(y0 + 1, x0 + 1));
}

/// Where in the steps of a cumulated distribution `u` falls: step and place within it.
std::pair<int, float> invert(const float* cdf, int steps, float u) {
  const int i = std::clamp(static_cast<int>(std::upper_bound(cdf, cdf + steps + 1, u) - cdf) - 1, 0, steps - 1);
  const float width = cdf[i + 1] - cdf[i];
  return {i, width > 0 ? std::clamp((u - cdf[i]) / width, 0.0f, 0.99999f) : 0.5f};
}

}  // namespace

HdrMap::HdrMap(std::string name, const cv::Mat& image) : name_(std::move(name)) {
  if (image.cols != 2 * image.rows || image.rows < 8)
    throw InputError(name_, "is not twice as wide as high", "a latitude-longitude map of all directions is needed");
  cv::resize(image, map_, {kColumns, kRows}, 0, 0, image.cols > kColumns ? cv::INTER_AREA : cv::INTER_LINEAR);
  scale_exposure();
  build_distribution();

  // Blur around the seam: out of focus, as behind a piece of furniture two metres away.
  cv::Mat wide;
  cv::copyMakeBorder(map_, wide, 0, 0, 32, 32, cv::BORDER_WRAP);
  cv::GaussianBlur(cv::min(wide, 8.0), wide, {0, 0}, 2.5);
  soft_ = wide(cv::Rect(32, 0, kColumns, kRows)).clone();
}

HdrMap HdrMap::load(const Path& path) {
  return {path.stem().string(), read_hdr_image(path)};
}

void HdrMap::scale_exposure() {
  // Light that falls on the floor, and on upright surfaces around: the sun may stand low.
  cv::Vec3d light(0, 0, 0);
  for (int y = 0; y < kRows / 2; ++y) {
    const double theta = kPi * (y + 0.5) / kRows, solid = (kPi / kRows) * (2 * kPi / kColumns) * std::sin(theta);
    for (int x = 0; x < kColumns; ++x)
      light += solid * (0.5 * std::cos(theta) + std::sin(theta) / kPi) * cv::Vec3d(map_.at<cv::Vec3f>(y, x));
  }
  const double irradiance = luminance(light);
  if (!(irradiance > 1e-6)) throw InputError(name_, "is black above the horizon", "a map with light in it is needed");

  // A camera balances most of the light's colour away.
  cv::Scalar scale;
  for (int k = 0; k < 3; ++k)
    scale[k] = kPi / irradiance * std::clamp(std::pow(irradiance / std::max(light[k], 1e-9), kWhiteBalance), 0.4, 2.5);
  cv::multiply(map_, scale, map_);
}

void HdrMap::build_distribution() {
  // Bilinear lookups carry light into neighbouring pixels, so each pixel counts with the brightest around it.
  cv::Mat bright(kRows, kColumns, CV_32F);
  for (int y = 0; y < kRows; ++y)
    for (int x = 0; x < kColumns; ++x) bright.at<float>(y, x) = luminance(map_.at<cv::Vec3f>(y, x));
  cv::copyMakeBorder(bright, bright, 1, 1, 1, 1, cv::BORDER_WRAP);
  cv::dilate(bright, bright, cv::Mat());
  bright = bright(cv::Rect(1, 1, kColumns, kRows)).clone();
  const float least = 0.01f * static_cast<float>(cv::mean(bright)[0]) + 1e-6f;

  density_.resize(size_t{kRows} * kColumns), column_cdf_.resize(size_t{kRows} * (kColumns + 1)), row_cdf_.assign(kRows + 1, 0);
  std::vector<double> rows(kRows);
  double total = 0;
  for (int y = 0; y < kRows; ++y) {
    const double s = std::sin(kPi * (y + 0.5) / kRows);
    double sum = 0;
    for (int x = 0; x < kColumns; ++x) sum += density_[y * kColumns + x] = static_cast<float>((bright.at<float>(y, x) + least) * s);
    double below = 0;
    float* cdf = &column_cdf_[static_cast<size_t>(y) * (kColumns + 1)];
    for (int x = 0; x < kColumns; ++x) cdf[x] = static_cast<float>(below / sum), below += density_[y * kColumns + x];
    cdf[kColumns] = 1;
    total += rows[y] = sum;
  }
  double above = 0;
  for (int y = 0; y < kRows; ++y) row_cdf_[y] = static_cast<float>(above / total), above += rows[y];
  row_cdf_[kRows] = 1;
  for (float& density : density_) density *= static_cast<float>(kRows * kColumns / total);
}

Vector3f HdrMap::radiance(const Vector3f& direction) const {
  return lookup(map_, direction);
}

Vector3f HdrMap::out_of_focus(const Vector3f& direction) const {
  return lookup(soft_, direction);
}

Vector3f HdrMap::sample(const Vector2f& u) const {
  const auto [y, fy] = invert(row_cdf_.data(), kRows, u.y());
  const auto [x, fx] = invert(&column_cdf_[static_cast<size_t>(y) * (kColumns + 1)], kColumns, u.x());
  return direction_of({(static_cast<float>(x) + fx) / kColumns, (static_cast<float>(y) + fy) / kRows});
}

float HdrMap::pdf(const Vector3f& direction) const {
  const Vector2f p = place_of(direction);
  const auto x = static_cast<int>(p.x() * kColumns), y = static_cast<int>(p.y() * kRows);
  const float s = std::sqrt(std::max(1e-8f, 1 - direction.y() * direction.y()));
  return density_[y * kColumns + x] / (2 * kPi * kPi * s);
}

std::vector<HdrMap> load_hdr_maps(const Path& folder) {
  const Path place = folder.empty() ? Path(kDebianFolder) : folder;
  std::vector<Path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(place, error))
    if (entry.path().extension() == ".exr" || entry.path().extension() == ".hdr") files.push_back(entry.path());
  if (files.empty() && folder.empty())
    throw InputError("--hdr", "is not given, and Debian's maps are not installed",
                     "install the package blender-data, or name a folder of *.exr or *.hdr");
  if (files.empty()) throw InputError(folder, "holds no *.exr and no *.hdr", "name a folder of latitude-longitude maps");
  if (files.size() > kMostMaps) throw InputError(folder, "holds more than 64 maps");
  std::sort(files.begin(), files.end());
  std::vector<HdrMap> maps;
  for (const Path& file : files) maps.push_back(HdrMap::load(file));
  return maps;
}

}  // namespace looking3d
