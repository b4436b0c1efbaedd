#include "render/path_tracer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "render/noise.h"

namespace looking3d {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr float kRayOffset = 1e-4f;
constexpr float kFar = 1e4f;
constexpr float kShadowFull = 1.5f;     ///< canonical units from the object's axis up to which the shadow is whole
constexpr float kShadowReach = 2.4f;    ///< and from which on the floor is white
constexpr float kHazeFrom = 4.5f;       ///< canonical units from the object's axis from which on solid ground goes over into the backdrop
constexpr float kHazeFull = 11.0f;      ///< and from which on nothing of it is left
constexpr float kUnderObject = 0.45f;   ///< light of the floor straight below the object, as a share of the open floor's
constexpr float kGrazingBump = -0.02f;  ///< cosine beyond which a bump would turn the surface away from the viewer

float power_heuristic(float a, float b) {
  return a * a / (a * a + b * b);
}

}  // namespace

PathTracer::PathTracer(const Scene& scene, Studio studio, SurfaceShader shader, Ground ground, int max_bounces)
    : scene_(scene), studio_(std::move(studio)), shader_(std::move(shader)), ground_(ground), max_bounces_(max_bounces) {
  const Eigen::AlignedBox3f box = scene.bounds();
  centre_xz_ = {box.center().x(), box.center().z()};
  footprint_ = std::max(1e-3f, 0.5f * std::max(box.sizes().x(), box.sizes().z()));
}

bool PathTracer::intersect_ground(const Vector3f& origin, const Vector3f& direction, float t_min, Hit& hit) const {
  if (direction.y() >= -1e-6f) return false;
  const float distance = (ground_.y - origin.y()) / direction.y();
  if (distance <= t_min) return false;
  hit = {.distance = distance, .part = kGroundPart, .geometric_normal = Vector3f::UnitY(), .shading_normal = Vector3f::UnitY()};
  return true;
}

/// First surface along a ray that leaves another one.
bool PathTracer::intersect(const Vector3f& origin, const Vector3f& direction, Hit& hit) const {
  const bool object = scene_.intersect(origin, direction, kRayOffset, kFar, hit);
  Hit ground;
  if (!ground_.solid || !intersect_ground(origin, direction, kRayOffset, ground) || (object && hit.distance <= ground.distance))
    return object;
  hit = ground;
  return true;
}

float PathTracer::haze(const Vector3f& origin, const Vector3f& direction, float distance) const {
  const Vector3f on_floor = origin + distance * direction;
  return smooth_step(kHazeFrom, kHazeFull, (Vector2f(on_floor.x(), on_floor.z()) - centre_xz_).norm());
}

Vector3f PathTracer::surroundings(const Vector3f& origin, const Vector3f& direction) const {
  const Vector3f open = studio_.radiance(direction);
  if (direction.y() > -1e-3f || !studio_.has_floor()) return open;
  const Vector3f on_floor = origin + (ground_.y - origin.y()) / direction.y() * direction;
  const float distance = (Vector2f(on_floor.x(), on_floor.z()) - centre_xz_).norm() / footprint_;
  return open * (kUnderObject + (1 - kUnderObject) * smooth_step(0.4f, 1.8f, distance));
}

Vector3f PathTracer::direct(const Vector3f& start, const Hit& hit, const Eigen::Matrix3f& frame, const Bsdf& bsdf, const Vector3f& wo,
                            PathSampler& sampler) const {
  const Vector3f to_light = studio_.sample(sampler.next2());
  const float light_pdf = studio_.pdf(to_light);
  const Vector3f wi = frame.transpose() * to_light;
  if (light_pdf <= 0 || wi.z() <= 0 || to_light.dot(hit.geometric_normal) <= 0 || (ground_.solid && to_light.y() < 0))
    return Vector3f::Zero();
  const Vector3f f = bsdf.evaluate(wo, wi);
  if (f.maxCoeff() <= 0 || scene_.occluded(start, to_light, kRayOffset, kFar)) return Vector3f::Zero();
  const float weight = power_heuristic(light_pdf, bsdf.pdf(wo, wi));
  return f.cwiseProduct(studio_.radiance(to_light)) * (weight / light_pdf);
}

Vector3f PathTracer::radiance(Vector3f origin, Vector3f direction, Hit hit, PathSampler& sampler, FirstSurface& first) const {
  Vector3f sum = Vector3f::Zero(), throughput = Vector3f::Ones();
  for (int bounce = 0; bounce < max_bounces_; ++bounce) {
    const Vector3f position = origin + hit.distance * direction;
    const SurfaceSample surface = shader_(position, hit, bounce == 0);
    const Bsdf bsdf(surface);

    // Shading frame with the bump; a bump that turns away from the viewer is dropped.
    Vector3f normal = (hit.shading_normal + surface.bump).normalized();
    if (normal.dot(direction) >= kGrazingBump) normal = hit.shading_normal;
    if (normal.dot(direction) >= -1e-3f) normal = hit.geometric_normal;
    if (bounce == 0) first = {bsdf.albedo(), normal};
    const Eigen::Matrix3f frame = shading_frame(normal, surface);
    const Vector3f wo = frame.transpose() * -direction;
    const Vector3f start = position + hit.geometric_normal * kRayOffset;

    if (studio_.can_sample()) sum += throughput.cwiseProduct(direct(start, hit, frame, bsdf, wo, sampler));

    // Follow the surface's reflection: to another surface, or to the surroundings.
    Vector3f wi;
    if (!bsdf.sample(wo, sampler.next2(), wi)) break;
    const float bsdf_pdf = bsdf.pdf(wo, wi);
    if (bsdf_pdf <= 1e-6f) break;
    throughput = throughput.cwiseProduct(bsdf.evaluate(wo, wi)) / bsdf_pdf;
    direction = frame * wi;
    origin = start;
    if (direction.dot(hit.geometric_normal) <= 0) break;
    if (!intersect(origin, direction, hit)) {
      const float light_pdf = studio_.pdf(direction);
      const float weight = light_pdf > 0 ? power_heuristic(bsdf_pdf, light_pdf) : 1.0f;
      sum += weight * throughput.cwiseProduct(surroundings(origin, direction));
      break;
    }
  }
  const float peak = sum.maxCoeff();
  return peak > kFireflyLimit ? Vector3f(sum * (kFireflyLimit / peak)) : sum;
}

float PathTracer::shadow_reach(const Vector3f& origin, const Vector3f& direction) const {
  if (direction.y() >= -1e-4f || origin.y() <= ground_.y) return 0;
  const Vector3f on_floor = origin + (ground_.y - origin.y()) / direction.y() * direction;
  return 1 - smooth_step(kShadowFull, kShadowReach, (Vector2f(on_floor.x(), on_floor.z()) - centre_xz_).norm());
}

FloorSample PathTracer::floor(const Vector3f& origin, const Vector3f& direction, PathSampler& sampler) const {
  FloorSample sample;
  if (shadow_reach(origin, direction) <= 0) return sample;
  const Vector3f position = origin + (ground_.y - origin.y()) / direction.y() * direction + Vector3f(0, kRayOffset, 0);

  // Half of the samples go to the soft boxes, half to the whole sky.
  Vector2f u = sampler.next2();
  Vector3f to_light;
  if (studio_.can_sample() && u.x() < 0.5f) {
    to_light = studio_.sample({2 * u.x(), u.y()});
  } else {
    if (studio_.can_sample()) u.x() = 2 * u.x() - 1;
    const float r = std::sqrt(u.x()), phi = 2 * kPi * u.y();
    to_light = Vector3f(r * std::cos(phi), std::sqrt(std::max(0.0f, 1 - u.x())), r * std::sin(phi));
  }
  if (to_light.y() <= 1e-3f) return sample;
  const float cosine_pdf = to_light.y() / kPi;
  const float pdf = studio_.can_sample() ? 0.5f * (cosine_pdf + studio_.pdf(to_light)) : cosine_pdf;
  sample.unlit = studio_.radiance(to_light).y() * to_light.y() / pdf;
  Hit hit;
  if (scene_.intersect(position, to_light, kRayOffset, kFar, hit)) {
    sample.blocker_distance = hit.distance;
  } else {
    sample.lit = sample.unlit;
  }
  return sample;
}

}  // namespace looking3d
