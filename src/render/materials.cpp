#include "render/materials.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "render/photo_render.h"

namespace looking3d {
namespace {

struct Tint {
  const char* name;
  float r, g, b;  ///< sRGB, 0..255
};

constexpr Tint kWoods[] = {{"oak", 190, 150, 105},  {"walnut", 100, 68, 45},  {"beech", 212, 170, 125}, {"birch", 226, 200, 160},
                           {"cherry", 160, 92, 60}, {"ash", 205, 180, 145},   {"wenge", 62, 48, 40},    {"teak", 165, 110, 65},
                           {"pine", 225, 185, 130}, {"mahogany", 115, 52, 36}};
constexpr Tint kPlastics[] = {{"white", 225, 225, 220}, {"black", 28, 28, 30},    {"grey", 130, 132, 135}, {"red", 180, 32, 30},
                              {"blue", 35, 75, 150},    {"yellow", 225, 180, 40}, {"green", 60, 125, 75},  {"orange", 220, 105, 35},
                              {"petrol", 25, 90, 100},  {"sand", 200, 185, 155},  {"rose", 205, 140, 140}};
constexpr Tint kLeathers[] = {{"black", 32, 30, 29},    {"brown", 92, 56, 36},  {"cognac", 155, 85, 42},
                              {"cream", 220, 205, 180}, {"grey", 105, 102, 98}, {"oxblood", 98, 28, 28},
                              {"navy", 38, 46, 70},     {"olive", 88, 84, 52},  {"white", 228, 225, 218}};
constexpr Tint kFabrics[] = {{"grey", 120, 122, 125},    {"anthracite", 60, 62, 66}, {"beige", 200, 185, 160},  {"blue", 62, 88, 130},
                             {"green", 88, 115, 88},     {"mustard", 195, 150, 55},  {"rust", 165, 80, 50},     {"pink", 205, 150, 150},
                             {"natural", 220, 210, 190}, {"teal", 45, 110, 112},     {"burgundy", 110, 38, 50}, {"brown", 110, 85, 65}};
constexpr Tint kMetals[] = {
    {"brushed steel", 180, 180, 178},     {"chrome", 205, 206, 208},    {"brass", 205, 165, 90},   {"black powder coat", 30, 30, 32},
    {"white powder coat", 222, 222, 220}, {"aluminium", 190, 192, 195}, {"copper", 200, 130, 100}, {"grey lacquer", 110, 112, 116},
    {"coloured lacquer", 60, 110, 130}};

float linear_from_srgb(float v) {
  return std::pow(v / 255, 2.2f);
}
Vector3f linear_of(const Tint& t) {
  return {linear_from_srgb(t.r), linear_from_srgb(t.g), linear_from_srgb(t.b)};
}

float lattice(int x, int y, int z) {
  uint32_t h = static_cast<uint32_t>(x) * 0x8da6b343u ^ static_cast<uint32_t>(y) * 0xd8163841u ^ static_cast<uint32_t>(z) * 0xcb1ab31fu;
  h = (h ^ (h >> 15)) * 0x2c1b3c6du;
  h = (h ^ (h >> 12)) * 0x297a2d39u;
  return static_cast<float>((h ^ (h >> 15)) >> 8) * 0x1p-23f - 1;
}

/// Value noise in [-1, 1] with smooth interpolation.
float noise(const Vector3f& p) {
  const Vector3f f = p.array().floor();
  const int x = static_cast<int>(f.x()), y = static_cast<int>(f.y()), z = static_cast<int>(f.z());
  const Vector3f t = p - f;
  const Vector3f s = t.array().square() * (3 - 2 * t.array());
  const auto mix = [](float a, float b, float w) { return a + w * (b - a); };
  const auto edge = [&](int dy, int dz) { return mix(lattice(x, y + dy, z + dz), lattice(x + 1, y + dy, z + dz), s.x()); };
  return mix(mix(edge(0, 0), edge(1, 0), s.y()), mix(edge(0, 1), edge(1, 1), s.y()), s.z());
}

float fractal(const Vector3f& p, int octaves) {
  float sum = 0, weight = 0.5f;
  Vector3f q = p;
  for (int i = 0; i < octaves; ++i, weight *= 0.5f, q = q * 2.03f + Vector3f::Constant(17.3f)) sum += weight * noise(q);
  return sum;
}

/// Slope of a height function by differences, as a bump for the normal.
template <class Height>
Vector3f slope(const Vector3f& p, float step, float strength, const Height& height) {
  const float h0 = height(p);
  return -strength / step *
         Vector3f(height(p + Vector3f(step, 0, 0)) - h0, height(p + Vector3f(0, step, 0)) - h0, height(p + Vector3f(0, 0, step)) - h0);
}

/// Coordinates on the plane that the normal faces most (box mapping), in the texture frame.
Vector2f box_map(const Vector3f& p, const Vector3f& n) {
  const Vector3f a = n.cwiseAbs();
  if (a.x() >= a.y() && a.x() >= a.z()) return {p.y(), p.z()};
  if (a.y() >= a.z()) return {p.x(), p.z()};
  return {p.x(), p.y()};
}

}  // namespace

struct Material::Design {
  uint32_t id;
  MaterialFamily family;
  std::string tint;
  Vector3f colour, second;
  float roughness, scale, contrast, bump, metallic = 0;
  int pattern;
};

TextureFrame TextureFrame::of(const TriangleMesh& mesh, uint64_t seed) {
  TextureFrame frame;
  Vector3f mean = Vector3f::Zero();
  for (const Vector3f& v : mesh.vertices) mean += v / static_cast<float>(mesh.vertices.size());
  Eigen::Matrix3f covariance = Eigen::Matrix3f::Zero();
  for (const Vector3f& v : mesh.vertices) covariance += (v - mean) * (v - mean).transpose();
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3f> solver(covariance);
  for (int i = 0; i < 3; ++i) frame.texture_from_object.row(i) = solver.eigenvectors().col(2 - i).transpose();
  Rng rng(seed);
  frame.origin =
      Vector3f(static_cast<float>(rng.uniform(-9, 9)), static_cast<float>(rng.uniform(-9, 9)), static_cast<float>(rng.uniform(-9, 9)));
  return frame;
}

Material::Material(uint32_t id) : design_(std::make_unique<Design>()) {
  Rng rng(identity(0, "material", id));
  Design& d = *design_;
  d.id = id;
  d.family = family_of(id);
  const auto draw = [&](double low, double high) { return static_cast<float>(rng.uniform(low, high)); };
  const auto choose = [&](const auto& tints) {
    const Tint& tint = rng.pick_from(tints);
    d.tint = tint.name;
    d.colour = linear_of(tint) * draw(0.8, 1.2);
    for (int c = 0; c < 3; ++c) d.colour[c] = std::min(0.9f, d.colour[c] * draw(0.9, 1.1));
  };
  d.pattern = rng.uniform_int(0, 2);
  switch (d.family) {
    case MaterialFamily::kWood:
      choose(kWoods);
      d.second = d.colour * draw(0.45, 0.7), d.roughness = draw(0.35, 0.65), d.scale = draw(10, 26), d.contrast = draw(0.35, 0.9),
      d.bump = draw(0.0, 0.02);
      break;
    case MaterialFamily::kPlastic:
      choose(kPlastics);
      d.second = d.colour, d.roughness = draw(0.2, 0.6), d.scale = draw(60, 120), d.contrast = 0,
      d.bump = d.pattern == 0 ? draw(0.01, 0.03) : 0;
      break;
    case MaterialFamily::kLeather:
      choose(kLeathers);
      d.second = d.colour * draw(0.6, 0.85), d.roughness = draw(0.38, 0.6), d.scale = draw(45, 80), d.contrast = draw(0.2, 0.6),
      d.bump = draw(0.05, 0.14);
      break;
    case MaterialFamily::kFabric:
      choose(kFabrics);
      d.second = d.colour * (rng.bernoulli(0.5) ? draw(0.5, 0.8) : draw(1.1, 1.35)), d.second = d.second.cwiseMin(0.9f),
      d.roughness = draw(0.85, 1.0);
      d.scale = draw(45, 110), d.contrast = draw(0.3, 1.0), d.bump = draw(0.08, 0.22);
      break;
    case MaterialFamily::kMetal:
      choose(kMetals);
      d.metallic = d.tint.find("coat") == std::string::npos && d.tint.find("lacquer") == std::string::npos ? 1.0f : 0.0f;
      d.second = d.colour * 0.85f, d.scale = draw(80, 160), d.contrast = 0.3f;
      d.roughness = d.tint == "chrome" ? draw(0.12, 0.2) : d.metallic > 0 ? draw(0.25, 0.45) : draw(0.3, 0.55);
      d.bump = d.tint == "chrome" ? 0 : draw(0.01, 0.04);
      break;
  }
}
Material::~Material() = default;
Material::Material(Material&&) noexcept = default;

std::string Material::name() const {
  static const char* families[] = {"wood", "plastic", "leather", "fabric", "metal"};
  return std::string(families[static_cast<int>(design_->family)]) + " " + std::to_string(design_->id) + ": " + design_->tint;
}

SurfaceSample Material::at(const Vector3f& x_in_object, const Vector3f& normal, const TextureFrame& frame) const {
  const Design& d = *design_;
  const Vector3f p = frame.texture_from_object * x_in_object + frame.origin;
  SurfaceSample s;
  s.roughness = d.roughness;
  s.metallic = d.metallic;
  Vector3f bump = Vector3f::Zero();
  float mix = 0;
  switch (d.family) {
    case MaterialFamily::kWood: {
      // Year rings around the grain axis, drawn out along it, with fine pores.
      const Vector3f drawn_out(p.x() * 0.25f, p.y(), p.z());
      const float rings = std::hypot(p.y() + 0.3f * noise(drawn_out * 1.7f), p.z() + 0.8f) * d.scale + 2.5f * fractal(drawn_out * 3, 3);
      const float ring = 0.5f + 0.5f * std::sin(rings * 3.1f);
      const float pores = std::max(0.0f, noise(Vector3f(p.x() * 6, p.y() * 90, p.z() * 90)));
      mix = d.contrast * (0.6f * ring * ring + 0.4f * pores) + 0.25f * fractal(drawn_out * 5, 2);
      s.roughness += 0.1f * pores;
      if (d.bump > 0)
        bump = slope(p, 0.004f, d.bump * 0.02f, [](const Vector3f& q) { return noise(Vector3f(q.x() * 6, q.y() * 80, q.z() * 80)); });
      break;
    }
    case MaterialFamily::kPlastic:
      if (d.bump > 0) bump = slope(p, 0.004f, d.bump * 0.05f, [&](const Vector3f& q) { return noise(q * d.scale); });
      break;
    case MaterialFamily::kLeather: {
      const auto grain = [&](const Vector3f& q) { return std::abs(noise(q * d.scale)) + 0.5f * std::abs(noise(q * (2.1f * d.scale))); };
      mix = d.contrast * (0.5f + 0.5f * fractal(p * 4, 3)) + 0.2f * (1 - grain(p));
      bump = slope(p, 0.004f, d.bump * 0.03f, grain);
      s.roughness += 0.08f * fractal(p * 6, 2);
      break;
    }
    case MaterialFamily::kFabric: {
      const Vector2f w = box_map(p, frame.texture_from_object * normal) * d.scale;
      const float u = std::sin(w.x() * 3.1416f), v = std::sin(w.y() * 3.1416f);
      const float weave = d.pattern == 0 ? u * v : d.pattern == 1 ? std::sin((w.x() + w.y()) * 2.2f) : 0.6f * noise(p * d.scale);
      mix = 0.5f * d.contrast * (0.5f + 0.5f * weave) + 0.35f * d.contrast * std::abs(noise(p * (d.scale * 0.6f)));
      bump = slope(p, 0.004f, d.bump * 0.03f, [&](const Vector3f& q) { return noise(q * d.scale); });
      s.specular = 0.015f;
      break;
    }
    case MaterialFamily::kMetal: {
      const Vector3f brushed(p.x() * 3, p.y() * d.scale, p.z() * d.scale);
      mix = d.contrast * 0.5f * (1 + noise(brushed)) * (d.bump > 0 ? 1.0f : 0.0f);
      if (d.bump > 0 && d.metallic > 0) bump = slope(brushed, 0.3f, d.bump * 0.5f, noise);
      break;
    }
  }
  mix = std::clamp(mix, 0.0f, 1.0f);
  s.base_colour = (d.colour + mix * (d.second - d.colour)).cwiseMax(0.01f).cwiseMin(0.95f);
  s.roughness = std::clamp(s.roughness, 0.08f, 1.0f);
  s.bump = frame.texture_from_object.transpose() * bump;
  return s;
}

std::string material_name(uint32_t material_id) {
  return Material(material_id).name();
}

}  // namespace looking3d
