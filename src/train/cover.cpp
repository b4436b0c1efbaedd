#include "train/cover.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "train/laid_thing.h"

namespace looking3d {
namespace {

constexpr int kTries = 4;
constexpr double kLeastHidden = 0.01, kMostHidden = 0.45;  ///< of the object
constexpr double kSmallest = 0.05, kLargest = 0.28;        ///< half a thing's length, of the object's diagonal
constexpr int kSubpixelBits = 4;

using Point = cv::Point2d;

cv::Point fixed(const Point& p) {
  return {static_cast<int>(std::lround(p.x * (1 << kSubpixelBits))), static_cast<int>(std::lround(p.y * (1 << kSubpixelBits)))};
}

void fill(cv::Mat& alpha, const std::vector<Point>& outline) {
  std::vector<std::vector<cv::Point>> polygon(1);
  for (const Point& p : outline) polygon[0].push_back(fixed(p));
  cv::fillPoly(alpha, polygon, cv::Scalar(255), cv::LINE_AA, kSubpixelBits);
}

void stroke(cv::Mat& alpha, const std::vector<Point>& line, double width) {
  for (size_t i = 1; i < line.size(); ++i)
    cv::line(alpha, fixed(line[i - 1]), fixed(line[i]), cv::Scalar(255), std::max(1, cvRound(width)), cv::LINE_AA, kSubpixelBits);
}

/// The frame that a thing is drawn in: its middle, its half length along `along`, and across.
struct Place {
  Point middle;
  double half = 1, angle = 0;
  Point at(double x, double y) const {
    const double c = std::cos(angle), s = std::sin(angle);
    return middle + half * Point(c * x - s * y, s * x + c * y);
  }
};

/// A rounded quadrangle, as a cushion or a bag is seen from anywhere, with a lumpy outline.
void draw_cushion(cv::Mat& alpha, const Place& place, Rng& rng) {
  const double flat = rng.uniform(0.25, 1), power = rng.uniform(2, 6), shear = rng.uniform(-0.5, 0.5), narrow = rng.uniform(0, 0.35);
  const double lump = rng.uniform(0, 0.06), phase = rng.uniform(0, 6);
  const int lumps = rng.uniform_int(3, 9);
  std::vector<Point> outline;
  for (int i = 0; i < 96; ++i) {
    const double t = 2 * std::numbers::pi * i / 96, c = std::cos(t), s = std::sin(t);
    const double r =
        (1 + lump * std::sin(lumps * t + phase)) / std::pow(std::pow(std::abs(c), power) + std::pow(std::abs(s), power), 1 / power);
    const double y = r * s * flat;
    outline.push_back(place.at(r * c * (1 + narrow * r * s) + shear * y, y));
  }
  fill(alpha, outline);
}

/// A cloth that hangs: straight above, wavy below.
void draw_cloth(cv::Mat& alpha, const Place& place, Rng& rng) {
  const double top = rng.uniform(0.4, 1), bottom = rng.uniform(0.6, 1.1), height = rng.uniform(0.5, 1.4), waves = rng.uniform(0.5, 4),
               depth = rng.uniform(0, 0.15), slant = rng.uniform(-0.2, 0.2), phase = rng.uniform(0, 6);
  std::vector<Point> outline{place.at(-top, -height / 2 - slant), place.at(top, -height / 2 + slant)};
  for (int i = 0; i <= 40; ++i) {
    const double x = 1 - i / 20.0;
    outline.push_back(place.at(bottom * x, height / 2 + depth * std::sin(waves * std::numbers::pi * x + phase)));
  }
  fill(alpha, outline);
}

/// An arm that reaches in, with fingers.
void draw_hand(cv::Mat& alpha, const Place& place, Rng& rng) {
  const double palm = place.half * rng.uniform(0.5, 0.8);
  stroke(alpha, {place.at(-rng.uniform(2, 12), rng.uniform(-1, 1)), place.at(-0.6, 0)}, palm * rng.uniform(0.8, 1.1));
  stroke(alpha, {place.at(-0.6, 0), place.at(0, 0)}, palm * 1.2);
  const int fingers = rng.uniform_int(1, 5);
  for (int i = 0; i < fingers; ++i) {
    const double spread = fingers > 1 ? 2.0 * i / (fingers - 1) - 1 : 0, bend = rng.uniform(-0.3, 0.3);
    stroke(alpha,
           {place.at(0, 0.4 * spread), place.at(0.5, 0.55 * spread + 0.5 * bend), place.at(rng.uniform(0.7, 1.1), 0.7 * spread + bend)},
           palm * rng.uniform(0.2, 0.32));
  }
}

/// A band or a cable across the piece.
void draw_strap(cv::Mat& alpha, const Place& place, Rng& rng) {
  const double reach = rng.uniform(1, 5), bow = rng.uniform(-0.8, 0.8);
  std::vector<Point> line;
  for (int i = -10; i <= 10; ++i) line.push_back(place.at(reach * i / 10, bow * (1 - i * i / 100.0)));
  stroke(alpha, line, place.half * rng.log_uniform(0.12, 0.5));
}

cv::Scalar random_colour(Rng& rng) {
  const auto hue = static_cast<uchar>(rng.uniform(0, 180)),
             saturation = static_cast<uchar>(rng.bernoulli(0.4) ? rng.uniform(0, 40) : rng.uniform(40, 230)),
             value = static_cast<uchar>(rng.uniform(30, 255));
  cv::Mat colour(1, 1, CV_8UC3, cv::Scalar(hue, saturation, value));
  cv::cvtColor(colour, colour, cv::COLOR_HSV2BGR);
  const cv::Vec3b& c = colour.at<cv::Vec3b>(0, 0);
  return {double(c[0]), double(c[1]), double(c[2])};
}

/// Plain, striped, checked, or dotted, with a little weave: colours at places (CV_32FC2) on a thing, in units of its half length.
cv::Mat pattern(const cv::Mat& places, Rng& rng) {
  cv::Mat picture(places.size(), CV_32FC3, random_colour(rng));
  const cv::Scalar other = random_colour(rng);
  const int kind = rng.uniform_int(0, 5);  // from 3: plain
  const double step = rng.log_uniform(0.12, 0.6), weave = rng.uniform(0, 8), angle = rng.uniform(0, std::numbers::pi);
  const double c = std::cos(angle), s = std::sin(angle);
  for (int y = 0; y < places.rows; ++y)
    for (int x = 0; x < places.cols; ++x) {
      auto& pixel = picture.at<cv::Vec3f>(y, x);
      const cv::Vec2f& at = places.at<cv::Vec2f>(y, x);
      const double u = (c * at[0] + s * at[1]) / step, v = (c * at[1] - s * at[0]) / step;
      const bool first = u - std::floor(u) < 0.5, second = v - std::floor(v) < 0.5;
      const double du = u - std::floor(u) - 0.5, dv = v - std::floor(v) - 0.5;
      const bool marked = kind == 0 ? first : kind == 1 ? first != second : kind == 2 && du * du + dv * dv < 0.09;
      const auto noise = static_cast<float>(weave * (rng.uniform() - 0.5));
      for (int i = 0; i < 3; ++i) pixel[i] = (marked ? static_cast<float>(other[i]) : pixel[i]) + noise;
    }
  return picture;
}

/// Round at the rim, as soft and cylindrical things are, brighter on one side, perhaps in folds: a factor for each pixel.
cv::Mat shading(const cv::Mat& alpha, const Place& place, Rng& rng) {
  const cv::Mat inside = alpha > 127;
  cv::Mat depth;
  cv::distanceTransform(inside, depth, cv::DIST_L2, 3);
  double deepest = 0;
  cv::minMaxLoc(depth, nullptr, &deepest);
  const double rim = std::max(1.0, deepest * rng.uniform(0.2, 1)), dark = rng.uniform(0, 0.5), light = rng.uniform(-0.25, 0.25),
               from = rng.uniform(0, 2 * std::numbers::pi), folds = rng.bernoulli(0.3) ? rng.uniform(0.05, 0.25) : 0,
               every = place.half * rng.uniform(0.1, 0.6), along = rng.uniform(0, std::numbers::pi);
  cv::Mat factor(alpha.size(), CV_32F);
  for (int y = 0; y < alpha.rows; ++y)
    for (int x = 0; x < alpha.cols; ++x) {
      const double t = 1 - std::min(1.0, depth.at<float>(y, x) / rim), dx = (x - place.middle.x) / place.half,
                   dy = (y - place.middle.y) / place.half;
      const double side = std::clamp(dx * std::cos(from) + dy * std::sin(from), -1.5, 1.5);
      const double fold = folds * std::sin((x * std::cos(along) + y * std::sin(along)) / every * 2 * std::numbers::pi);
      factor.at<float>(y, x) = static_cast<float>((1 - dark * t * t) * (1 + light * side) * (1 + fold));
    }
  return factor;
}

/// The plane of the picture, in units of a thing's half length.
cv::Mat flat_places(cv::Size size, const Place& place) {
  cv::Mat places(size, CV_32FC2);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      places.at<cv::Vec2f>(y, x) = {static_cast<float>((x - place.middle.x) / place.half),
                                    static_cast<float>((y - place.middle.y) / place.half)};
  return places;
}

/// What a camera sees of a thing before or on a piece: where, how bright, and which places on it.
struct SeenThing {
  cv::Mat alpha;   ///< CV_8U 0..255
  cv::Mat factor;  ///< CV_32F: of its colours
  cv::Mat places;  ///< CV_32FC2
  double half_px;  ///< half its length in the picture
};

/// A thing over `photo`; on the object (CV_8U, as large) it casts a soft shadow.
cv::Mat laid_on(const cv::Mat& photo, const cv::Mat& object, const SeenThing& thing, Rng& rng) {
  const cv::Mat colours = pattern(thing.places, rng);
  const cv::Mat &alpha = thing.alpha, &factor = thing.factor;
  const double shadow = rng.uniform(0, 0.6), away = thing.half_px * rng.uniform(0, 0.25),
               soft = std::max(0.5, thing.half_px * rng.uniform(0.03, 0.2));
  cv::Mat shade, edge;
  const cv::Matx23d down(1, 0, 0.3 * away, 0, 1, away);
  cv::warpAffine(alpha, shade, down, alpha.size());
  cv::GaussianBlur(shade, shade, {0, 0}, soft);
  cv::GaussianBlur(alpha, edge, {0, 0}, 0.5);
  cv::Mat result(photo.size(), CV_8UC3);
  for (int y = 0; y < photo.rows; ++y)
    for (int x = 0; x < photo.cols; ++x) {
      const double a = edge.at<uchar>(y, x) / 255.0;
      const double lit = 1 - (object.at<uchar>(y, x) > 127 ? shadow * shade.at<uchar>(y, x) / 255.0 : 0);
      const cv::Vec3b& below = photo.at<cv::Vec3b>(y, x);
      const cv::Vec3f& above = colours.at<cv::Vec3f>(y, x);
      for (int c = 0; c < 3; ++c)
        result.at<cv::Vec3b>(y, x)[c] = cv::saturate_cast<uchar>(a * above[c] * factor.at<float>(y, x) + (1 - a) * lit * below[c]);
    }
  return result;
}

/// What of a thing in space is not hidden by the piece, in a light from above.
SeenThing seen_thing(const LaidThing& thing, const Layers& piece, const Camera& camera, Rng& rng) {
  const Layers layers = render_layers(Scene({"thing", "", {{"thing", "", "", thing.mesh}}}), camera);
  const Eigen::Vector3d light = Eigen::Vector3d(rng.normal(), rng.uniform(0.3, 1.5), rng.normal()).normalized();
  const Eigen::Vector3d light_in_camera = camera.camera_from_world.linear() * light;
  const double ambient = rng.uniform(0.35, 0.85);
  const cv::Size size = layers.depth.size();
  SeenThing seen{cv::Mat::zeros(size, CV_8U), cv::Mat::zeros(size, CV_32F), cv::Mat::zeros(size, CV_32FC2), 1};
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const float depth = layers.depth.at<float>(y, x), before = piece.depth.at<float>(y, x);
      if (depth == 0 || (before > 0 && before < depth)) continue;
      const cv::Vec3f& n = layers.normal.at<cv::Vec3f>(y, x);
      const double facing = std::max(0.0, light_in_camera.dot(Eigen::Vector3d(n[0], n[1], n[2])));
      const Eigen::Vector3d at = thing.axes.transpose() * (camera.unproject(x + 0.5, y + 0.5, depth) - thing.middle) / thing.half;
      seen.alpha.at<uchar>(y, x) = 255;
      seen.factor.at<float>(y, x) = static_cast<float>((ambient + (1 - ambient) * facing) / (ambient + 0.7 * (1 - ambient)));
      seen.places.at<cv::Vec2f>(y, x) = {static_cast<float>(at.x() + 0.3 * at.z()), static_cast<float>(at.y() + 0.3 * at.z())};
    }
  seen.half_px = std::max(1.0, 0.5 * std::sqrt(static_cast<double>(cv::countNonZero(seen.alpha))));
  return seen;
}

/// Where a thing lies that has this alpha (CV_8U), at the object mask's size; empty where it hides too little or too much of the object.
cv::Mat cover_of(const cv::Mat& alpha, const cv::Mat& object) {
  cv::Mat cover, hidden;
  cv::resize(alpha, cover, object.size(), 0, 0, cv::INTER_AREA);
  cover = cover > 127;
  cv::bitwise_and(cover, object, hidden);
  const double share = cv::countNonZero(hidden) / std::max(1.0, static_cast<double>(cv::countNonZero(object)));
  return share < kLeastHidden || share > kMostHidden ? cv::Mat() : cover;
}

cv::Mat convex_hull(const cv::Mat& object) {
  std::vector<cv::Point> pixels, hull;
  cv::findNonZero(object, pixels);
  cv::convexHull(pixels, hull);
  cv::Mat mask = cv::Mat::zeros(object.size(), CV_8U);
  cv::fillConvexPoly(mask, hull, cv::Scalar(255));
  return mask;
}

}  // namespace

CoveredPhoto with_cover(const cv::Mat& photo, const cv::Mat& object, Rng rng) {
  std::vector<cv::Point> pixels;
  if (!object.empty()) cv::findNonZero(object, pixels);
  if (pixels.empty()) return {photo, {}};
  const cv::Rect extent = cv::boundingRect(pixels);
  const double finer = static_cast<double>(photo.cols) / object.cols, diagonal = finer * std::hypot(extent.width, extent.height);
  for (int i = 0; i < kTries; ++i) {
    const cv::Point& where = rng.pick_from(pixels);
    Place place{finer * Point(where.x + 0.5, where.y + 0.5), diagonal * rng.log_uniform(kSmallest, kLargest), rng.normal() * 0.4};
    if (rng.bernoulli(0.3)) place.angle = rng.uniform(0, 2 * std::numbers::pi);
    cv::Mat alpha = cv::Mat::zeros(photo.size(), CV_8U);
    constexpr std::array kDraw{draw_cushion, draw_cushion, draw_cloth, draw_hand, draw_strap};
    rng.pick_from(kDraw)(alpha, place, rng);

    cv::Mat cover = cover_of(alpha, object);
    if (cover.empty()) continue;
    cv::bitwise_and(cover, convex_hull(object), cover);
    cv::Mat own;
    cv::resize(object, own, photo.size(), 0, 0, cv::INTER_LINEAR);
    return {laid_on(photo, own, {alpha, shading(alpha, place, rng), flat_places(photo.size(), place), place.half}, rng), cover};
  }
  return {photo, {}};
}

CoveredPhoto with_thing_on(const cv::Mat& photo, const cv::Mat& object, const Scene& piece, const OrbitView& view, Rng rng) {
  const Camera camera = orbit_camera(view, photo.cols);
  const Layers layers = render_layers(piece, camera);
  for (int i = 0; i < kTries; ++i) {
    const std::optional<LaidThing> thing = thing_on(layers, camera, rng.fork("thing", i));
    if (!thing) continue;
    const SeenThing seen = seen_thing(*thing, layers, camera, rng);
    const cv::Mat cover = cover_of(seen.alpha, object);
    if (cover.empty()) continue;
    cv::Mat own;
    cv::resize(object, own, photo.size(), 0, 0, cv::INTER_LINEAR);
    return {laid_on(photo, own, seen, rng), cover};
  }
  return {photo, {}};
}

TrainingPhoto truth_of_covered(const TrainingPhoto& photo, const cv::Mat& cover) {
  TrainingPhoto covered = with_change(photo, cover);
  covered.cover = cover;
  return covered;
}

}  // namespace looking3d
