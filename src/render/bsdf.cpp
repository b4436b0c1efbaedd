#include "render/bsdf.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace looking3d {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

/// Density of the microfacets' normals.
float ggx_d(const Vector3f& h, const Vector2f& alpha) {
  const float x = h.x() / alpha.x(), y = h.y() / alpha.y(), t = x * x + y * y + h.z() * h.z();
  return 1 / (kPi * alpha.x() * alpha.y() * t * t);
}

/// Smith's Lambda of GGX.
float lambda(const Vector3f& w, const Vector2f& alpha) {
  const float x = alpha.x() * w.x(), y = alpha.y() * w.y();
  return (std::sqrt(1 + (x * x + y * y) / std::max(w.z() * w.z(), 1e-8f)) - 1) / 2;
}

float luminance(const Vector3f& c) {
  return 0.2126f * c.x() + 0.7152f * c.y() + 0.0722f * c.z();
}

/// A normal visible from wo (Heitz 2018, "Sampling the GGX distribution of visible normals").
Vector3f sample_visible_normal(const Vector3f& wo, const Vector2f& alpha, const Vector2f& u) {
  const Vector3f v = Vector3f(alpha.x() * wo.x(), alpha.y() * wo.y(), wo.z()).normalized();
  const float len2 = v.x() * v.x() + v.y() * v.y();
  const Vector3f t1 = len2 > 1e-9f ? Vector3f(Vector3f(-v.y(), v.x(), 0) / std::sqrt(len2)) : Vector3f::UnitX();
  const Vector3f t2 = v.cross(t1);
  const float r = std::sqrt(u.x()), phi = 2 * kPi * u.y();
  const float p1 = r * std::cos(phi), s = 0.5f * (1 + v.z());
  const float p2 = (1 - s) * std::sqrt(std::max(0.0f, 1 - p1 * p1)) + s * r * std::sin(phi);
  const Vector3f n = p1 * t1 + p2 * t2 + std::sqrt(std::max(0.0f, 1 - p1 * p1 - p2 * p2)) * v;
  return Vector3f(alpha.x() * n.x(), alpha.y() * n.y(), std::max(1e-6f, n.z())).normalized();
}

}  // namespace

Bsdf::Bsdf(const SurfaceSample& surface)
    : diffuse_(surface.base_colour * (1 - surface.metallic) * (1 - surface.specular)),
      f0_(Vector3f::Constant(surface.specular) * (1 - surface.metallic) + surface.base_colour * surface.metallic),
      albedo_((diffuse_ + f0_).cwiseMax(0.02f)),
      grazing_(std::min(1.0f, 50 * f0_.maxCoeff())),
      alpha_(Vector2f::Constant(std::max(0.005f, surface.roughness * surface.roughness))) {
  if (surface.anisotropy <= 0) return;
  // Burley, "Physically based shading at Disney", 2012.
  const float aspect = std::sqrt(1 - 0.9f * surface.anisotropy);
  alpha_ = Vector2f(std::max(0.005f, alpha_.x() * aspect), std::min(1.0f, alpha_.y() / aspect));
}

/// Schlick's approximation.
Vector3f Bsdf::fresnel(float cosine) const {
  const float m = std::clamp(1 - cosine, 0.0f, 1.0f), m2 = m * m;
  return f0_ + (Vector3f::Constant(grazing_) - f0_) * (m2 * m2 * m);
}

float Bsdf::specular_weight(const Vector3f& wo) const {
  const float s = luminance(fresnel(wo.z())), d = luminance(diffuse_);
  return s <= 0 ? 0.0f : std::clamp(s / (s + d + 1e-6f), 0.1f, 0.95f);
}

Vector3f Bsdf::evaluate(const Vector3f& wo, const Vector3f& wi) const {
  if (wo.z() <= 0 || wi.z() <= 0) return Vector3f::Zero();
  const Vector3f h = (wo + wi).normalized();
  const Vector3f f = fresnel(wo.dot(h));
  const float g = 1 / (1 + lambda(wo, alpha_) + lambda(wi, alpha_));
  const Vector3f specular = f * (ggx_d(h, alpha_) * g / (4 * wo.z()));  // one cosine cancels
  // The diffuse layer gets what both passages through the surface let through, which keeps the sum reciprocal and below one.
  const Vector3f through = (Vector3f::Ones() - fresnel(wo.z())).cwiseProduct(Vector3f::Ones() - fresnel(wi.z()));
  return specular + diffuse_.cwiseProduct(through) * (wi.z() / kPi);
}

float Bsdf::pdf(const Vector3f& wo, const Vector3f& wi) const {
  if (wo.z() <= 0 || wi.z() <= 0) return 0;
  const float ws = specular_weight(wo);
  const Vector3f h = (wo + wi).normalized();
  const float visible = ggx_d(h, alpha_) / (1 + lambda(wo, alpha_)) / (4 * wo.z());
  return ws * visible + (1 - ws) * wi.z() / kPi;
}

bool Bsdf::sample(const Vector3f& wo, Vector2f u, Vector3f& wi) const {
  // The first number chooses the layer too: its strata stay strata within each.
  const float specular = specular_weight(wo);
  if (u.x() < specular) {
    u.x() /= specular;
    const Vector3f h = sample_visible_normal(wo, alpha_, u);
    wi = 2 * wo.dot(h) * h - wo;
  } else {
    u.x() = (u.x() - specular) / (1 - specular);
    const float r = std::sqrt(u.x()), phi = 2 * kPi * u.y();
    wi = Vector3f(r * std::cos(phi), r * std::sin(phi), std::sqrt(std::max(0.0f, 1 - u.x())));
  }
  return wi.z() > 0;
}

Eigen::Matrix3f frame_around(const Vector3f& n) {
  // Duff et al. 2017, "Building an orthonormal basis, revisited".
  const float sign = std::copysign(1.0f, n.z()), a = -1 / (sign + n.z()), b = n.x() * n.y() * a;
  Eigen::Matrix3f frame;
  frame.col(0) = Vector3f(1 + sign * n.x() * n.x() * a, sign * b, -sign * n.x());
  frame.col(1) = Vector3f(b, sign + n.y() * n.y() * a, -n.y());
  frame.col(2) = n;
  return frame;
}

Eigen::Matrix3f shading_frame(const Vector3f& normal, const SurfaceSample& surface) {
  if (surface.anisotropy <= 0) return frame_around(normal);
  const Vector3f tangent = surface.brush - surface.brush.dot(normal) * normal;
  if (tangent.squaredNorm() < 1e-6f) return frame_around(normal);
  Eigen::Matrix3f frame;
  frame.col(0) = tangent.normalized();
  frame.col(1) = normal.cross(frame.col(0));
  frame.col(2) = normal;
  return frame;
}

}  // namespace looking3d
