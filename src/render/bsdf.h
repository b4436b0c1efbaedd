#pragma once
// Surface reflection: Lambert under a GGX microfacet layer (Walter et al. 2007, Heitz 2018), metals by their base colour.
// All directions are unit vectors away from the surface, in a frame whose z axis is the shading normal and whose x axis runs along the
// scratches of brushed surfaces (shading_frame).
#include <Eigen/Core>
#include <Eigen/Geometry>

namespace looking3d {

using Eigen::Vector2f;
using Eigen::Vector3f;

/// What a material says about one point of a surface.
struct SurfaceSample {
  Vector3f base_colour = Vector3f::Constant(0.5f);  ///< linear RGB
  float roughness = 0.5f;                           ///< perceptual; alpha = roughness^2
  float metallic = 0.0f;
  float specular = 0.04f;             ///< reflectance of non-metals at normal incidence; 0 is a pure Lambert surface
  Vector3f bump = Vector3f::Zero();   ///< added to the unit normal, object frame
  Vector3f brush = Vector3f::Zero();  ///< direction of fine scratches, object frame; highlights stretch across them
  float anisotropy = 0;               ///< 0 as rough along the scratches as across, towards 1 ever smoother along them
};

class Bsdf {
 public:
  explicit Bsdf(const SurfaceSample& surface);

  /// f(wo, wi) * |cos(wi)|; zero below the surface.
  Vector3f evaluate(const Vector3f& wo, const Vector3f& wi) const;
  /// Density of sample() per solid angle.
  float pdf(const Vector3f& wo, const Vector3f& wi) const;
  /// Draws wi; false when the draw falls below the surface. `u` is uniform in [0,1)^2.
  bool sample(const Vector3f& wo, Vector2f u, Vector3f& wi) const;
  /// Colour that the denoiser may divide by.
  Vector3f albedo() const { return albedo_; }

 private:
  float specular_weight(const Vector3f& wo) const;

  Vector3f fresnel(float cosine) const;

  Vector3f diffuse_, f0_, albedo_;
  float grazing_;   ///< reflectance at grazing incidence
  Vector2f alpha_;  ///< along and across the scratches
};

/// Orthonormal frame around a normal: columns tangent, bitangent, normal.
Eigen::Matrix3f frame_around(const Vector3f& normal);
/// The same with the tangent along the surface's scratches, where it has any.
Eigen::Matrix3f shading_frame(const Vector3f& normal, const SurfaceSample& surface);

}  // namespace looking3d
