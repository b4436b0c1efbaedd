#include "render/photo_render.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <variant>

#include "base/check.h"
#include "base/parallel.h"
#include "base/random.h"
#include "render/film.h"
#include "render/floors.h"
#include "render/materials.h"
#include "render/path_tracer.h"
#include "render/pixel_rays.h"

namespace looking3d {
namespace {

constexpr float kFar = 1e4f;
constexpr float kBackdropDistance = 20;  ///< where the filter takes the backdrop to be

/// The parts' materials, each in the frame of its part, and the floor's.
class Wardrobe {
 public:
  Wardrobe(const Shape& shape, const Appearance& appearance, const PhotoStock& stock) {
    if (appearance.floor) floor_.emplace(*appearance.floor);
    for (const uint32_t id : appearance.material_ids) {
      if (id < kMaterialCount)
        materials_.emplace_back(Material(id));
      else
        materials_.emplace_back(&stock.textures.at(id - kMaterialCount));
    }
    for (const Part& part : shape.parts) {
      const auto at = std::find(appearance.groups.begin(), appearance.groups.end(), part.group);
      L3D_CHECK(at != appearance.groups.end(), "every group of the shape has a material");
      material_of_part_.push_back(static_cast<size_t>(at - appearance.groups.begin()));
      frames_.push_back(TextureFrame::of(part.mesh, identity(0, "texture", part.name)));
    }
  }
  SurfaceSample at(const Vector3f& x_in_object, const Hit& hit, bool fine) const {
    if (hit.part == kGroundPart) return floor_->at({x_in_object.x(), x_in_object.z()}, fine);
    const auto& material = materials_[material_of_part_[hit.part]];
    const TextureFrame& frame = frames_[hit.part];
    if (const Material* procedural = std::get_if<Material>(&material)) return procedural->at(x_in_object, hit.shading_normal, frame, fine);
    return std::get<const TextureSet*>(material)->at(x_in_object, hit.shading_normal, frame, fine);
  }

 private:
  std::optional<Floor> floor_;
  std::vector<std::variant<Material, const TextureSet*>> materials_;
  std::vector<size_t> material_of_part_;
  std::vector<TextureFrame> frames_;
};

/// What one camera ray brings home.
struct Seen {
  Vector3f radiance = Vector3f::Zero();
  FirstSurface first;
  float distance = 0;
};

/// Sums over the samples of one pixel that hit a layer.
struct LayerSum {
  Vector3f radiance = Vector3f::Zero(), albedo = Vector3f::Zero(), normal = Vector3f::Zero();
  float depth = 0;
  int hits = 0;

  void add(const Seen& s) {
    radiance += s.radiance, albedo += s.first.albedo, normal += s.first.normal, depth += s.distance;
    ++hits;
  }
};

/// Sums over the samples of one pixel that hit the white floor.
struct FloorSum {
  float lit = 0, unlit = 0, blocked = 0, blocker_distance = 0;

  void add(const FloorSample& s) {
    lit += s.lit, unlit += s.unlit;
    if (s.lit == 0) blocked += s.unlit, blocker_distance += s.unlit * s.blocker_distance;
  }
};

class Exposure {
 public:
  Exposure(const Scene& scene, const Camera& camera, const PathTracer& tracer, const PhotoOptions& options, bool on_white)
      : scene_(scene),
        rays_(camera),
        tracer_(tracer),
        options_(options),
        on_white_(on_white),
        film_(camera.height, camera.width, !on_white) {
    if (!on_white) return;
    // Pixels whose neighbourhood the object does not touch need no camera rays; two rays an axis see thin members.
    cv::Mat silhouette = render_silhouette(scene, camera.resized(2 * camera.width, 2 * camera.height));
    cv::dilate(silhouette, silhouette, cv::Mat::ones(5, 5, CV_8U));
    cv::resize(silhouette, near_object_, {camera.width, camera.height}, 0, 0, cv::INTER_AREA);
  }

  Film expose() {
    parallel_for(
        film_.floor_light.rows,
        [&](int64_t y) {
          for (int x = 0; x < film_.floor_light.cols; ++x) expose_pixel(x, static_cast<int>(y));
        },
        4);
    return film_;
  }

 private:
  void expose_pixel(int x, int y) {
    const bool background = on_white_ && near_object_.at<uchar>(y, x) == 0;
    if (background && shadow_reach(x, y) <= 0) return;
    const int samples = background ? std::max(1, options_.samples / 2) : options_.samples;
    const PathSampler first = PathSampler::at_pixel(options_.seed, x, y, samples);
    LayerSum object, behind;
    FloorSum floor;
    for (int s = 0; s < samples; ++s) {
      PathSampler sampler = first.nth(s);
      const Vector2f in_pixel = sampler.next2();
      const Vector3f direction = rays_.direction(static_cast<float>(x) + in_pixel.x(), static_cast<float>(y) + in_pixel.y()).normalized();
      Hit hit;
      if (!background && scene_.intersect(rays_.origin, direction, 0, kFar, hit)) {
        object.add(on_surface(direction, hit, sampler));
      } else if (on_white_) {
        floor.add(tracer_.floor(rays_.origin, direction, sampler));
      } else {
        behind.add(in_surroundings(direction, sampler));
      }
    }
    store(film_.object, x, y, object, samples);
    if (on_white_)
      store(x, y, floor, samples);
    else
      store(*film_.behind, x, y, behind, samples), film_.behind->slope.at<float>(y, x) = ground_slope(x, y);
  }

  Seen on_surface(const Vector3f& direction, const Hit& hit, PathSampler& sampler) const {
    Seen seen;
    seen.radiance = tracer_.radiance(rays_.origin, direction, hit, sampler, seen.first);
    seen.distance = hit.distance;
    return seen;
  }

  /// The floor, and far away the backdrop, into which the floor goes over.
  Seen in_surroundings(const Vector3f& direction, PathSampler& sampler) const {
    Hit hit;
    const bool floor = tracer_.intersect_ground(rays_.origin, direction, 0, hit);
    const float haze = floor ? tracer_.haze(rays_.origin, direction, hit.distance) : 1;
    Seen seen;
    if (haze < 1) seen = on_surface(direction, hit, sampler);
    if (haze <= 0) return seen;
    const Vector3f far = tracer_.backdrop(direction);
    seen.radiance = (1 - haze) * seen.radiance + haze * far;
    seen.first.albedo = (1 - haze) * seen.first.albedo + Vector3f::Constant(haze);
    if (!floor) seen.first.normal = Vector3f::UnitY(), seen.distance = kBackdropDistance;
    return seen;
  }

  /// How much the depth of the ground changes from pixel to pixel.
  float ground_slope(int x, int y) const {
    const Vector3f direction = rays_.direction(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f).normalized();
    const float sine = std::max(0.05f, -direction.y());
    return film_.behind->depth.at<float>(y, x) * rays_.inverse_focal * std::sqrt(1 - direction.y() * direction.y()) / sine;
  }

  float shadow_reach(int x, int y) const {
    return tracer_.shadow_reach(rays_.origin, rays_.direction(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f));
  }

  static void store(FilmLayer& layer, int x, int y, const LayerSum& sum, int samples) {
    const auto n = static_cast<float>(std::max(1, sum.hits));
    const auto put = [&](cv::Mat& plane, const Vector3f& v) { plane.at<cv::Vec3f>(y, x) = {v.x() / n, v.y() / n, v.z() / n}; };
    put(layer.radiance, sum.radiance), put(layer.albedo, sum.albedo), put(layer.normal, sum.normal);
    layer.depth.at<float>(y, x) = sum.depth / n;
    layer.coverage.at<float>(y, x) = static_cast<float>(sum.hits) / static_cast<float>(samples);
  }

  void store(int x, int y, const FloorSum& sum, int samples) {
    film_.floor_light.at<float>(y, x) = sum.unlit / static_cast<float>(samples);
    film_.floor_lost.at<float>(y, x) = (sum.unlit - sum.lit) / static_cast<float>(samples) * shadow_reach(x, y);
    const float px_per_unit = 1 / (rays_.inverse_focal * rays_.origin.norm());
    film_.blocker_px.at<float>(y, x) = sum.blocked > 0 ? px_per_unit * sum.blocker_distance / sum.blocked : 0;
  }

  const Scene& scene_;
  PixelRays rays_;
  const PathTracer& tracer_;
  PhotoOptions options_;
  bool on_white_;
  Film film_;
  cv::Mat near_object_;
};

Studio light_of(const Appearance& appearance, const PhotoStock& stock) {
  if (appearance.light_id < kLightCount) return Studio(appearance.light_id);
  return Studio::surrounded_by(stock.maps.at(appearance.light_id - kLightCount), static_cast<float>(appearance.map_turn_rad),
                               !appearance.floor);
}

}  // namespace

cv::Mat render_photo(const Shape& shape, const Scene& scene, const Camera& camera, const Appearance& appearance, float ground_y,
                     const PhotoOptions& options, const PhotoStock& stock) {
  L3D_CHECK_GE(options.samples, 1);
  const Wardrobe wardrobe(shape, appearance, stock);
  const SurfaceShader shader = [&](const Vector3f& x, const Hit& hit, bool fine) { return wardrobe.at(x, hit, fine); };
  const bool on_white = !appearance.floor;
  const PathTracer tracer(scene, light_of(appearance, stock), shader, {.y = ground_y, .solid = !on_white}, options.max_bounces);
  Film film = Exposure(scene, camera, tracer, options, on_white).expose();
  if (options.denoise) denoise(film, options.samples);
  return develop(film);
}

}  // namespace looking3d
