#include "render/photo_render.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "render/floors.h"
#include "render/look_sheet.h"
#include "render/test_shapes.h"
#include "shapes/members.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

/// A surrounding that is brighter above, with a small sun in the south-east.
cv::Mat day(float sun = 400) {
  cv::Mat image(64, 128, CV_32FC3);
  for (int y = 0; y < 64; ++y) image.row(y).setTo(y < 32 ? cv::Scalar(0.5, 0.7, 1.0) : cv::Scalar(0.3, 0.25, 0.2));
  image(cv::Rect(90, 14, 2, 2)).setTo(cv::Scalar(sun, sun, 0.9 * sun));
  return image;
}

PhotoStock stock_of(const PhotoStyle& style) {
  PhotoStock stock;
  stock.maps.emplace_back("day", day());
  stock.style = style;
  return stock;
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
  double noisy = 0, filtered = 0;
  for (int i = 0; i < 4; ++i) {
    const Shape shape = make_shape({1, i, ""});
    const Scene scene(shape);
    const Camera camera = orbit_camera({.azimuth_rad = 0.5, .elevation_rad = 0.4, .distance = 3}, 96);
    const Appearance appearance = draw_appearance(shape, 2);
    const auto shoot = [&](int samples, bool filter) {
      return render_photo(shape, scene, camera, appearance, -0.9f, {.samples = samples, .denoise = filter, .seed = 3});
    };
    const cv::Mat clean = shoot(256, false), few = shoot(16, false), calm = shoot(16, true), object = render_silhouette(scene, camera);
    noisy += cv::norm(few, clean, cv::NORM_L2, object), filtered += cv::norm(calm, clean, cv::NORM_L2, object);
    EXPECT_NEAR(cv::mean(calm, object)[1], cv::mean(clean, object)[1], 3);
  }
  std::printf("error of four photos: %.0f unfiltered, %.0f filtered\n", noisy, filtered);
  EXPECT_LT(filtered, noisy);
}

/// How far the floor of a photo with 16 samples lies from one with 512, in grey levels: root mean square, and after a blur of 4 pixels.
std::pair<double, double> floor_error(const Shape& shape, uint32_t light) {
  const Scene scene(shape);
  const Camera camera = orbit_camera({.azimuth_rad = 0.6, .elevation_rad = 0.5, .distance = 3.2}, 128);
  Appearance appearance = draw_appearance(shape, 4);
  appearance.light_id = light;
  const auto shoot = [&](int samples) {
    return render_photo(shape, scene, camera, appearance, scene.bounds().min().y(), {.samples = samples, .seed = 9});
  };
  cv::Mat object, difference, clouds;
  cv::dilate(render_silhouette(scene, camera), object, cv::Mat::ones(5, 5, CV_8U));
  cv::subtract(shoot(16), shoot(512), difference, cv::noArray(), CV_32F);
  cv::extractChannel(difference, difference, 1);
  difference.setTo(0, object);
  cv::GaussianBlur(difference, clouds, {0, 0}, 4);
  const double pixels = cv::countNonZero(object == 0);
  return {cv::norm(difference) / std::sqrt(pixels), cv::norm(clouds) / std::sqrt(pixels)};
}

TEST(Photo, ShadowIsSmoothAtFewSamples) {
  // Against a reference of many samples the floor is off by little, and by less still where it is wider than a few pixels.
  constexpr int kShapes = 4;
  double rms = 0, clouds = 0;
  for (int i = 0; i < kShapes; ++i) {
    const auto [off, cloudy] = floor_error(make_shape({1, i, ""}), static_cast<uint32_t>(3 * i));
    rms += off / kShapes, clouds += cloudy / kShapes;
  }
  std::printf("floor at 16 samples, mean of %d photos: off by %.2f grey levels, %.2f after a blur\n", kShapes, rms, clouds);
  EXPECT_LT(rms, 1.6);
  EXPECT_LT(clouds, 0.7);
}

TEST(Photo, StandsInASurroundingOnAFloor) {
  const Shape shape = make_shape({1, 2, ""});
  const Scene scene(shape);
  const Camera camera = orbit_camera({.azimuth_rad = 0.6, .elevation_rad = 0.5, .distance = 4}, 96);
  const PhotoStock stock = stock_of({.background = "hdr"});
  const Appearance appearance = draw_appearance(shape, 4, stock);
  ASSERT_TRUE(appearance.floor);
  const float ground = scene.bounds().min().y();
  const auto shoot = [&](const Appearance& how) {
    return render_photo(shape, scene, camera, how, ground, {.samples = 4, .seed = 9}, stock);
  };
  const cv::Mat many = shoot(appearance);
  set_thread_count(1);
  const cv::Mat one = shoot(appearance);
  set_thread_count(0);
  EXPECT_EQ(cv::countNonZero(cv::Mat(many != one).reshape(1)), 0) << "the same for any threads";

  // Another floor changes the background, hardly the object.
  Appearance other = appearance;
  other.floor = (*appearance.floor + 3) % kFloorCount;
  const cv::Mat object = render_silhouette(scene, camera), changed = shoot(other);
  EXPECT_GT(cv::norm(many, changed, cv::NORM_L1, object == 0) / cv::countNonZero(object == 0), 5);
  EXPECT_LT(cv::mean(many, object == 0)[1], 250) << "no white left";

  const Json json = appearance.to_json(stock);
  EXPECT_EQ(json["background"], "hdr");
  EXPECT_EQ(json["light"], "map day");
  EXPECT_EQ(json["floor_id"], *appearance.floor);
  EXPECT_EQ(draw_appearance(shape, 4).to_json()["background"], "white");
}

TEST(Photo, MapsOnlyComeWhenAsked) {
  const Shape shape = make_shape({1, 6, ""});
  const PhotoStock stock = stock_of({}), mixed = stock_of({.light = "mixed"});
  int mapped = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Appearance plain = draw_appearance(shape, seed);
    EXPECT_EQ(plain.to_json(), draw_appearance(shape, seed, stock).to_json(stock));
    const Appearance drawn = draw_appearance(shape, seed, mixed);
    EXPECT_EQ(drawn.material_ids, plain.material_ids);
    mapped += drawn.light_id >= kLightCount ? 1 : 0;
  }
  EXPECT_TRUE(mapped > 8 && mapped < 32) << mapped;
  for (const PhotoStyle& bad : {PhotoStyle{.light = "neon"}, PhotoStyle{.background = "sea"}, PhotoStyle{.hdr = "maps"},
                                PhotoStyle{.light = "hdr", .hdr = "/nowhere"}, PhotoStyle{.material_share = 2}})
    EXPECT_THROW(PhotoStock{bad}, InputError);
}

TEST(Photo, MixedBackgroundsAreFloorsAndWhite) {
  const Shape shape = make_shape({1, 6, ""});
  const PhotoStock white = stock_of({.light = "mixed"}), mixed = stock_of({.light = "mixed", .background = "mixed"});
  int floors = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Appearance drawn = draw_appearance(shape, seed, mixed);
    if (drawn.floor)
      ++floors;
    else  // what stands on white is what it is without any floors
      EXPECT_EQ(drawn.to_json(mixed), draw_appearance(shape, seed, white).to_json(white));
  }
  EXPECT_TRUE(floors > 6 && floors < 28) << floors;
}

TEST(HdrMap, DensityMatchesTheSamplerAndTheLight) {
  const HdrMap map("day", day());
  Rng rng(3);
  double integral = 0, plain = 0, aimed = 0;
  const int n = 400000;
  for (int i = 0; i < n; ++i) {
    const double z = rng.uniform(-1, 1), phi = 2 * kPi * rng.uniform(), r = std::sqrt(1 - z * z);
    const Vector3f d(static_cast<float>(r * std::cos(phi)), static_cast<float>(z), static_cast<float>(r * std::sin(phi)));
    integral += map.pdf(d) * 4 * kPi / n;
    if (z > 0) plain += map.radiance(d).y() * z * 4 * kPi / n;
    const Vector3f a = map.sample({static_cast<float>(rng.uniform()), static_cast<float>(rng.uniform())});
    EXPECT_NEAR(a.norm(), 1, 1e-4);
    ASSERT_GT(map.pdf(a), 0);
    if (a.y() > 0) aimed += map.radiance(a).y() * a.y() / map.pdf(a) / n;
  }
  EXPECT_NEAR(integral, 1, 0.03);
  EXPECT_NEAR(aimed, plain, 0.03 * plain) << "light on the floor, by brightness and by chance";
  EXPECT_GT(map.radiance(Vector3f::UnitY()).y(), 0);
  EXPECT_THROW(HdrMap("square", cv::Mat(64, 64, CV_32FC3, cv::Scalar::all(1))), InputError);
  EXPECT_THROW(HdrMap("black", cv::Mat(32, 64, CV_32FC3, cv::Scalar::all(0))), InputError);
}

TEST(HdrMap, ReadsFoldersOfMapsAndRefusesDamage) {
  const Path folder = std::filesystem::path(testing::TempDir()) / "looking3d_maps";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  EXPECT_THROW(load_hdr_maps(folder), InputError) << "empty";
  cv::Mat bgr;
  cv::cvtColor(day(4), bgr, cv::COLOR_RGB2BGR);
  cv::imwrite((folder / "b.hdr").string(), bgr);
  cv::imwrite((folder / "a.hdr").string(), bgr);
  const std::vector<HdrMap> maps = load_hdr_maps(folder);
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[0].name(), "a");
  const HdrMap same("same", day(4));
  for (const Vector3f& d : {Vector3f(0, 0.8f, 0.6f), Vector3f(0.6f, -0.8f, 0)})
    EXPECT_TRUE(maps[0].radiance(d).isApprox(same.radiance(d), 0.02f));

  const std::string bytes = read_file(folder / "a.hdr");
  for (const std::string& bad :
       {std::string("not a map"), bytes.substr(0, 40), std::string("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 999999 +X 999999\n"),
        std::string("\x76\x2f\x31\x01\x02\0\0\0dataWindow\0box2i\0", 25)}) {
    write_file_atomic(folder / "a.hdr", bad);
    EXPECT_THROW(load_hdr_maps(folder), InputError) << bad.substr(0, 10);
  }
  std::filesystem::remove_all(folder);
}

TEST(HdrMap, ReadsDebiansMaps) {
  if (!std::filesystem::exists("/usr/share/blender/datafiles/studiolights/world")) GTEST_SKIP() << "blender-data is not installed";
  const std::vector<HdrMap> maps = load_hdr_maps("");
  EXPECT_GE(maps.size(), 8u);
  for (const HdrMap& map : maps) {
    // The exposure: a floor and the walls around it are lit as by even white light.
    Rng rng(2);
    double flat = 0, upright = 0;
    const int n = 40000;
    for (int i = 0; i < n; ++i) {
      const Vector3f d = map.sample({static_cast<float>(rng.uniform()), static_cast<float>(rng.uniform())});
      if (d.y() <= 0) continue;
      const double light = Vector3f(0.2126f, 0.7152f, 0.0722f).dot(map.radiance(d)) / map.pdf(d) / n;
      flat += light * d.y(), upright += light * std::sqrt(1 - d.y() * d.y()) / kPi;
    }
    EXPECT_NEAR((0.5 * flat + upright) / kPi, 1, 0.25) << map.name();
  }
}

TEST(LookSheet, ShowsEachMaterialAndRefusesNonsense) {
  const cv::Mat sheet = look_sheet("metal", PhotoStock(), {.cell_px = 32, .samples = 1});
  EXPECT_EQ(sheet.cols, 320);
  EXPECT_EQ(sheet.rows, 10 * (32 + 18));
  EXPECT_THROW(look_sheet("cheese", PhotoStock()), InputError);
  EXPECT_THROW(look_sheet("floors", PhotoStock()), InputError);
}

}  // namespace
}  // namespace looking3d
