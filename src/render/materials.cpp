#include "render/materials.h"

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
struct Wood {
  Tint tint;
  float contrast;  ///< how much darker the late wood is
};
struct Metal {
  Tint tint;
  MetalPattern pattern;
};

constexpr Wood kWoods[] = {
    {{"oak", 190, 150, 105}, 0.5f},       {{"walnut", 104, 72, 50}, 0.55f},   {{"beech", 214, 170, 126}, 0.2f},
    {{"birch", 226, 200, 160}, 0.18f},    {{"cherry", 165, 100, 66}, 0.3f},   {{"ash", 212, 186, 148}, 0.5f},
    {{"wenge", 66, 50, 42}, 0.6f},        {{"teak", 165, 114, 68}, 0.45f},    {{"pine", 224, 184, 130}, 0.5f},
    {{"mahogany", 118, 60, 42}, 0.3f},    {{"maple", 222, 190, 148}, 0.22f},  {{"elm", 150, 112, 74}, 0.6f},
    {{"rosewood", 92, 48, 38}, 0.65f},    {{"smoked oak", 96, 76, 58}, 0.5f}, {{"whitewashed oak", 210, 198, 180}, 0.35f},
    {{"grey stain", 134, 124, 114}, 0.5f}};
constexpr Tint kPaints[] = {{"white paint", 228, 226, 220}, {"black stain", 34, 32, 31},         {"grey paint", 140, 142, 142},
                            {"sage paint", 130, 145, 122},  {"dark blue paint", 44, 60, 88},     {"red paint", 150, 42, 36},
                            {"cream paint", 226, 214, 188}, {"light blue paint", 140, 168, 184}, {"bottle green paint", 38, 66, 52},
                            {"yellow paint", 214, 172, 62}, {"terracotta paint", 176, 100, 74},  {"rose paint", 206, 160, 152}};
constexpr Tint kPlastics[] = {{"white", 225, 225, 220}, {"black", 28, 28, 30},        {"grey", 130, 132, 135}, {"red", 180, 32, 30},
                              {"blue", 35, 75, 150},    {"yellow", 225, 180, 40},     {"green", 60, 125, 75},  {"orange", 220, 105, 35},
                              {"petrol", 25, 90, 100},  {"sand", 200, 185, 155},      {"rose", 205, 140, 140}, {"white", 230, 230, 228},
                              {"black", 24, 24, 25},    {"light grey", 185, 186, 186}};
constexpr Tint kLeathers[] = {{"black", 32, 30, 29},    {"brown", 92, 56, 36},    {"cognac", 155, 85, 42},      {"cream", 220, 205, 180},
                              {"grey", 105, 102, 98},   {"oxblood", 98, 28, 28},  {"navy", 38, 46, 70},         {"olive", 88, 84, 52},
                              {"white", 228, 225, 218}, {"tan", 188, 138, 92},    {"bottle green", 36, 62, 50}, {"taupe", 140, 124, 110},
                              {"petrol", 30, 70, 80},   {"mustard", 176, 132, 50}};
constexpr Tint kFabrics[] = {{"grey", 120, 122, 125},       {"anthracite", 60, 62, 66}, {"beige", 200, 185, 160},  {"blue", 62, 88, 130},
                             {"green", 88, 115, 88},        {"mustard", 195, 150, 55},  {"rust", 165, 80, 50},     {"pink", 205, 150, 150},
                             {"natural", 220, 210, 190},    {"teal", 45, 110, 112},     {"burgundy", 110, 38, 50}, {"brown", 110, 85, 65},
                             {"light grey", 175, 176, 176}, {"lilac", 150, 136, 165},   {"olive", 112, 110, 72},   {"petrol", 30, 72, 86},
                             {"coral", 205, 108, 90}};
constexpr const char* kLeatherNames[kLeatherPatterns] = {"smooth", "pebbled", "aniline", "suede"};
constexpr const char* kPlasticNames[kPlasticPatterns] = {"glossy", "satin", "grained", "speckled"};
constexpr const char* kFabricNames[kFabricPatterns] = {"melange",  "plain weave", "tweed", "twill",
                                                       "corduroy", "stripes",     "check", "velvet"};
constexpr Metal kMetals[] = {{{"brushed steel", 186, 186, 183}, kBrushed},
                             {{"chrome", 214, 215, 217}, kPolished},
                             {{"brass", 214, 172, 96}, kPolished},
                             {{"black powder coat", 30, 30, 31}, kCoated},
                             {{"white powder coat", 224, 224, 222}, kCoated},
                             {{"aluminium", 200, 201, 203}, kBrushed},
                             {{"copper", 210, 138, 108}, kPolished},
                             {{"grey lacquer", 110, 112, 116}, kCoated},
                             {{"petrol lacquer", 40, 92, 104}, kCoated},
                             {{"red lacquer", 165, 38, 34}, kCoated},
                             {{"chrome", 212, 212, 214}, kPolished},
                             {{"graphite lacquer", 58, 60, 64}, kCoated},
                             {{"dark bronze", 120, 92, 66}, kBrushed},
                             {{"gold", 222, 184, 112}, kBrushed},
                             {{"gunmetal", 98, 100, 106}, kPolished},
                             {{"hammered iron", 74, 72, 70}, kHammered},
                             {{"hammered copper", 196, 126, 96}, kHammered},
                             {{"green lacquer", 62, 96, 72}, kCoated},
                             {{"yellow lacquer", 220, 176, 50}, kCoated},
                             {{"cream lacquer", 222, 210, 184}, kCoated},
                             {{"nickel", 196, 188, 176}, kPolished}};

float linear_from_srgb(float v) {
  return std::pow(v / 255, 2.2f);
}

/// Draws a design's numbers in a fixed order.
class Designer {
 public:
  explicit Designer(uint32_t id) : rng_(identity(0, "material", id)) {}

  MaterialDesign draw(MaterialFamily family) {
    switch (family) {
      case MaterialFamily::kWood:
        return wood();
      case MaterialFamily::kPlastic:
        return plastic();
      case MaterialFamily::kLeather:
        return leather();
      case MaterialFamily::kFabric:
        return fabric();
      case MaterialFamily::kMetal:
        break;
    }
    return metal();
  }

 private:
  float uniform(double low, double high) { return static_cast<float>(rng_.uniform(low, high)); }

  /// The tint a little lighter or darker, warmer or colder.
  Vector3f vary(const Tint& t, float brightness, float warmth) {
    const float light = std::exp(uniform(-brightness, brightness)), warm = uniform(-warmth, warmth);
    const Vector3f linear(linear_from_srgb(t.r) * (1 + warm), linear_from_srgb(t.g), linear_from_srgb(t.b) * (1 - warm));
    return (light * linear).cwiseMin(0.88f);
  }

  /// A colour between two of the table, nearer the first: as many shades as there are designs.
  template <class Tints>
  Vector3f shade(const Tint& tint, const Tints& tints, float brightness, float warmth) {
    const Vector3f first = vary(tint, brightness, warmth), second = vary(rng_.pick_from(tints), brightness, warmth);
    const float share = uniform(0, 0.25);
    return (first.array().pow(1 - share) * second.array().pow(share)).matrix();  // as pigments mix: dark stays dark
  }

  MaterialDesign wood() {
    MaterialDesign d;
    d.pattern = rng_.bernoulli(0.22) ? kPaintedWood : rng_.bernoulli(0.3) ? kPlankedWood : kPlainWood;
    if (d.pattern == kPaintedWood) {
      const Tint& paint = rng_.pick_from(kPaints);
      d.name = paint.name;
      d.colour = shade(paint, kPaints, 0.25f, 0.06f);
      d.second = 0.8f * d.colour, d.contrast = uniform(0.1, 0.35);
      d.roughness = uniform(0.25, 0.55);
    } else {
      const Wood& species = rng_.pick_from(kWoods);
      d.name = species.tint.name;
      d.colour = vary(species.tint, 0.3f, 0.1f);
      // Late wood is darker and redder.
      d.second = d.colour.cwiseProduct(Vector3f(0.5f, 0.4f, 0.33f)), d.contrast = std::min(0.8f, species.contrast * uniform(0.6, 1.7));
      d.roughness = uniform(0.22, 0.65);
    }
    d.scale = uniform(20, 60);
    d.bump = uniform(0.0, 0.05);
    return d;
  }

  MaterialDesign plastic() {
    MaterialDesign d;
    const Tint& tint = rng_.pick_from(kPlastics);
    d.pattern = static_cast<int>(rng_.pick(std::array{0.34, 0.32, 0.26, 0.08}));
    d.name = std::string(kPlasticNames[d.pattern]) + " " + tint.name;
    d.colour = shade(tint, kPlastics, 0.3f, 0.06f);
    d.second = d.pattern == kSpeckledPlastic ? vary(rng_.pick_from(kPlastics), 0.2f, 0.05f) : d.colour;
    d.roughness = d.pattern == kGlossyPlastic ? uniform(0.1, 0.28) : uniform(0.32, 0.68);
    d.scale = d.pattern == kSpeckledPlastic ? uniform(45, 90) : uniform(60, 100);
    d.bump = d.pattern == kGrainedPlastic ? uniform(0.05, 0.14) : 0, d.contrast = uniform(0.25, 0.6);
    return d;
  }

  MaterialDesign leather() {
    MaterialDesign d;
    const Tint& tint = rng_.pick_from(kLeathers);
    d.pattern = static_cast<int>(rng_.pick(std::array{0.3, 0.3, 0.25, 0.15}));
    d.name = std::string(kLeatherNames[d.pattern]) + " " + tint.name;
    d.colour = shade(tint, kLeathers, 0.3f, 0.08f);
    d.second = d.colour * uniform(0.5, 0.8), d.contrast = uniform(0.1, 0.5);
    d.roughness = uniform(0.3, 0.55), d.specular = 0.045f;
    d.scale = uniform(36, 72), d.bump = d.pattern == kSmoothLeather ? uniform(0.03, 0.08) : uniform(0.1, 0.2);
    d.creases = d.pattern == kAnilineLeather ? uniform(0.5, 1.0) : d.pattern == kSmoothLeather ? uniform(0.1, 0.5) : 0;
    if (d.pattern == kSuede)
      d.roughness = uniform(0.85, 1.0), d.specular = 0.015f, d.scale = uniform(70, 110), d.contrast = uniform(0.4, 0.9);
    return d;
  }

  MaterialDesign fabric() {
    MaterialDesign d;
    const Tint& tint = rng_.pick_from(kFabrics);
    d.pattern = static_cast<int>(rng_.pick(std::array{0.24, 0.2, 0.14, 0.12, 0.08, 0.07, 0.05, 0.1}));
    d.name = std::string(tint.name) + " " + kFabricNames[d.pattern];
    d.colour = shade(tint, kFabrics, 0.3f, 0.08f);
    d.second = d.colour * (rng_.bernoulli(0.5) ? uniform(0.4, 0.7) : uniform(1.3, 1.7));
    // The other colour of stripes and checks stands clear of the first; the rest shows two shades of one yarn.
    if (d.pattern == kStripes || d.pattern == kCheck) d.second = vary(rng_.pick_from(kFabrics), 0.2f, 0.05f);
    d.second = d.second.cwiseMin(0.85f);
    d.contrast = uniform(0.35, 0.9), d.roughness = uniform(0.85, 1.0), d.specular = 0.018f;
    d.scale = d.pattern == kStripes || d.pattern == kCheck ? uniform(5, 14) : uniform(45, 80);
    if (d.pattern == kCorduroy) d.scale = uniform(22, 34);
    d.bump = uniform(0.06, 0.16);
    return d;
  }

  MaterialDesign metal() {
    MaterialDesign d;
    const Metal& metal = rng_.pick_from(kMetals);
    d.name = metal.tint.name, d.pattern = metal.pattern;
    d.metallic = d.pattern == kCoated ? 0 : 1;
    d.colour = d.pattern == kCoated ? shade(metal.tint, kPaints, 0.25f, 0.05f) : vary(metal.tint, 0.12f, 0.05f);
    d.second = 0.8f * d.colour, d.contrast = uniform(0.2, 0.7);
    d.roughness = d.pattern == kPolished ? uniform(0.08, 0.32) : d.pattern == kCoated ? uniform(0.2, 0.65) : uniform(0.28, 0.45);
    d.anisotropy = d.pattern == kBrushed ? uniform(0.6, 0.95) : 0;
    d.scale = uniform(70, 120), d.bump = d.pattern == kCoated ? uniform(0.0, 0.05) : d.pattern == kHammered ? uniform(0.08, 0.16) : 0;
    if (d.pattern == kHammered) d.scale = uniform(24, 44);
    return d;
  }

  Rng rng_;
};

}  // namespace

Material::Material(uint32_t id) : id_(id), family_(family_of(id)), design_(Designer(id).draw(family_)) {}

std::string Material::name() const {
  return std::string(kFamilyNames[static_cast<size_t>(family_)]) + " " + std::to_string(id_) + ": " + design_.name;
}

SurfaceSample Material::at(const Vector3f& x_in_object, const Vector3f& normal, const TextureFrame& frame, bool fine) const {
  const Vector3f p = frame.texture_from_object * (x_in_object - frame.centre);
  const auto sample = [&] {
    switch (family_) {
      case MaterialFamily::kWood:
        return wood_at(design_, p, frame.texture_from_object * normal, frame, fine);
      case MaterialFamily::kPlastic:
        return plastic_at(design_, p + frame.offset, fine);
      case MaterialFamily::kLeather:
        return leather_at(design_, p + frame.offset, fine);
      case MaterialFamily::kFabric:
        return fabric_at(design_, p + frame.offset, frame.texture_from_object * normal, fine);
      case MaterialFamily::kMetal:
        break;
    }
    return metal_at(design_, p + frame.offset, fine);
  };
  SurfaceSample s = sample();
  s.base_colour = s.base_colour.cwiseMax(0.008f).cwiseMin(0.92f);
  s.roughness = std::clamp(s.roughness, 0.07f, 1.0f);
  s.metallic = design_.metallic;
  s.specular = design_.specular;
  s.bump = frame.texture_from_object.transpose() * s.bump;
  s.anisotropy = design_.anisotropy;
  s.brush = frame.texture_from_object.row(0).transpose();  // brushing runs along the part
  return s;
}

std::string material_name(uint32_t material_id) {
  return Material(material_id).name();
}

}  // namespace looking3d
