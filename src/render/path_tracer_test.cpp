#include "render/path_tracer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <set>

#include "base/random.h"
#include "geometry/mesh_cut.h"
#include "render/materials.h"
#include "render/photo_render.h"
#include "render/reference_views.h"
#include "shapes/members.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

Shape shape_of(TriangleMesh mesh) {
  Shape shape;
  shape.parts.push_back({"solid", "part", "solid", std::move(mesh)});
  return shape;
}

TriangleMesh sphere(double radius) {
  std::vector<Vector2d> profile;
  for (int i = 1; i < 48; ++i) profile.emplace_back(radius * std::sin(kPi * i / 48), -radius * std::cos(kPi * i / 48));
  return lathe(profile, 64);
}

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

TEST(TextureFrame, RidesOnThePart) {
  const TriangleMesh board = rounded_box({0.5, 0.04, 0.3});
  const TextureFrame still = TextureFrame::of(board, 1);
  EXPECT_GT(std::abs(still.texture_from_object(0, 0)), 0.999f) << "grain along the longest side";
  EXPECT_GT(std::abs(still.texture_from_object(2, 1)), 0.999f) << "the flat side faces up";

  // The part moved and turned: the same texture coordinates, up to the axes' signs.
  Eigen::Affine3d motion = Eigen::Translation3d(0.3, -0.2, 0.1) * Eigen::AngleAxisd(0.7, Vector3d(1, 2, 3).normalized());
  const TextureFrame gone = TextureFrame::of(transformed(board, motion), 1);
  const Vector3f x(0.17f, 0.02f, 0.08f), y = (motion * x.cast<double>()).cast<float>();
  const Vector3f p = still.texture_from_object * (x - still.centre), q = gone.texture_from_object * (y - gone.centre);
  EXPECT_TRUE(p.cwiseAbs().isApprox(q.cwiseAbs(), 2e-2f)) << p.transpose() << " and " << q.transpose();

  // A corner cut off: the grain stays where it was.
  const auto cut = subtract(board, ball_cutter({0.25, 0, 0.15}, 0.08));
  ASSERT_TRUE(cut);
  EXPECT_GT(std::abs(TextureFrame::of(cut->mesh, 1).texture_from_object.row(0).dot(still.texture_from_object.row(0))), 0.99f);

  // A square seat has no longest axis, but its grain runs along a side.
  const TextureFrame square = TextureFrame::of(rounded_box({0.45, 0.03, 0.45}), 1);
  EXPECT_GT(square.texture_from_object.row(0).cwiseAbs().maxCoeff(), 0.999f);
}

TEST(Materials, AreLawfulSurfaces) {
  const TriangleMesh board = rounded_box({0.5, 0.04, 0.3});
  const TextureFrame frame = TextureFrame::of(board, 2);
  Rng rng(5);
  std::set<std::string> names;
  for (uint32_t id = 0; id < kMaterialCount; ++id) {
    const Material material(id);
    names.insert(material.name());
    for (int i = 0; i < 8; ++i) {
      const Vector3f x(static_cast<float>(rng.uniform(-1, 1)), static_cast<float>(rng.uniform(-1, 1)),
                       static_cast<float>(rng.uniform(-1, 1)));
      const SurfaceSample s = material.at(x, Vector3f::UnitY(), frame);
      EXPECT_TRUE(s.base_colour.minCoeff() > 0 && s.base_colour.maxCoeff() < 0.95f) << material.name();
      EXPECT_TRUE(s.roughness > 0 && s.roughness <= 1) << material.name();
      EXPECT_LT(s.bump.norm(), 2) << material.name();
      EXPECT_TRUE(family_of(id) == MaterialFamily::kMetal || s.metallic == 0) << material.name();
      EXPECT_TRUE(material.at(x, Vector3f::UnitY(), frame, false).bump.isZero()) << material.name();
    }
  }
  EXPECT_EQ(names.size(), kMaterialCount);
}

TEST(Photo, ShadowLiesUnderTheObjectAndFollowsTheFloor) {
  // A ball hanging over the floor: the farther the floor, the farther down its shadow, and the top of the picture is exactly white.
  const Shape shape = shape_of(sphere(0.35));
  const Scene scene(shape);
  const Camera camera = orbit_camera({.elevation_rad = 0.6, .distance = 4}, 96);
  Appearance appearance = draw_appearance(shape, 1);
  appearance.light_id = 2;  // large box above
  double previous = 0;
  for (const float ground : {-0.35f, -0.6f}) {
    const cv::Mat photo = render_photo(shape, scene, camera, appearance, ground, {.samples = 8});
    const cv::Mat object = render_silhouette(scene, camera);
    double mass = 0, row_sum = 0;
    for (int y = 0; y < 96; ++y)
      for (int x = 0; x < 96; ++x) {
        const double loss = object.at<uchar>(y, x) ? 0 : 255 - photo.at<cv::Vec3b>(y, x)[1];
        mass += loss, row_sum += loss * y;
      }
    ASSERT_GT(mass, 2000);
    EXPECT_GT(row_sum / mass, previous + 1);
    previous = row_sum / mass;
    for (int x = 0; x < 96; ++x) EXPECT_EQ(photo.at<cv::Vec3b>(2, x), cv::Vec3b(255, 255, 255));
  }
}

TEST(Photo, FilterKeepsTheLight) {
  const Shape shape = make_shape({1, 4, ""});
  const Scene scene(shape);
  const Camera camera = orbit_camera({.azimuth_rad = 0.5, .elevation_rad = 0.4, .distance = 3}, 96);
  const Appearance appearance = draw_appearance(shape, 2);
  const auto shoot = [&](int samples, bool filter) {
    return render_photo(shape, scene, camera, appearance, -0.9f, {.samples = samples, .denoise = filter, .seed = 3});
  };
  const cv::Mat clean = shoot(256, false), noisy = shoot(16, false), filtered = shoot(16, true);
  const cv::Mat object = render_silhouette(scene, camera);
  const auto error = [&](const cv::Mat& photo) { return cv::norm(photo, clean, cv::NORM_L2, object); };
  EXPECT_LT(error(filtered), error(noisy));
  EXPECT_NEAR(cv::mean(filtered, object)[1], cv::mean(clean, object)[1], 3);
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
