#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "base/parallel.h"
#include "base/random.h"
#include "render/bsdf.h"
#include "render/lights.h"
#include "render/materials.h"
#include "render/photo_render.h"
#include "render/reference_views.h"
#include "shapes/members.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

Vector3f upper_direction(Rng& rng) {
  Vector3f v(static_cast<float>(rng.normal()), static_cast<float>(rng.normal()), static_cast<float>(std::abs(rng.normal())) + 0.05f);
  return v.normalized();
}

Shape ball() {
  Shape shape;
  std::vector<Vector2d> profile;
  for (int i = 1; i < 60; ++i) profile.emplace_back(0.8 * std::sin(kPi * i / 60), -0.8 * std::cos(kPi * i / 60));
  shape.parts.push_back({"ball", "part", "ball", lathe(profile, 96)});
  return shape;
}

std::vector<SurfaceSample> surfaces() {
  SurfaceSample matt, glossy, metal, brushed;
  glossy.roughness = 0.3f;
  metal.roughness = 0.4f, metal.metallic = 1, metal.base_colour = Vector3f(0.9f, 0.7f, 0.4f);
  brushed = metal, brushed.anisotropy = 0.9f;
  return {matt, glossy, metal, brushed};
}

TEST(Bsdf, IsReciprocalAndLosesEnergy) {
  Rng rng(1);
  for (const SurfaceSample& surface : surfaces()) {
    const Bsdf bsdf(surface);
    for (int i = 0; i < 200; ++i) {
      const Vector3f a = upper_direction(rng), b = upper_direction(rng);
      EXPECT_NEAR(bsdf.evaluate(a, b).x() / b.z(), bsdf.evaluate(b, a).x() / a.z(), 1e-3f * (1 + bsdf.evaluate(a, b).x() / b.z()));
    }
    // White furnace: the light that leaves under even light of radiance one, by its own sampling.
    SurfaceSample white = surface;
    white.base_colour = Vector3f::Ones();
    const Bsdf full(white);
    for (const float z : {0.2f, 0.6f, 0.95f}) {
      const Vector3f wo(std::sqrt(1 - z * z), 0, z);
      double sum = 0;
      const int n = 40000;
      for (int i = 0; i < n; ++i) {
        Vector3f wi;
        const Vector2f u(static_cast<float>(rng.uniform()), static_cast<float>(rng.uniform()));
        if (full.sample(wo, u, wi)) sum += full.evaluate(wo, wi).x() / full.pdf(wo, wi);
      }
      EXPECT_LT(sum / n, 1.01) << z;
      EXPECT_GT(sum / n, 0.6) << z;
    }
  }
}

TEST(Bsdf, DensityMatchesTheSampler) {
  Rng rng(2);
  for (const SurfaceSample& surface : surfaces()) {
    const Bsdf bsdf(surface);
    const Vector3f wo = Vector3f(0.5f, 0.1f, 0.8f).normalized();
    // The density integrates over the upper half to the share of draws that stay above the surface, overall and in a cap.
    double integral = 0, cap = 0, drawn = 0, drawn_cap = 0;
    const int n = 200000;
    for (int i = 0; i < n; ++i) {
      const float z = static_cast<float>(rng.uniform()), phi = static_cast<float>(rng.uniform()) * 2 * kPi, r = std::sqrt(1 - z * z);
      const Vector3f wi(r * std::cos(phi), r * std::sin(phi), z);
      const double density = bsdf.pdf(wo, wi) * 2 * kPi / n;
      integral += density, cap += wi.x() < -0.2f ? density : 0;
      Vector3f s;
      const Vector2f u(static_cast<float>(rng.uniform()), static_cast<float>(rng.uniform()));
      if (bsdf.sample(wo, u, s)) drawn += 1.0 / n, drawn_cap += s.x() < -0.2f ? 1.0 / n : 0;
    }
    EXPECT_NEAR(integral, drawn, 0.03);
    EXPECT_NEAR(cap, drawn_cap, 0.03);
  }
}

TEST(Bsdf, SamplesFallAsTheDensitySays) {
  // Chi-square of draws over cells of the hemisphere against the density, integrated by a fine grid in each cell.
  constexpr int kRings = 8, kSectors = 16, kDraws = 100000, kFine = 24;
  Rng rng(4);
  for (const SurfaceSample& surface : surfaces()) {
    const Bsdf bsdf(surface);
    const Vector3f wo = Vector3f(0.6f, 0.2f, 0.7f).normalized();
    std::vector<double> expected(kRings * kSectors), drawn(kRings * kSectors);
    for (int ring = 0; ring < kRings * kFine; ++ring)
      for (int sector = 0; sector < kSectors * kFine; ++sector) {
        const float z = (ring + 0.5f) / (kRings * kFine), phi = 2 * kPi * (sector + 0.5f) / (kSectors * kFine), r = std::sqrt(1 - z * z);
        expected[ring / kFine * kSectors + sector / kFine] +=
            bsdf.pdf(wo, {r * std::cos(phi), r * std::sin(phi), z}) * 2 * kPi / (kRings * kFine * kSectors * kFine);
      }
    for (int i = 0; i < kDraws; ++i) {
      Vector3f wi;
      if (!bsdf.sample(wo, {static_cast<float>(rng.uniform()), static_cast<float>(rng.uniform())}, wi)) continue;
      const double turn = std::atan2(wi.y(), wi.x()) / (2 * kPi);
      const int sector = std::min(kSectors - 1, static_cast<int>((turn < 0 ? turn + 1 : turn) * kSectors));
      drawn[std::min(kRings - 1, static_cast<int>(wi.z() * kRings)) * kSectors + sector] += 1;
    }
    double chi2 = 0;
    int cells = 0;
    for (size_t i = 0; i < expected.size(); ++i) {
      const double e = expected[i] * kDraws;
      if (e < 20) continue;
      chi2 += (drawn[i] - e) * (drawn[i] - e) / e, ++cells;
    }
    ASSERT_GT(cells, 10);
    EXPECT_LT(chi2, cells + 5 * std::sqrt(2.0 * cells)) << "metallic " << surface.metallic << " anisotropy " << surface.anisotropy;
  }
}

TEST(Bsdf, EveryMaterialGivesBackLittleLessThanItGets) {
  // White furnace with each material's own gloss and metalness, its colour made white: never more than all, never far below.
  Rng rng(6);
  const TextureFrame frame = TextureFrame::of(rounded_box({0.5, 0.04, 0.3}), 2);
  for (uint32_t id = 0; id < kMaterialCount; id += 3) {
    SurfaceSample white = Material(id).at({0.1f, 0.02f, 0.1f}, Vector3f::UnitY(), frame);
    white.base_colour = Vector3f::Ones();
    const Bsdf bsdf(white);
    const Vector3f wo = Vector3f(0.5f, 0.3f, 0.8f).normalized();
    double sum = 0;
    const int n = 2000;
    for (int i = 0; i < n; ++i) {
      Vector3f wi;
      if (bsdf.sample(wo, {static_cast<float>(rng.uniform()), static_cast<float>(rng.uniform())}, wi))
        sum += bsdf.evaluate(wo, wi).x() / bsdf.pdf(wo, wi) / n;
    }
    EXPECT_LT(sum, 1.02) << material_name(id);
    EXPECT_GT(sum, 0.8) << material_name(id);
  }
}

TEST(Studio, DensityOfDirectionsIntegratesToOne) {
  Rng rng(3);
  for (uint32_t id = 0; id < kLightCount; ++id) {
    const Studio studio(id);
    double integral = 0;
    const int n = 200000;
    for (int i = 0; i < n; ++i) {
      const Vector3f v(static_cast<float>(rng.normal()), static_cast<float>(rng.normal()), static_cast<float>(rng.normal()));
      integral += studio.pdf(v.normalized()) * 4 * kPi / n;
    }
    EXPECT_NEAR(integral, 1, 0.06) << light_name(id);
    for (int i = 0; i < 20; ++i) {
      const Vector2f u(static_cast<float>(rng.uniform()), static_cast<float>(rng.uniform()));
      EXPECT_GT(studio.pdf(studio.sample(u)), 0);
    }
  }
}

TEST(Layers, DepthIsWhereTheSurfaceIs) {
  const Shape shape = ball();
  const Scene scene(shape);
  const Camera camera = orbit_camera({.azimuth_rad = 0.4, .elevation_rad = 0.3}, 96);
  const Layers layers = render_layers(scene, camera);
  int seen = 0;
  for (int y = 0; y < 96; ++y)
    for (int x = 0; x < 96; ++x) {
      const float z = layers.depth.at<float>(y, x);
      if (z == 0) continue;
      ++seen;
      EXPECT_NEAR(camera.unproject(x + 0.5, y + 0.5, z).norm(), 0.8, 2e-3);
      const cv::Vec3f n = layers.normal.at<cv::Vec3f>(y, x);
      EXPECT_LT(n[2], 0.1f);  // towards the camera
      EXPECT_NEAR(n.dot(n), 1, 1e-4);
    }
  const double radius_px = camera.focal_px * std::tan(std::asin(0.8 / kPhotoDistance));
  EXPECT_NEAR(seen, kPi * radius_px * radius_px, 0.02 * seen);
  EXPECT_EQ(cv::countNonZero(layers.mask() != render_silhouette(scene, camera)), 0);
}

TEST(ReferenceViews, AreDistinctAndWhole) {
  const Shape shape = make_shape({1, 3, "chair"});
  const Scene scene(shape);
  const auto views = render_reference_views(scene, shape.all_vertices(), {.size = 64});
  ASSERT_EQ(views.size(), 20u);
  for (size_t i = 0; i < views.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_GT(cv::countNonZero(views[i].grey != views[j].grey), 20) << i << " " << j;
    cv::Mat inner = views[i].depth(cv::Rect(1, 1, 62, 62));
    EXPECT_EQ(cv::countNonZero(views[i].depth), cv::countNonZero(inner)) << "cut off at the border";
  }
  const auto positions = patch_positions(views[0].depth, views[0].camera);
  EXPECT_EQ(positions.size(), 64u);
  int seen = 0;
  for (const auto& x : positions)
    if (x.allFinite()) {
      ++seen;
      EXPECT_LT(x.norm(), 1.01f);
    }
  EXPECT_GT(seen, 5);
}

TEST(Photo, IsTheSameForAnyThreadsAndWhiteAwayFromTheObject) {
  const Shape shape = make_shape({1, 2, ""});
  const Scene scene(shape);
  const Camera camera = orbit_camera({.azimuth_rad = 0.6, .elevation_rad = 0.5, .distance = 5}, 96);
  const Appearance appearance = draw_appearance(shape, 4);
  float ground = 1;
  for (const auto& v : shape.all_vertices()) ground = std::min(ground, v.y());
  const auto shoot = [&] { return render_photo(shape, scene, camera, appearance, ground, {.samples = 4, .seed = 9}); };
  const cv::Mat many = shoot();
  set_thread_count(1);
  const cv::Mat one = shoot();
  set_thread_count(0);
  EXPECT_EQ(cv::countNonZero(cv::Mat(many != one).reshape(1)), 0);
  for (int x = 0; x < 96; ++x) EXPECT_EQ(many.at<cv::Vec3b>(0, x), cv::Vec3b(255, 255, 255));
  const cv::Mat mask = render_silhouette(scene, camera);
  EXPECT_LT(cv::mean(many, mask)[1], 250);
}

TEST(Appearance, DependsOnTheNormalShapesGroupsOnly) {
  const Shape shape = make_shape({1, 6, ""});
  EXPECT_EQ(draw_appearance(shape, 1).to_json(), draw_appearance(shape, 1).to_json());
  EXPECT_NE(draw_appearance(shape, 1).to_json(), draw_appearance(shape, 2).to_json());
  Shape moved_shape = shape;
  moved_shape.parts[0].mesh = moved(moved_shape.parts[0].mesh, {0.1, 0, 0});
  EXPECT_EQ(draw_appearance(shape, 1).to_json(), draw_appearance(moved_shape, 1).to_json());
}

TEST(Scene, LeavesTheOtherThreadsFree) {
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "one core only";
  const Scene scene(make_shape({1, 1, ""}));
  set_thread_count(2);
  // Two tasks that wait for each other: alone, the first would wait in vain.
  std::atomic<int> arrived = 0;
  parallel_for(2, [&](int64_t) {
    ++arrived;
    for (int i = 0; i < 10'000 && arrived < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(arrived, 2);
  });
  set_thread_count(0);
}

}  // namespace
}  // namespace looking3d
