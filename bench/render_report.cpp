// How fast pictures are made: `render_report rays|noise|build|memory [SHAPES] [...]`. Each mode prints one table and compares with its
// baseline in the same run.
//
// rays: Scene::intersect, and whole light paths, against bare Embree traversal of the same triangles.
//
// noise: milliseconds and RMSE (pixels that are not white, sRGB 0..1) of photos against one of [REFERENCE_SAMPLES] paths a pixel,
// unfiltered.
//
// build: a whole data set with one thread and with all: pictures an hour.
//
// memory: resident memory over a build of many small pictures.
#include <embree3/rtcore.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numbers>
#include <opencv2/core.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/parallel.h"
#include "base/random.h"
#include "dataset/build.h"
#include "render/path_tracer.h"
#include "render/photo_render.h"
#include "render/pixel_rays.h"
#include "shapes/procedural.h"

using namespace looking3d;
using Eigen::Vector3f;

namespace {

constexpr uint64_t kSeed = 11;
constexpr float kFar = 1e4f, kNear = 1e-4f;

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// One shape before its camera, dressed and lit as generate would.
struct Setting {
  explicit Setting(int index, int size) : shape(make_shape({kSeed, index, ""})), scene(shape) {
    OrbitView view;
    view.azimuth_rad = radians(18.0 * (2 + 3 * index));
    view.elevation_rad = radians(28);
    view.distance = fitting_distance(view, shape.all_vertices(), 0.04);
    camera = orbit_camera(view, size);
    appearance = draw_appearance(shape, identity(kSeed, "bench", index));
    ground_y = scene.bounds().min().y();
  }
  Shape shape;
  Scene scene;
  Camera camera;
  Appearance appearance;
  float ground_y = 0;
};

struct Rays {
  std::vector<Vector3f> origins, directions;
  size_t size() const { return origins.size(); }
};

Rays camera_rays(const Setting& setting) {
  const PixelRays pixels(setting.camera);
  Rays rays;
  for (int y = 0; y < setting.camera.height; ++y)
    for (int x = 0; x < setting.camera.width; ++x) {
      rays.origins.push_back(pixels.origin);
      rays.directions.push_back(pixels.direction(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f).normalized());
    }
  return rays;
}

/// Rays that leave the surface in all directions: what a path tracer asks for most.
Rays bounce_rays(const Setting& setting, const Rays& first) {
  Rays rays;
  Rng rng(identity(kSeed, "bounce rays"));
  for (size_t i = 0; i < first.size(); ++i) {
    Hit hit;
    if (!setting.scene.intersect(first.origins[i], first.directions[i], 0, kFar, hit)) continue;
    for (int k = 0; k < 4; ++k) {
      const float z = static_cast<float>(rng.uniform()), phi = static_cast<float>(rng.uniform(0, 2 * std::numbers::pi));
      const float r = std::sqrt(1 - z * z);
      rays.directions.push_back(frame_around(hit.geometric_normal) * Vector3f(r * std::cos(phi), r * std::sin(phi), z));
      rays.origins.push_back(first.origins[i] + hit.distance * first.directions[i] + kNear * hit.geometric_normal);
    }
  }
  return rays;
}

/// The same triangles in an Embree scene of its own, traversed with nothing around it.
class BareEmbree {
 public:
  explicit BareEmbree(const Shape& shape) : device_(rtcNewDevice(nullptr)), scene_(rtcNewScene(device_)) {
    rtcSetSceneFlags(scene_, RTC_SCENE_FLAG_ROBUST);
    for (const Part& part : shape.parts) {
      RTCGeometry geometry = rtcNewGeometry(device_, RTC_GEOMETRY_TYPE_TRIANGLE);
      const auto& mesh = part.mesh;
      auto* vertices =
          rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3, sizeof(Vector3f), mesh.vertices.size());
      std::copy(mesh.vertices.begin(), mesh.vertices.end(), static_cast<Vector3f*>(vertices));
      auto* triangles =
          rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3, sizeof(Eigen::Vector3i), mesh.triangles.size());
      std::copy(mesh.triangles.begin(), mesh.triangles.end(), static_cast<Eigen::Vector3i*>(triangles));
      rtcCommitGeometry(geometry);
      rtcAttachGeometry(scene_, geometry);
      rtcReleaseGeometry(geometry);
    }
    rtcCommitScene(scene_);
  }
  ~BareEmbree() {
    rtcReleaseScene(scene_);
    rtcReleaseDevice(device_);
  }
  BareEmbree(const BareEmbree&) = delete;
  BareEmbree& operator=(const BareEmbree&) = delete;

  bool intersect(const Vector3f& o, const Vector3f& d) const {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    RTCRayHit query{};
    query.ray = {o.x(), o.y(), o.z(), kNear, d.x(), d.y(), d.z(), 0, kFar, ~0u, 0, 0};
    query.hit.geomID = RTC_INVALID_GEOMETRY_ID;
    rtcIntersect1(scene_, &context, &query);
    return query.hit.geomID != RTC_INVALID_GEOMETRY_ID;
  }

 private:
  RTCDevice device_;
  RTCScene scene_;
};

/// Million rays a second of `hits(origin, direction)` over all rays, in parallel.
template <class Query>
double million_rays_a_second(const Rays& rays, const Query& hits) {
  constexpr int64_t kBlock = 4096;
  std::atomic<int64_t> found = 0;
  const auto blocks = static_cast<int64_t>((rays.size() + kBlock - 1) / kBlock);
  const double s = seconds([&] {
    parallel_for(blocks, [&](int64_t b) {
      int64_t here = 0;
      for (auto i = static_cast<size_t>(b * kBlock); i < std::min(rays.size(), static_cast<size_t>((b + 1) * kBlock)); ++i)
        here += hits(rays.origins[i], rays.directions[i]);
      found += here;
    });
  });
  L3D_CHECK(found > 0, "some ray hits");
  return 1e-6 * static_cast<double>(rays.size()) / s;
}

/// Million rays a second of whole light paths over a plain material: each surface point sends one ray on and one to the light.
double million_path_rays_a_second(const Setting& setting, const Rays& camera) {
  std::atomic<int64_t> rays = 0;
  const SurfaceShader plain = [](const Vector3f&, const Hit&, bool) {
    SurfaceSample s;
    s.base_colour = Vector3f::Constant(0.5f), s.roughness = 0.5f;
    return s;
  };
  thread_local int64_t points = 0;
  const SurfaceShader counted = [&](const Vector3f& x, const Hit& hit, bool fine) {
    ++points;
    return plain(x, hit, fine);
  };
  const PathTracer tracer(setting.scene, Studio(setting.appearance.light_id), counted, {.y = setting.ground_y}, 3);
  const double s = seconds([&] {
    parallel_for(setting.camera.height, [&](int64_t y) {
      points = 0;
      for (int x = 0; x < setting.camera.width; ++x) {
        const auto i = static_cast<size_t>(y) * setting.camera.width + x;
        for (int sample = 0; sample < 4; ++sample) {
          PathSampler sampler(identity(kSeed, i), static_cast<uint32_t>(sample));
          Hit hit;
          FirstSurface first;
          if (setting.scene.intersect(camera.origins[i], camera.directions[i], 0, kFar, hit))
            tracer.radiance(camera.origins[i], camera.directions[i], hit, sampler, first);
        }
      }
      rays += 4 * setting.camera.width + 2 * points;
    });
  });
  return 1e-6 * static_cast<double>(rays) / s;
}

void report_rays(int shapes) {
  std::printf("rays: %d shapes, 512 x 512, %d threads; million rays a second\n", shapes, thread_count());
  std::printf("%-8s %10s | %-27s | %-27s | %s\n", "shape", "triangles", "camera: Embree, ours, share", "bounce: Embree, ours, share",
              "whole paths, share of bounce");
  for (int i = 0; i < shapes; ++i) {
    const Setting setting(i, 512);
    const BareEmbree bare(setting.shape);
    const auto bare_query = [&](const Vector3f& o, const Vector3f& d) { return bare.intersect(o, d); };
    const auto our_query = [&](const Vector3f& o, const Vector3f& d) {
      Hit hit;
      return setting.scene.intersect(o, d, kNear, kFar, hit);
    };
    const Rays camera = camera_rays(setting), bounce = bounce_rays(setting, camera);
    const double a = million_rays_a_second(camera, bare_query), b = million_rays_a_second(camera, our_query);
    const double c = million_rays_a_second(bounce, bare_query), d = million_rays_a_second(bounce, our_query);
    const double e = million_path_rays_a_second(setting, camera);
    std::printf("%-8s %10zu | %8.2f %8.2f %7.2f  | %8.2f %8.2f %7.2f  | %8.2f %7.2f\n", setting.shape.family.c_str(),
                setting.shape.triangle_count(), a, b, b / a, c, d, d / c, e, e / c);
  }
}

double rmse_of(const cv::Mat& a, const cv::Mat& b, const cv::Mat& mask) {
  cv::Mat difference;
  cv::subtract(a, b, difference, mask, CV_64F);
  return std::sqrt(difference.dot(difference) / (3.0 * cv::countNonZero(mask))) / 255;
}

void report_noise(int shapes, int reference_samples) {
  constexpr int kSamples[] = {4, 8, 16, 32, 64, 128, 256};
  std::printf("noise: %d shapes, 256 x 256, %d threads, against %d paths a pixel\n", shapes, thread_count(), reference_samples);
  std::printf("%8s | %12s %10s | %12s %10s\n", "samples", "raw RMSE", "ms", "filtered", "ms");
  std::vector<Setting> settings;
  std::vector<cv::Mat> truth, masks;
  const auto shoot = [&](const Setting& s, int samples, bool filtered) {
    PhotoOptions options;
    options.samples = samples, options.denoise = filtered, options.seed = identity(kSeed, samples);
    return render_photo(s.shape, s.scene, s.camera, s.appearance, s.ground_y, options);
  };
  for (int i = 0; i < shapes; ++i) {
    settings.emplace_back(i, 256);
    truth.push_back(shoot(settings.back(), reference_samples, false));
    cv::Mat grey;
    cv::extractChannel(truth.back(), grey, 1);
    masks.push_back(grey < 252);
  }
  for (const int samples : kSamples) {
    double rmse[2] = {0, 0}, ms[2] = {0, 0};
    for (int filtered = 0; filtered < 2; ++filtered)
      for (int i = 0; i < shapes; ++i) {
        cv::Mat photo;
        ms[filtered] += 1000 * seconds([&] { photo = shoot(settings[i], samples, filtered == 1); }) / shapes;
        rmse[filtered] += rmse_of(photo, truth[i], masks[i]) / shapes;
      }
    std::printf("%8d | %12.4f %10.0f | %12.4f %10.0f\n", samples, rmse[0], ms[0], rmse[1], ms[1]);
  }
}

/// A folder that is gone when the report is done.
struct TemporaryFolder {
  Path path = std::filesystem::temp_directory_path() / ("looking3d_render_report_" + std::to_string(::getpid()));
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * 4096 / (1 << 20);
}

GenerateOptions build_options(const TemporaryFolder& folder, int shapes, int size, int samples) {
  GenerateOptions options;
  options.out = folder.path;
  options.shapes = shapes, options.seed = kSeed, options.size = size, options.samples = samples;
  return options;
}

void report_build(int shapes, int samples) {
  std::printf("build: %d shapes, 256 x 256, %d paths a pixel, all files written\n", shapes, samples);
  const int all = thread_count();
  double one = 0;
  for (int threads = 1; threads <= all; threads *= 2) {
    set_thread_count(threads);
    const TemporaryFolder folder;
    BuildReport report;
    const double s = seconds([&] { report = generate(build_options(folder, shapes, 256, samples)); });
    const double hourly = 3600 * static_cast<double>(report.photos) / s;
    if (threads == 1) one = hourly;
    std::printf("%2d threads: %lld photos and %lld reference views in %.1f s: %.0f photos an hour, %.2f times one thread\n", threads,
                static_cast<long long>(report.photos), static_cast<long long>(20 * report.shapes), s, hourly, hourly / one);
  }
}

void report_memory(int shapes) {
  const TemporaryFolder folder;
  std::atomic<bool> done = false;
  std::vector<double> resident;
  std::thread watch([&] {
    while (!done) {
      resident.push_back(resident_mib());
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
  });
  const BuildReport report = generate(build_options(folder, shapes, 64, 2));
  done = true;
  watch.join();
  std::printf("memory: %lld photos of 64 x 64; resident MiB at tenths of the time:", static_cast<long long>(report.photos));
  for (size_t tenth = 1; tenth <= 10; ++tenth) std::printf(" %.0f", resident[(resident.size() - 1) * tenth / 10]);
  std::printf("\n");
}

int number(int argc, char** argv, int index, int otherwise) {
  return argc > index ? std::stoi(argv[index]) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  tune_process();
  set_thread_count(0);
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "rays") return report_rays(number(argc, argv, 2, 6)), 0;
  if (mode == "noise") return report_noise(number(argc, argv, 2, 4), number(argc, argv, 3, 4096)), 0;
  if (mode == "build") return report_build(number(argc, argv, 2, 24), number(argc, argv, 3, 16)), 0;
  if (mode == "memory") return report_memory(number(argc, argv, 2, 450)), 0;
  return std::fprintf(stderr, "render_report rays|noise|build|memory [SHAPES] [REFERENCE_SAMPLES|SAMPLES]\n"), 2;
}
