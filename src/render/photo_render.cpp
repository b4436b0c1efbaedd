#include "render/photo_render.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "base/options.h"
#include "base/parallel.h"
#include "base/random.h"
#include "render/film.h"
#include "render/materials.h"
#include "render/path_tracer.h"
#include "render/pixel_rays.h"

namespace looking3d {
namespace {

constexpr float kFar = 1e4f;

/// The parts' materials, each in the frame of its part.
class Wardrobe {
 public:
  Wardrobe(const Shape& shape, const Appearance& appearance) {
    for (const uint32_t id : appearance.material_ids) materials_.emplace_back(id);
    for (const Part& part : shape.parts) {
      const auto at = std::find(appearance.groups.begin(), appearance.groups.end(), part.group);
      L3D_CHECK(at != appearance.groups.end(), "every group of the shape has a material");
      material_of_part_.push_back(static_cast<size_t>(at - appearance.groups.begin()));
      frames_.push_back(TextureFrame::of(part.mesh, identity(0, "texture", part.name)));
    }
  }
  SurfaceSample at(const Vector3f& x_in_object, const Hit& hit, bool fine) const {
    return materials_[material_of_part_[hit.part]].at(x_in_object, hit.shading_normal, frames_[hit.part], fine);
  }

 private:
  std::vector<Material> materials_;
  std::vector<size_t> material_of_part_;
  std::vector<TextureFrame> frames_;
};

/// Sums over the samples of one pixel.
struct PixelSum {
  Vector3f radiance = Vector3f::Zero(), albedo = Vector3f::Zero(), normal = Vector3f::Zero();
  float depth = 0, lit = 0, unlit = 0, blocked = 0, blocker_distance = 0;
  int hits = 0;

  void add(const FloorSample& s) {
    lit += s.lit, unlit += s.unlit;
    if (s.lit == 0) blocked += s.unlit, blocker_distance += s.unlit * s.blocker_distance;
  }
};

class Exposure {
 public:
  Exposure(const Scene& scene, const Camera& camera, const PathTracer& tracer, const PhotoOptions& options)
      : scene_(scene), rays_(camera), tracer_(tracer), options_(options), film_(camera.height, camera.width) {
    // Pixels whose neighbourhood the object does not touch need no camera rays; two rays an axis see thin members.
    cv::Mat silhouette = render_silhouette(scene, camera.resized(2 * camera.width, 2 * camera.height));
    cv::dilate(silhouette, silhouette, cv::Mat::ones(5, 5, CV_8U));
    cv::resize(silhouette, near_object_, {camera.width, camera.height}, 0, 0, cv::INTER_AREA);
  }

  Film expose() {
    parallel_for(
        film_.depth.rows,
        [&](int64_t y) {
          for (int x = 0; x < film_.depth.cols; ++x) expose_pixel(x, static_cast<int>(y));
        },
        4);
    return film_;
  }

 private:
  void expose_pixel(int x, int y) {
    const bool background = near_object_.at<uchar>(y, x) == 0;
    if (background && shadow_reach(x, y) <= 0) return;
    const int samples = background ? std::max(1, options_.samples / 2) : options_.samples;
    PixelSum sum;
    for (int s = 0; s < samples; ++s) {
      PathSampler sampler = PathSampler::at_pixel(options_.seed, x, y, s, samples);
      const Vector2f in_pixel = sampler.next2();
      const Vector3f direction = rays_.direction(static_cast<float>(x) + in_pixel.x(), static_cast<float>(y) + in_pixel.y()).normalized();
      Hit hit;
      if (background || !scene_.intersect(rays_.origin, direction, 0, kFar, hit)) {
        sum.add(tracer_.floor(rays_.origin, direction, sampler));
        continue;
      }
      FirstSurface first;
      sum.radiance += tracer_.radiance(rays_.origin, direction, hit, sampler, first);
      sum.albedo += first.albedo, sum.normal += first.normal, sum.depth += hit.distance;
      ++sum.hits;
    }
    store(x, y, sum, samples);
  }

  float shadow_reach(int x, int y) const {
    return tracer_.shadow_reach(rays_.origin, rays_.direction(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f));
  }

  void store(int x, int y, const PixelSum& sum, int samples) {
    const auto n = static_cast<float>(std::max(1, sum.hits));
    const auto put = [&](cv::Mat& plane, const Vector3f& v) { plane.at<cv::Vec3f>(y, x) = {v.x() / n, v.y() / n, v.z() / n}; };
    put(film_.radiance, sum.radiance), put(film_.albedo, sum.albedo), put(film_.normal, sum.normal);
    film_.depth.at<float>(y, x) = sum.depth / n;
    film_.coverage.at<float>(y, x) = static_cast<float>(sum.hits) / static_cast<float>(samples);
    film_.floor_light.at<float>(y, x) = sum.unlit / static_cast<float>(samples);
    film_.floor_lost.at<float>(y, x) = (sum.unlit - sum.lit) / static_cast<float>(samples) * shadow_reach(x, y);
    const float px_per_unit = 1 / (rays_.inverse_focal * rays_.origin.norm());
    film_.blocker_px.at<float>(y, x) = sum.blocked > 0 ? px_per_unit * sum.blocker_distance / sum.blocked : 0;
  }

  const Scene& scene_;
  PixelRays rays_;
  const PathTracer& tracer_;
  PhotoOptions options_;
  Film film_;
  cv::Mat near_object_;
};

}  // namespace

void PhotoOptions::visit(OptionVisitor& v) {
  v.field("samples", samples, "light paths a pixel");
  v.field("max-bounces", max_bounces, "bounces of a path");
  v.field("denoise", denoise, "filter the noise that is left");
}

cv::Mat render_photo(const Shape& shape, const Scene& scene, const Camera& camera, const Appearance& appearance, float ground_y,
                     const PhotoOptions& options) {
  L3D_CHECK_GE(options.samples, 1);
  const Wardrobe wardrobe(shape, appearance);
  const SurfaceShader shader = [&](const Vector3f& x, const Hit& hit, bool fine) { return wardrobe.at(x, hit, fine); };
  const PathTracer tracer(scene, Studio(appearance.light_id), shader, ground_y, options.max_bounces);
  Film film = Exposure(scene, camera, tracer, options).expose();
  if (options.denoise) denoise(film);
  return develop(film);
}

}  // namespace looking3d
