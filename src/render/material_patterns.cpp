// How the five families look at a point of a part.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "render/materials.h"
#include "render/noise.h"

namespace looking3d {
namespace {

constexpr float kTau = 2 * std::numbers::pi_v<float>;

Vector3f mixed(const MaterialDesign& d, float share) {
  return d.colour + std::clamp(share, 0.0f, 1.0f) * (d.second - d.colour);
}

/// Soft hollows and creases of upholstery.
float upholstery_height(const Vector3f& q) {
  return 0.010f * noise(q * 5) + 0.003f * noise(q * 13);
}

}  // namespace

std::pair<int, int> box_axes(const Vector3f& normal) {
  const Vector3f a = normal.cwiseAbs();
  if (a.x() >= a.y() && a.x() >= a.z()) return {1, 2};
  return {0, a.y() >= a.z() ? 2 : 1};
}

SurfaceSample wood_at(const MaterialDesign& d, const Vector3f& p, const Vector3f& normal, const TextureFrame& frame, bool fine) {
  SurfaceSample s;
  // A broad part is glued from planks, each from another spot of the tree.
  Vector3f q = p;
  Vector2f pith = frame.pith;
  float tone = 0;
  if (d.pattern == kPlankedWood && frame.half_size.y() > 0.15f) {
    const float width = 0.14f + 0.002f * d.scale;
    const int plank = static_cast<int>(std::floor(q.y() / width));
    tone = 0.2f * lattice_value(plank, static_cast<int>(100 * frame.offset.x()), 7);
    q.y() -= (static_cast<float>(plank) + 0.5f) * width;
    pith *= 1 + 0.5f * lattice_value(plank, 3, static_cast<int>(100 * frame.offset.y()));
    q.x() += 3 * tone * frame.offset.z();
  }

  // Year rings around the tree's axis, which leans a little against the part: straight lines on one side, cathedrals on another.
  const Vector3f far = q + frame.offset;
  const float wander = 0.022f * noise(far.x() * 1.3f, far.y() * 4, far.z() * 4) + 0.006f * noise(far.x() * 5, far.y() * 14, far.z() * 14);
  const float radius = std::hypot(q.y() - pith.x() + frame.tilt.x() * q.x(), q.z() - pith.y() + frame.tilt.y() * q.x()) + wander;
  const float ring = radius * d.scale, phase = ring - std::floor(ring);
  const float late = smooth_step(0.25f, 0.85f, phase) * (1 - smooth_step(0.9f, 1.0f, phase));
  const float strength = 0.75f + 0.5f * lattice_value(static_cast<int>(std::floor(ring)), 1, 2);

  // Fibres and pores drawn out along the grain.
  const auto fibres = [](const Vector3f& x) { return noise(x.x() * 5, x.y() * 75, x.z() * 75); };
  const float fibre = fibres(far);
  const float mottle = noise(far.x() * 1.1f, far.y() * 3, far.z() * 3);
  s.base_colour = mixed(d, d.contrast * (0.7f * late * strength + 0.3f * std::max(0.0f, fibre)) + 0.1f * mottle + tone);
  s.base_colour *= 1 + 0.06f * fibre - 0.5f * tone;
  s.roughness = d.roughness + 0.06f * fibre;

  // Where the fibres are cut across, the wood drinks oil and is darker and duller.
  if (const float end_grain = smooth_step(0.7f, 0.95f, std::abs(normal.x())); end_grain > 0 && d.pattern != kPaintedWood) {
    s.base_colour *= 1 - end_grain * (0.25f + 0.12f * fibre);
    s.roughness += 0.12f * end_grain;
  }
  if (fine && d.bump > 0) s.bump = 0.15f * d.bump * bump_from(far, 0.004f, [&](const Vector3f& x) { return 0.05f * fibres(x); });
  return s;
}

SurfaceSample plastic_at(const MaterialDesign& d, const Vector3f& p, bool fine) {
  SurfaceSample s;
  const float chips = d.pattern == kSpeckledPlastic ? d.contrast * smooth_step(0.3f, 0.42f, noise(p * d.scale)) : 0;
  s.base_colour = mixed(d, chips);
  s.roughness = d.roughness;
  if (fine && d.bump > 0) s.bump = d.bump * bump_from(p, 0.004f, [&](const Vector3f& q) { return 0.4f * noise(q * d.scale) / d.scale; });
  return s;
}

SurfaceSample leather_at(const MaterialDesign& d, const Vector3f& p, bool fine) {
  SurfaceSample s;
  const auto pebbles = [&](const Vector3f& q) { return std::abs(noise(q * d.scale)) + 0.4f * std::abs(noise(q * (2.1f * d.scale))); };
  // Folds: narrow valleys where a slow noise changes sign, here and there.
  const auto folds = [&](const Vector3f& q) {
    if (d.creases <= 0) return 0.0f;
    const float valley = std::max(0.0f, 1 - 9 * std::abs(noise(q * 7) + 0.35f * noise(q * 17)));
    return d.creases * valley * valley * smooth_step(-0.1f, 0.5f, noise(q * 2.3f + Vector3f::Constant(5.1f)));
  };
  const float wear = fractal_noise(p * 3, 3), fold = folds(p);
  const float nap = d.pattern == kSuede ? 0.25f * noise(p * d.scale) : 0;
  s.base_colour = mixed(d, d.contrast * (0.4f + 0.6f * wear + nap) + (fine ? 0.15f * (1 - pebbles(p)) : 0.1f)) * (1 - 0.3f * fold);
  s.roughness = d.roughness + 0.1f * wear + 0.08f * fold;
  if (fine)
    s.bump = bump_from(p, 0.004f,
                       [&](const Vector3f& q) { return d.bump * 0.8f * pebbles(q) / d.scale - 0.004f * folds(q) + upholstery_height(q); });
  return s;
}

SurfaceSample fabric_at(const MaterialDesign& d, const Vector3f& p, const Vector3f& normal, bool fine) {
  SurfaceSample s;
  const auto [along, across] = box_axes(normal);
  const Vector2f w = d.scale * Vector2f(p[along], p[across]);
  const float yarn = noise(p * 55), slub = noise(p * 22);
  float share = 0, ridge = 0;
  switch (d.pattern) {
    case kMelange:
      share = d.contrast * (0.35f + 0.5f * yarn + 0.3f * slub);
      break;
    case kPlainWeave: {
      const float warp = std::sin(kTau / 2 * w.x()), weft = std::sin(kTau / 2 * w.y());
      share = d.contrast * (0.4f + 0.35f * warp * weft + 0.25f * yarn), ridge = 0.5f * warp * weft;
      break;
    }
    case kTweed:
      share = d.contrast * (smooth_step(0.15f, 0.55f, yarn) + 0.35f * std::max(0.0f, slub));
      break;
    case kTwill: {
      const float diagonal = std::sin(kTau / 3 * (w.x() + w.y()));
      share = d.contrast * (0.45f + 0.4f * diagonal + 0.2f * yarn), ridge = 0.5f * diagonal;
      break;
    }
    case kCorduroy: {
      const float rib = 0.5f + 0.5f * std::cos(kTau * w.x());
      share = 0.55f * (1 - rib) + 0.1f * yarn, ridge = rib;
      break;
    }
    case kStripes:
      share = smooth_step(0.44f, 0.5f, std::abs(w.x() - std::round(w.x())) * 2) + 0.08f * yarn;
      break;
    case kCheck: {
      const auto band = [](float x) { return smooth_step(0.44f, 0.5f, std::abs(x - std::round(x)) * 2); };
      share = 0.5f * (band(w.x()) + band(w.y())) + 0.06f * yarn;
      break;
    }
    default:
      share = d.contrast * (0.3f + 0.12f * fractal_noise(p * 4, 3));
      break;  // velvet: the nap lies here and there
  }
  s.base_colour = mixed(d, share) * (1 + 0.07f * yarn);
  s.roughness = d.roughness;
  if (fine) {
    const auto height = [&](const Vector3f& q) { return d.bump * 0.35f * noise(q * 50) / 50 + upholstery_height(q); };
    s.bump = bump_from(p, 0.006f, height);
    s.base_colour *= 1 + 0.1f * ridge;
  }
  return s;
}

SurfaceSample metal_at(const MaterialDesign& d, const Vector3f& p, bool fine) {
  SurfaceSample s;
  s.base_colour = d.colour;
  s.roughness = d.roughness;
  if (d.pattern == kBrushed) {
    // Brushing runs along the part: the strokes differ in gloss more than in colour.
    const float stroke = noise(p.x() * 2, p.y() * d.scale, p.z() * d.scale);
    s.base_colour = mixed(d, 0.5f * d.contrast * (0.5f + 0.5f * stroke));
    s.roughness += 0.07f * stroke;
  } else if (d.pattern == kHammered) {
    const auto dents = [&](const Vector3f& q) { return d.bump * 0.5f * std::abs(noise(q * d.scale)) / d.scale; };
    s.base_colour *= 0.85f + 0.15f * std::abs(noise(p * d.scale));
    if (fine) s.bump = bump_from(p, 0.006f, dents);
  } else if (d.pattern == kPolished) {
    s.roughness += 0.03f * std::max(0.0f, fractal_noise(p * 2, 2));
  } else if (fine && d.bump > 0) {
    s.bump = d.bump * bump_from(p, 0.005f, [&](const Vector3f& q) { return 0.4f * noise(q * d.scale) / d.scale; });
  }
  return s;
}

}  // namespace looking3d
