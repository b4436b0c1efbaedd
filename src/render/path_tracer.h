#pragma once
// Light paths: soft boxes and surface reflection sampled together (multiple importance sampling, Veach 1997), three bounces deep.
#include <functional>

#include "render/lights.h"
#include "render/path_sampler.h"
#include "render/scene.h"

namespace looking3d {

/// What the object stands on. A white floor is not there for camera rays: it lights the object from below, and its shadow is asked for
/// apart. A solid one is a surface like any other; hits on it have part kGroundPart.
struct Ground {
  float y = -1;
  bool solid = false;
};
inline constexpr int kGroundPart = -1;

/// Radiance of one path, in units of white, beyond which it is scaled down: one rare bright path must not leave a speck.
inline constexpr float kFireflyLimit = 2.0f;

/// What the surface is like at `x_in_object`, where `hit` lies. `fine` asks for the bump too; only the eye sees it.
using SurfaceShader = std::function<SurfaceSample(const Vector3f& x_in_object, const Hit& hit, bool fine)>;

/// What the first surface of a path passes on to the filter.
struct FirstSurface {
  Vector3f albedo = Vector3f::Zero(), normal = Vector3f::Zero();
};

/// One sample of the light that a point of the floor receives: with and without the object, and how far away the object is that takes it.
struct FloorSample {
  float lit = 0, unlit = 0, blocker_distance = 0;
};

class PathTracer {
 public:
  /// `scene` must outlive the tracer.
  PathTracer(const Scene& scene, Studio studio, SurfaceShader shader, Ground ground, int max_bounces);

  /// The ground along a ray, whatever else there is.
  bool intersect_ground(const Vector3f& origin, const Vector3f& direction, float t_min, Hit& hit) const;
  /// Radiance that reaches `origin` against `direction` from `hit`, in units of the white floor.
  Vector3f radiance(Vector3f origin, Vector3f direction, Hit hit, PathSampler& sampler, FirstSurface& first) const;
  /// Light at the floor point that the camera ray reaches; nothing when the floor there is far from the object.
  FloorSample floor(const Vector3f& origin, const Vector3f& direction, PathSampler& sampler) const;
  /// How far a point of the solid ground at `distance` along the ray has gone over into the backdrop, 0..1, and what that looks like.
  float haze(const Vector3f& origin, const Vector3f& direction, float distance) const;
  Vector3f backdrop(const Vector3f& direction) const { return studio_.backdrop(direction); }
  /// Share of the shadow that is shown at the floor point of this ray: 1 near the object, 0 far from it.
  float shadow_reach(const Vector3f& origin, const Vector3f& direction) const;

 private:
  bool intersect(const Vector3f& origin, const Vector3f& direction, Hit& hit) const;
  Vector3f surroundings(const Vector3f& origin, const Vector3f& direction) const;
  Vector3f direct(const Vector3f& start, const Hit& hit, const Eigen::Matrix3f& frame, const Bsdf& bsdf, const Vector3f& wo,
                  PathSampler& sampler) const;

  const Scene& scene_;
  Studio studio_;
  SurfaceShader shader_;
  Ground ground_;
  int max_bounces_;
  Vector2f centre_xz_;
  float footprint_;  ///< radius of the object on the floor
};

}  // namespace looking3d
