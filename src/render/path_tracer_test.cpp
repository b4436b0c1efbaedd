#include "render/path_tracer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <set>

#include "base/random.h"
#include "render/photo_render.h"
#include "render/reference_views.h"
#include "render/test_shapes.h"
#include "shapes/members.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

/// Mean and largest deviation from 1 of the radiance that leaves a ball of `surface` under even light of radiance 1.
std::pair<double, double> furnace(const SurfaceSample& surface) {
  const Scene scene(shape_of(sphere(0.5)));
  const PathTracer tracer(
      scene, Studio::uniform(1), [&](const Vector3f&, const Hit&, bool) { return surface; }, Ground{}, 8);
  double sum = 0, worst = 0;
  int count = 0;
  for (int i = 0; i < 24; ++i)
    for (int s = 0; s < 64; ++s) {
      const Vector3f origin(0.035f * static_cast<float>(i - 12), 0.02f * static_cast<float>(i % 7), 3), direction(0, 0, -1);
      PathSampler sampler(identity(1, i), s);
      Hit hit;
      if (!scene.intersect(origin, direction, 0, 10, hit)) continue;
      FirstSurface first;
      const double value = tracer.radiance(origin, direction, hit, sampler, first).y();
      sum += value, worst = std::max(worst, std::abs(value - 1)), ++count;
    }
  return {sum / count, worst};
}

TEST(PathTracer, WhiteFurnace) {
  // A Lambert surface of albedo 1 vanishes: each single path carries exactly one.
  SurfaceSample lambert;
  lambert.base_colour = Vector3f::Ones();
  lambert.specular = 0;
  EXPECT_NEAR(furnace(lambert).first, 1, 2e-3);
  EXPECT_LT(furnace(lambert).second, 1e-2);
  // A smooth mirror too, and half the albedo is half the light.
  SurfaceSample mirror = lambert;
  mirror.metallic = 1, mirror.roughness = 0.1f;
  EXPECT_NEAR(furnace(mirror).first, 1, 0.02);
  lambert.base_colour = Vector3f::Constant(0.5f);
  EXPECT_NEAR(furnace(lambert).first, 0.5, 2e-3);
}

TEST(PathTracer, LightSamplingAgreesWithPlainSampling) {
  // Radiance of a floor facing up under a studio: by soft boxes and BSDF together, and by counting directions alone.
  SurfaceSample lambert;
  lambert.specular = 0;
  lambert.base_colour = Vector3f::Constant(0.6f);
  const Scene scene(shape_of(rounded_box({1, 0.1, 1})));
  for (const uint32_t light : {0u, 3u, 8u}) {
    const Studio studio(light);
    const PathTracer tracer(
        scene, studio, [&](const Vector3f&, const Hit&, bool) { return lambert; }, Ground{}, 1);
    Hit hit;
    const Vector3f origin(0, 2, 0), direction(0, -1, 0);
    ASSERT_TRUE(scene.intersect(origin, direction, 0, 10, hit));
    double traced = 0, plain = 0;
    const int n = 4096, m = 400000;
    for (int s = 0; s < n; ++s) {
      PathSampler sampler(7, s);
      FirstSurface first;
      traced += tracer.radiance(origin, direction, hit, sampler, first).y() / n;
    }
    Rng rng(light);
    for (int i = 0; i < m; ++i) {
      const double z = rng.uniform(), phi = 2 * kPi * rng.uniform(), r = std::sqrt(1 - z * z);
      const Vector3f d(static_cast<float>(r * std::cos(phi)), static_cast<float>(z), static_cast<float>(r * std::sin(phi)));
      plain += 0.6 * studio.radiance(d).y() * z * 2 / m;
    }
    EXPECT_NEAR(traced, plain, 0.03 * plain) << light_name(light);
  }
}

TEST(PathTracer, BrushedMetalInTheFurnace) {
  SurfaceSample brushed;
  brushed.base_colour = Vector3f::Ones(), brushed.metallic = 1, brushed.roughness = 0.35f;
  brushed.anisotropy = 0.8f, brushed.brush = Vector3f::UnitX();
  const double kept = furnace(brushed).first;
  EXPECT_LT(kept, 1.005);
  EXPECT_GT(kept, 0.93);
}

TEST(PathTracer, AimedAndReflectedPathsAgreeUnderAMap) {
  // A glossy board under a sky with a small sun: by both kinds of paths weighed together, by aiming at the light alone, and by following
  // the reflection alone. Dark surfaces, so that the firefly limit plays no part.
  cv::Mat sky(32, 64, CV_32FC3, cv::Scalar(0.5, 0.6, 0.8));
  sky(cv::Rect(30, 9, 3, 3)).setTo(cv::Scalar::all(30));
  const HdrMap map("sky", sky);
  const Studio studio = Studio::surrounded_by(map, 0.3f, true);
  const Scene scene(shape_of(rounded_box({1, 0.1, 1})));
  SurfaceSample metal, plastic;
  metal.base_colour = plastic.base_colour = Vector3f::Constant(0.02f);
  metal.metallic = 1, metal.roughness = 0.45f, plastic.roughness = 0.35f, plastic.specular = 0.02f;
  for (const SurfaceSample& surface : {metal, plastic}) {
    const PathTracer tracer(
        scene, studio, [&](const Vector3f&, const Hit&, bool) { return surface; }, Ground{}, 1);
    const Vector3f direction = Vector3f(0.1f, -1, -0.5f).normalized(), origin = -2 * direction;
    Hit hit;
    ASSERT_TRUE(scene.intersect(origin, direction, 0, 10, hit));
    const Eigen::Matrix3f frame = frame_around(Vector3f::UnitY());
    const Vector3f wo = frame.transpose() * -direction;
    const Bsdf bsdf(surface);
    double traced = 0, aimed = 0, reflected = 0;
    const int n = 1 << 16;
    for (int s = 0; s < n; ++s) {
      PathSampler sampler(7, s);
      FirstSurface first;
      traced += tracer.radiance(origin, direction, hit, sampler, first).y() / n;
      const Vector2f u = PathSampler(8, s).next2();
      const Vector3f to_light = studio.sample(u);
      aimed += bsdf.evaluate(wo, frame.transpose() * to_light).y() * studio.radiance(to_light).y() / studio.pdf(to_light) / n;
      Vector3f wi;
      if (bsdf.sample(wo, u, wi)) reflected += bsdf.evaluate(wo, wi).y() / bsdf.pdf(wo, wi) * studio.radiance(frame * wi).y() / n;
    }
    EXPECT_NEAR(traced, aimed, 0.02 * aimed);
    EXPECT_NEAR(traced, reflected, 0.02 * reflected);
  }
}

TEST(PathTracer, OneRareBrightPathLeavesNoSpeck) {
  // Even light a thousand times white: no path brings home more than the limit, and the colour is kept.
  SurfaceSample red;
  red.base_colour = Vector3f(0.8f, 0.4f, 0.2f), red.specular = 0;
  const Scene scene(shape_of(rounded_box({1, 0.1, 1})));
  const PathTracer tracer(
      scene, Studio::uniform(1000), [&](const Vector3f&, const Hit&, bool) { return red; }, Ground{}, 1);
  Hit hit;
  ASSERT_TRUE(scene.intersect({0, 2, 0}, {0, -1, 0}, 0, 10, hit));
  PathSampler sampler(1, 0);
  FirstSurface first;
  const Vector3f seen = tracer.radiance({0, 2, 0}, {0, -1, 0}, hit, sampler, first);
  EXPECT_FLOAT_EQ(seen.maxCoeff(), kFireflyLimit);
  EXPECT_NEAR(seen.x() / seen.y(), 2, 1e-3);
}

TEST(PathSampler, BlocksOfPixelsShareTheirStrata) {
  // 4 samples at each of 4 x 4 pixels: 64 points that fill an 8 x 8 grid.
  for (const auto& [x0, y0] : {std::pair{0, 0}, std::pair{60, 8}, std::pair{64, 128}}) {
    std::set<int> cells;
    for (int i = 0; i < 16; ++i)
      for (int s = 0; s < 4; ++s) {
        PathSampler sampler = PathSampler::at_pixel(5, x0 + i % 4, y0 + i / 4, 4).nth(s);
        const Vector2f u = sampler.next2();
        cells.insert(static_cast<int>(8 * u.x()) * 8 + static_cast<int>(8 * u.y()));
      }
    EXPECT_EQ(cells.size(), 64u);
  }
}

TEST(PathSampler, StratifiesEveryPairOfDimensions) {
  // Any aligned 16 samples put one point into each cell of the 16x1, 8x2, 4x4, 2x8 and 1x16 grids.
  for (const int start : {0, 16, 48})
    for (int pair = 0; pair < 5; ++pair)
      for (const int columns : {16, 8, 4, 2, 1}) {
        std::set<int> cells;
        for (int s = start; s < start + 16; ++s) {
          PathSampler sampler(identity(3, "pixel", 5), s);
          Vector2f u = sampler.next2();
          for (int i = 0; i < pair; ++i) u = sampler.next2();
          ASSERT_TRUE(u.minCoeff() >= 0 && u.maxCoeff() < 1);
          const int rows = 16 / columns;
          cells.insert(static_cast<int>(u.x() * columns) * rows + static_cast<int>(u.y() * rows));
        }
        EXPECT_EQ(cells.size(), 16u) << start << " " << pair << " " << columns;
      }
}

TEST(PathSampler, PixelsDiffer) {
  double correlation = 0;
  const int n = 2000;
  for (int i = 0; i < n; ++i) {
    PathSampler a(identity(1, i), 0), b(identity(1, i + 1), 0);
    correlation += (a.next2().x() - 0.5) * (b.next2().x() - 0.5) * 12 / n;
  }
  EXPECT_NEAR(correlation, 0, 0.1);
}

TEST(PatchPositions, LieOnAPlaneAndSkipTheBackground) {
  // A camera straight above a board: every patch that sees it lies at its top.
  const Shape shape = shape_of(rounded_box({0.8, 0.1, 0.8}));
  const Scene scene(shape);
  const Camera camera = orbit_camera({.elevation_rad = kPi / 2 - 1e-6}, 64);
  const auto positions = patch_positions(render_layers(scene, camera).depth, camera);
  ASSERT_EQ(positions.size(), 64u);
  int on = 0;
  for (const auto& x : positions) {
    if (!x.allFinite()) continue;
    ++on;
    EXPECT_NEAR(x.y(), 0.05f, 2e-3f);
    EXPECT_LT(std::max(std::abs(x.x()), std::abs(x.z())), 0.41f);
  }
  EXPECT_GT(on, 4);
  EXPECT_FALSE(positions[0].allFinite());
}

}  // namespace
}  // namespace looking3d
