#include "render/photo_render.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "base/options.h"
#include "base/parallel.h"
#include "base/random.h"
#include "render/lights.h"
#include "render/materials.h"

namespace looking3d {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr float kRayOffset = 1e-4f;
constexpr float kFar = 1e4f;
constexpr float kFireflyLimit = 6.0f;    ///< radiance of one path, in units of white
constexpr float kShadowStrength = 0.8f;  ///< of the contact shadow on the white floor
constexpr float kShadowReach = 2.4f;     ///< floor farther than this (canonical units) from the object's axis stays white

/// Film of one picture before filtering; all planes H x W, linear light.
struct Film {
  explicit Film(int height, int width)
      : radiance(height, width, CV_32FC3, cv::Scalar::all(0)),
        albedo(radiance.clone()),
        normal(radiance.clone()),
        depth(height, width, CV_32F, cv::Scalar(0)),
        coverage(depth.clone()),
        shadow(depth.clone()) {}
  cv::Mat radiance, albedo, normal, depth;  ///< means over the samples that hit the object
  cv::Mat coverage;                         ///< share of samples that hit it
  cv::Mat shadow;                           ///< light that the floor loses, 0..1
};

/// Uniform numbers of one path: a Philox stream of (seed, pixel, sample).
class PathRandom {
 public:
  explicit PathRandom(uint64_t key) : rng_(key) {}
  float next() { return static_cast<float>(rng_.next_u32() >> 8) * 0x1p-24f; }
  Vector2f next2() {
    const float x = next();
    return {x, next()};
  }

 private:
  Rng rng_;
};

class Tracer {
 public:
  Tracer(const Shape& shape, const Scene& scene, const Appearance& appearance, float ground_y, const PhotoOptions& options)
      : scene_(scene), studio_(appearance.light_id), ground_y_(ground_y), options_(options) {
    for (const uint32_t id : appearance.material_ids) materials_.emplace_back(id);
    for (const Part& part : shape.parts) {
      const auto at = std::find(appearance.groups.begin(), appearance.groups.end(), part.group);
      L3D_CHECK(at != appearance.groups.end(), "every group of the shape has a material");
      material_of_part_.push_back(static_cast<int>(at - appearance.groups.begin()));
      frames_.push_back(TextureFrame::of(part.mesh, identity(0, "texture", part.name)));
    }
    const Eigen::AlignedBox3f box = scene.bounds();
    centre_xz_ = {box.center().x(), box.center().z()};
  }

  void trace_row(const Camera& camera, int y, Film& film) const {
    const Vector3f origin = camera.position_in_world().cast<float>();
    for (int x = 0; x < camera.width; ++x) {
      Vector3f radiance = Vector3f::Zero(), albedo = Vector3f::Zero(), normal = Vector3f::Zero();
      float depth = 0, lit = 0, unlit = 0;
      int hits = 0;
      for (int s = 0; s < options_.samples; ++s) {
        PathRandom random(identity(options_.seed, "path", y * camera.width + x, s));
        // Strata across the pixel keep edges smooth with few samples.
        const int grid = std::max(1, static_cast<int>(std::sqrt(static_cast<float>(options_.samples))));
        const Vector2f jitter = random.next2();
        const float dx = (static_cast<float>(s % grid) + jitter.x()) / static_cast<float>(grid);
        const float dy = s < grid * grid ? (static_cast<float>(s / grid) + jitter.y()) / static_cast<float>(grid) : jitter.y();
        const Vector3f direction = camera.ray_direction(x + dx, y + dy).cast<float>();
        Hit hit;
        if (scene_.intersect(origin, direction, kRayOffset, kFar, hit)) {
          ++hits;
          Vector3f first_albedo = Vector3f::Zero();
          const Vector3f value = path(origin, direction, hit, random, first_albedo);
          radiance += value, albedo += first_albedo, normal += hit.shading_normal, depth += hit.distance;
        } else {
          floor_light(origin, direction, random, lit, unlit);
        }
      }
      const float n = static_cast<float>(std::max(1, hits));
      const auto store = [&](cv::Mat& plane, const Vector3f& v) { plane.at<cv::Vec3f>(y, x) = {v.x() / n, v.y() / n, v.z() / n}; };
      store(film.radiance, radiance), store(film.albedo, albedo), store(film.normal, normal);
      film.depth.at<float>(y, x) = depth / n;
      film.coverage.at<float>(y, x) = static_cast<float>(hits) / static_cast<float>(options_.samples);
      film.shadow.at<float>(y, x) = unlit > 0 ? 1 - lit / unlit : 0;
    }
  }

 private:
  SurfaceSample surface_at(const Vector3f& position, const Hit& hit) const {
    return materials_[material_of_part_[hit.part]].at(position, hit.shading_normal, frames_[hit.part]);
  }

  /// Radiance along a path that starts at `hit`: light sampling towards the soft boxes and BSDF sampling, joined by the power heuristic.
  Vector3f path(Vector3f origin, Vector3f direction, Hit hit, PathRandom& random, Vector3f& first_albedo) const {
    Vector3f sum = Vector3f::Zero(), throughput = Vector3f::Ones();
    for (int bounce = 0; bounce < options_.max_bounces; ++bounce) {
      const Vector3f position = origin + hit.distance * direction;
      const SurfaceSample surface = surface_at(position, hit);
      const Bsdf bsdf(surface);
      if (bounce == 0) first_albedo = bsdf.albedo();

      // Shading frame with the bump; a bump that turns away from the viewer is dropped.
      Vector3f normal = (hit.shading_normal + surface.bump).normalized();
      if (normal.dot(direction) >= -0.02f) normal = hit.shading_normal;
      if (normal.dot(direction) >= -1e-3f) normal = hit.geometric_normal;
      const Eigen::Matrix3f frame = frame_around(normal);
      const Vector3f wo = frame.transpose() * -direction;
      const Vector3f start = position + hit.geometric_normal * kRayOffset;

      // Light: one direction towards a soft box.
      if (studio_.has_boxes()) {
        const float choice = random.next();
        const Vector3f to_light = studio_.sample(choice, random.next2());
        const float light_pdf = studio_.pdf(to_light);
        const Vector3f wi = frame.transpose() * to_light;
        if (light_pdf > 0 && wi.z() > 0 && to_light.dot(hit.geometric_normal) > 0) {
          const float bsdf_pdf = bsdf.pdf(wo, wi);
          const float weight = light_pdf * light_pdf / (light_pdf * light_pdf + bsdf_pdf * bsdf_pdf);
          const Vector3f f = bsdf.evaluate(wo, wi);
          if (f.maxCoeff() > 0 && !scene_.occluded(start, to_light, kRayOffset, kFar))
            sum += throughput.cwiseProduct(f).cwiseProduct(studio_.radiance(to_light)) * (weight / light_pdf);
        }
      }

      // BSDF: where the path goes on, or the surroundings that it reaches.
      Vector3f wi;
      const float lobe = random.next();
      if (!bsdf.sample(wo, lobe, random.next2(), wi)) break;
      const float bsdf_pdf = bsdf.pdf(wo, wi);
      if (bsdf_pdf <= 1e-6f) break;
      throughput = throughput.cwiseProduct(bsdf.evaluate(wo, wi)) / bsdf_pdf;
      direction = frame * wi;
      origin = start;
      if (direction.dot(hit.geometric_normal) <= 0) break;
      if (!scene_.intersect(origin, direction, kRayOffset, kFar, hit)) {
        const float light_pdf = studio_.pdf(direction);
        const float weight = bsdf_pdf * bsdf_pdf / (bsdf_pdf * bsdf_pdf + light_pdf * light_pdf);
        const Vector3f boxes = light_pdf > 0 ? weight * studio_.radiance(direction) : studio_.radiance(direction);
        sum += throughput.cwiseProduct(boxes);
        break;
      }
    }
    const float peak = sum.maxCoeff();
    return peak > kFireflyLimit ? Vector3f(sum * (kFireflyLimit / peak)) : sum;
  }

  /// Adds one sample of the light that the floor point behind this camera ray receives with and without the object.
  void floor_light(const Vector3f& origin, const Vector3f& direction, PathRandom& random, float& lit, float& unlit) const {
    if (direction.y() >= -1e-4f) return;
    const float distance = (ground_y_ - origin.y()) / direction.y();
    if (distance <= 0) return;
    const Vector3f position = origin + distance * direction + Vector3f(0, kRayOffset, 0);
    if ((Vector2f(position.x(), position.z()) - centre_xz_).norm() > kShadowReach) return;
    const bool towards_box = studio_.has_boxes() && random.next() < 0.5f;
    Vector3f to_light;
    if (towards_box) {
      const float choice = random.next();
      to_light = studio_.sample(choice, random.next2());
    } else {
      const Vector2f u = random.next2();
      const float r = std::sqrt(u.x()), phi = 2 * kPi * u.y();
      to_light = Vector3f(r * std::cos(phi), std::sqrt(std::max(0.0f, 1 - u.x())), r * std::sin(phi));
    }
    if (to_light.y() <= 1e-3f) return;
    const float cosine_pdf = to_light.y() / kPi;
    const float pdf = studio_.has_boxes() ? 0.5f * (cosine_pdf + studio_.pdf(to_light)) : cosine_pdf;
    const float value = studio_.radiance(to_light).y() * to_light.y() / pdf;
    unlit += value;
    if (!scene_.occluded(position, to_light, kRayOffset, kFar)) lit += value;
  }

  const Scene& scene_;
  Studio studio_;
  float ground_y_;
  PhotoOptions options_;
  std::vector<Material> materials_;
  std::vector<int> material_of_part_;
  std::vector<TextureFrame> frames_;
  Vector2f centre_xz_;
};

/// Joint bilateral filter of the light on the object (radiance / albedo, so that textures stay crisp), guided by normal and depth.
void denoise_object(Film& film) {
  constexpr int kReach = 3;
  const int h = film.depth.rows, w = film.depth.cols;
  cv::Mat light(h, w, CV_32FC3), filtered(h, w, CV_32FC3);
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x)
      for (int c = 0; c < 3; ++c)
        light.at<cv::Vec3f>(y, x)[c] = film.radiance.at<cv::Vec3f>(y, x)[c] / std::max(0.02f, film.albedo.at<cv::Vec3f>(y, x)[c]);
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x) {
      if (film.coverage.at<float>(y, x) == 0) continue;
      const cv::Vec3f n0 = film.normal.at<cv::Vec3f>(y, x), l0 = light.at<cv::Vec3f>(y, x);
      const float z0 = film.depth.at<float>(y, x), lum0 = l0[0] + l0[1] + l0[2];
      cv::Vec3f sum(0, 0, 0);
      float total = 0;
      for (int dy = -kReach; dy <= kReach; ++dy)
        for (int dx = -kReach; dx <= kReach; ++dx) {
          const int yy = y + dy, xx = x + dx;
          if (yy < 0 || xx < 0 || yy >= h || xx >= w || film.coverage.at<float>(yy, xx) == 0) continue;
          const cv::Vec3f n = film.normal.at<cv::Vec3f>(yy, xx), l = light.at<cv::Vec3f>(yy, xx);
          const float cosine = std::max(0.0f, n.dot(n0)), turn = std::pow(cosine, 24.0f);
          const float dz = (film.depth.at<float>(yy, xx) - z0) / 0.03f, dl = (l[0] + l[1] + l[2] - lum0) / (0.35f * lum0 + 0.3f);
          const float weight =
              film.coverage.at<float>(yy, xx) * turn * std::exp(-dz * dz - dl * dl - static_cast<float>(dx * dx + dy * dy) / 6.0f);
          sum += weight * l, total += weight;
        }
      filtered.at<cv::Vec3f>(y, x) = total > 1e-6f ? sum / total : l0;
    }
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x)
      for (int c = 0; c < 3; ++c)
        film.radiance.at<cv::Vec3f>(y, x)[c] = filtered.at<cv::Vec3f>(y, x)[c] * std::max(0.02f, film.albedo.at<cv::Vec3f>(y, x)[c]);
}

/// Smooths the floor's shadow among floor pixels, so that the object's edge does not bleed into it.
void denoise_shadow(Film& film) {
  const cv::Mat floor = 1.0f - film.coverage;
  cv::Mat sum, weight;
  const double sigma = std::max(1.2, film.shadow.cols / 56.0);
  cv::GaussianBlur(film.shadow.mul(floor), sum, {0, 0}, sigma);
  cv::GaussianBlur(floor, weight, {0, 0}, sigma);
  film.shadow = sum / cv::max(weight, 1e-4f);
}

/// Linear light to an 8-bit sRGB value: straight up to 0.7, then a soft shoulder towards 1.
uchar develop(float linear) {
  const float x = std::max(0.0f, linear);
  const float y = x < 0.7f ? x : 0.7f + 0.3f * (1 - std::exp(-(x - 0.7f) / 0.3f));
  const float srgb = y <= 0.0031308f ? 12.92f * y : 1.055f * std::pow(y, 1 / 2.4f) - 0.055f;
  return cv::saturate_cast<uchar>(srgb * 255);
}

cv::Mat composite(const Film& film) {
  cv::Mat image(film.depth.rows, film.depth.cols, CV_8UC3);
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      const float cover = film.coverage.at<float>(y, x);
      // A little loss is noise; it is cut off, so that the background is exactly white away from the shadow.
      const float loss = std::clamp((film.shadow.at<float>(y, x) - 0.06f) / 0.94f, 0.0f, 1.0f) * kShadowStrength;
      const float floor = 255 * (1 - loss);
      const cv::Vec3f& c = film.radiance.at<cv::Vec3f>(y, x);
      for (int k = 0; k < 3; ++k) {
        const float object = develop(c[2 - k]);  // RGB to BGR
        image.at<cv::Vec3b>(y, x)[k] = cv::saturate_cast<uchar>(cover * object + (1 - cover) * floor);
      }
    }
  return image;
}

}  // namespace

void PhotoOptions::visit(OptionVisitor& v) {
  v.field("samples", samples, "light paths a pixel");
  v.field("max-bounces", max_bounces, "bounces of a path");
  v.field("denoise", denoise, "filter the noise that is left");
}

cv::Mat render_photo(const Shape& shape, const Scene& scene, const Camera& camera, const Appearance& appearance, float ground_y,
                     const PhotoOptions& options) {
  L3D_CHECK_GE(options.samples, 1);
  const Tracer tracer(shape, scene, appearance, ground_y, options);
  Film film(camera.height, camera.width);
  parallel_for(
      camera.height, [&](int64_t y) { tracer.trace_row(camera, static_cast<int>(y), film); }, 4);
  if (options.denoise) {
    denoise_object(film);
    denoise_shadow(film);
  }
  return composite(film);
}

}  // namespace looking3d
