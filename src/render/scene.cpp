#include "render/scene.h"

#include <embree3/rtcore.h>

#include <array>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/parallel.h"
#include "render/pixel_rays.h"

namespace looking3d {
namespace {

using Eigen::Vector3f;

constexpr float kCreaseCosine = 0.81915204f;       // cos 35 degrees
constexpr int kTile = 4, kPacket = kTile * kTile;  ///< rays travel in packets of a small square
constexpr int kSerialSize = 128;                   // images up to this side are traced serially: their callers are parallel over images
constexpr float kFar = std::numeric_limits<float>::infinity();

/// One Embree device for the process, freed at exit. Not "threads=1": that would hold the whole process to one thread from then on.
RTCDevice device() {
  static const struct Holder {
    RTCDevice device = rtcNewDevice(nullptr);
    ~Holder() { rtcReleaseDevice(device); }
  } holder;
  L3D_CHECK(holder.device != nullptr, "Embree device");
  return holder.device;
}

/// For each corner of each triangle, the mean of the area-weighted normals of the faces around its vertex that are less than the
/// crease angle away from the corner's own face: smooth on curved surfaces, hard at edges.
std::vector<std::array<Vector3f, 3>> corner_normals(const TriangleMesh& mesh) {
  const size_t count = mesh.triangles.size();
  std::vector<Vector3f> weighted(count), unit(count);
  std::vector<std::vector<int>> around(mesh.vertices.size());
  for (size_t t = 0; t < count; ++t) {
    const int i = static_cast<int>(t);
    weighted[t] = (mesh.corner(i, 1) - mesh.corner(i, 0)).cross(mesh.corner(i, 2) - mesh.corner(i, 0));
    unit[t] = weighted[t].squaredNorm() > 0 ? weighted[t].normalized() : Vector3f(0, 1, 0);
    for (int k = 0; k < 3; ++k) around[mesh.triangles[t][k]].push_back(i);
  }
  std::vector<std::array<Vector3f, 3>> normals(count);
  for (size_t t = 0; t < count; ++t)
    for (int k = 0; k < 3; ++k) {
      Vector3f sum = Vector3f::Zero();
      for (const int other : around[mesh.triangles[t][k]])
        if (unit[other].dot(unit[t]) > kCreaseCosine) sum += weighted[other];
      normals[t][k] = sum.squaredNorm() > 0 ? sum.normalized() : unit[t];
    }
  return normals;
}

void fill(RTCRay& ray, const Vector3f& origin, const Vector3f& direction, float t_min, float t_max) {
  ray.org_x = origin.x(), ray.org_y = origin.y(), ray.org_z = origin.z();
  ray.dir_x = direction.x(), ray.dir_y = direction.y(), ray.dir_z = direction.z();
  ray.tnear = t_min, ray.tfar = t_max;
  ray.time = 0, ray.mask = ~0u, ray.id = 0, ray.flags = 0;
}

/// Runs tile(x0, y0) for all squares of kTile pixels, in parallel for large images only.
template <class Tile>
void for_each_tile(const Camera& camera, const Tile& tile) {
  const int64_t rows = (camera.height + kTile - 1) / kTile;
  const auto row = [&](int64_t r) {
    for (int x0 = 0; x0 < camera.width; x0 += kTile) tile(x0, static_cast<int>(r) * kTile);
  };
  if (camera.height <= kSerialSize) {
    for (int64_t r = 0; r < rows; ++r) row(r);
  } else {
    parallel_for(rows, row, 2);
  }
}

/// Pixel i of the tile at (x0, y0).
cv::Point pixel_of(int x0, int y0, int i) {
  return {x0 + i % kTile, y0 + i / kTile};
}

/// Fills one packet of camera rays for the tile at (x0, y0); `valid` is -1 for those inside the image.
template <class RayPacket>
void fill_packet(RayPacket& rays, std::array<int, kPacket>& valid, const PixelRays& pixels, int x0, int y0, const Camera& camera) {
  for (int i = 0; i < kPacket; ++i) {
    const cv::Point pixel = pixel_of(x0, y0, i);
    valid[i] = pixel.x < camera.width && pixel.y < camera.height ? -1 : 0;
    const Vector3f direction = pixels.direction(static_cast<float>(pixel.x) + 0.5f, static_cast<float>(pixel.y) + 0.5f);
    rays.org_x[i] = pixels.origin.x(), rays.org_y[i] = pixels.origin.y(), rays.org_z[i] = pixels.origin.z();
    rays.dir_x[i] = direction.x(), rays.dir_y[i] = direction.y(), rays.dir_z[i] = direction.z();
    rays.tnear[i] = 1e-4f, rays.tfar[i] = kFar, rays.time[i] = 0, rays.mask[i] = ~0u, rays.id[i] = 0, rays.flags[i] = 0;
  }
}

/// Grey of a surface whose unit normal makes `cosine` with the direction to the camera, where the light is.
float head_light(float cosine) {
  return 0.18f + 0.72f * std::abs(cosine);
}

uchar to_grey8(float value) {
  return cv::saturate_cast<uchar>(value * 255.0f);
}

}  // namespace

struct Scene::Impl {
  RTCScene scene = nullptr;
  std::vector<TriangleMesh> meshes;  // kept alive: Embree reads their buffers
  std::vector<std::vector<std::array<Vector3f, 3>>> normals;
  Eigen::AlignedBox3f bounds;

  explicit Impl(const Shape& shape) : scene(rtcNewScene(device())) {
    rtcSetSceneFlags(scene, RTC_SCENE_FLAG_ROBUST);
    rtcSetSceneBuildQuality(scene, RTC_BUILD_QUALITY_MEDIUM);
    meshes.reserve(shape.parts.size());
    for (size_t p = 0; p < shape.parts.size(); ++p) {
      meshes.push_back(shape.parts[p].mesh);
      TriangleMesh& mesh = meshes.back();
      normals.push_back(corner_normals(mesh));
      for (const Vector3f& v : mesh.vertices) bounds.extend(v);
      if (mesh.empty()) continue;
      mesh.vertices.reserve(mesh.vertices.size() + 2);  // Embree may read 16 bytes at the last vertex
      RTCGeometry geometry = rtcNewGeometry(device(), RTC_GEOMETRY_TYPE_TRIANGLE);
      rtcSetSharedGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3, mesh.vertices.data(), 0, sizeof(Vector3f),
                                 mesh.vertices.size());
      rtcSetSharedGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3, mesh.triangles.data(), 0, sizeof(Eigen::Vector3i),
                                 mesh.triangles.size());
      rtcCommitGeometry(geometry);
      rtcAttachGeometryByID(scene, geometry, static_cast<unsigned>(p));
      rtcReleaseGeometry(geometry);
    }
    run_serially([this] { rtcCommitScene(scene); });
  }
  ~Impl() { rtcReleaseScene(scene); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Vector3f smooth_normal(int part, int triangle, float u, float v) const {
    const auto& n = normals[part][triangle];
    return ((1 - u - v) * n[0] + u * n[1] + v * n[2]).normalized();
  }
};

Scene::Scene(const Shape& shape) : impl_(std::make_unique<Impl>(shape)) {}
Scene::Scene(Scene&&) noexcept = default;
Scene& Scene::operator=(Scene&&) noexcept = default;
Scene::~Scene() = default;

int Scene::part_count() const {
  return static_cast<int>(impl_->meshes.size());
}
Eigen::AlignedBox3f Scene::bounds() const {
  return impl_->bounds;
}

bool Scene::intersect(const Vector3f& origin, const Vector3f& direction, float t_min, float t_max, Hit& hit) const {
  RTCIntersectContext context;
  rtcInitIntersectContext(&context);
  RTCRayHit query;
  fill(query.ray, origin, direction, t_min, t_max);
  query.hit.geomID = RTC_INVALID_GEOMETRY_ID;
  query.hit.instID[0] = RTC_INVALID_GEOMETRY_ID;
  rtcIntersect1(impl_->scene, &context, &query);
  if (query.hit.geomID == RTC_INVALID_GEOMETRY_ID) return false;

  hit.distance = query.ray.tfar;
  hit.part = static_cast<int>(query.hit.geomID);
  hit.triangle = static_cast<int>(query.hit.primID);
  hit.u = query.hit.u;
  hit.v = query.hit.v;
  hit.geometric_normal = Vector3f(query.hit.Ng_x, query.hit.Ng_y, query.hit.Ng_z).normalized();
  hit.shading_normal = impl_->smooth_normal(hit.part, hit.triangle, hit.u, hit.v);
  if (hit.geometric_normal.dot(direction) > 0) hit.geometric_normal = -hit.geometric_normal;
  if (hit.shading_normal.dot(hit.geometric_normal) < 0) hit.shading_normal = -hit.shading_normal;
  return true;
}

bool Scene::occluded(const Vector3f& origin, const Vector3f& direction, float t_min, float t_max) const {
  RTCIntersectContext context;
  rtcInitIntersectContext(&context);
  RTCRay ray;
  fill(ray, origin, direction, t_min, t_max);
  rtcOccluded1(impl_->scene, &context, &ray);
  return ray.tfar < 0;
}

cv::Mat Layers::mask() const {
  return part_id >= 0;
}

// The packet paths below need the Embree scene, which only this file knows.
struct SceneAccess {
  static const Scene::Impl& of(const Scene& scene) { return *scene.impl_; }
};

std::vector<int> part_pixels(const cv::Mat& part_id, int part_count) {
  L3D_CHECK_EQ(part_id.type(), CV_16S);
  std::vector<int> pixels(static_cast<size_t>(part_count), 0);
  for (const short part : cv::Mat_<short>(part_id))
    if (part >= 0) ++pixels.at(static_cast<size_t>(part));
  return pixels;
}

Layers render_layers(const Scene& scene, const Camera& camera) {
  Layers layers;
  layers.depth = cv::Mat(camera.height, camera.width, CV_32F, cv::Scalar(0));
  layers.part_id = cv::Mat(camera.height, camera.width, CV_16S, cv::Scalar(-1));
  layers.normal = cv::Mat(camera.height, camera.width, CV_32FC3, cv::Scalar::all(0));
  const PixelRays pixels(camera);
  const Eigen::Matrix3f camera_from_world = camera.camera_from_world.linear().cast<float>();
  const auto& impl = SceneAccess::of(scene);

  for_each_tile(camera, [&](int x0, int y0) {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    context.flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT;
    alignas(64) RTCRayHit16 query;
    alignas(64) std::array<int, kPacket> valid;
    fill_packet(query.ray, valid, pixels, x0, y0, camera);
    for (int i = 0; i < kPacket; ++i) query.hit.geomID[i] = query.hit.instID[0][i] = RTC_INVALID_GEOMETRY_ID;
    rtcIntersect16(valid.data(), impl.scene, &context, &query);
    for (int i = 0; i < kPacket; ++i) {
      if (valid[i] == 0 || query.hit.geomID[i] == RTC_INVALID_GEOMETRY_ID) continue;
      const int part = static_cast<int>(query.hit.geomID[i]);
      Vector3f normal = impl.smooth_normal(part, static_cast<int>(query.hit.primID[i]), query.hit.u[i], query.hit.v[i]);
      const Vector3f direction(query.ray.dir_x[i], query.ray.dir_y[i], query.ray.dir_z[i]);
      const Vector3f flat(query.hit.Ng_x[i], query.hit.Ng_y[i], query.hit.Ng_z[i]);
      const Vector3f facing = flat.dot(direction) > 0 ? Vector3f(-flat) : flat;
      if (normal.dot(facing) < 0) normal = -normal;
      normal = camera_from_world * normal;
      const cv::Point at = pixel_of(x0, y0, i);
      layers.depth.at<float>(at) = query.ray.tfar[i];
      layers.part_id.at<short>(at) = static_cast<short>(part);
      layers.normal.at<cv::Vec3f>(at) = {normal.x(), normal.y(), normal.z()};
    }
  });
  return layers;
}

cv::Mat render_silhouette(const Scene& scene, const Camera& camera) {
  cv::Mat silhouette(camera.height, camera.width, CV_8U, cv::Scalar(0));
  const PixelRays pixels(camera);
  const auto& impl = SceneAccess::of(scene);
  for_each_tile(camera, [&](int x0, int y0) {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    context.flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT;
    alignas(64) RTCRay16 rays;
    alignas(64) std::array<int, kPacket> valid;
    fill_packet(rays, valid, pixels, x0, y0, camera);
    rtcOccluded16(valid.data(), impl.scene, &context, &rays);
    for (int i = 0; i < kPacket; ++i)
      if (valid[i] != 0 && rays.tfar[i] < 0) silhouette.at<uchar>(pixel_of(x0, y0, i)) = 255;
  });
  return silhouette;
}

cv::Mat render_grey(const Scene& scene, const Camera& camera, int samples_per_axis) {
  L3D_CHECK_GE(samples_per_axis, 1);
  const Layers fine = render_layers(scene, camera.resized(camera.width * samples_per_axis, camera.height * samples_per_axis));
  const cv::Mat shaded = shade_grey(fine, camera.resized(camera.width * samples_per_axis, camera.height * samples_per_axis));
  // Average the samples of each pixel in integers, so that the result is the same everywhere.
  cv::Mat grey(camera.height, camera.width, CV_8U);
  const int count = samples_per_axis * samples_per_axis;
  for (int y = 0; y < camera.height; ++y)
    for (int x = 0; x < camera.width; ++x) {
      int sum = 0;
      for (int j = 0; j < samples_per_axis; ++j)
        for (int i = 0; i < samples_per_axis; ++i) sum += shaded.at<uchar>(y * samples_per_axis + j, x * samples_per_axis + i);
      grey.at<uchar>(y, x) = static_cast<uchar>((sum + count / 2) / count);
    }
  return grey;
}

cv::Mat shade_grey(const Layers& layers, const Camera& camera) {
  cv::Mat grey(layers.depth.rows, layers.depth.cols, CV_8U, cv::Scalar(255));
  const float inverse_focal = static_cast<float>(1 / camera.focal_px);
  for (int y = 0; y < grey.rows; ++y)
    for (int x = 0; x < grey.cols; ++x) {
      if (layers.part_id.at<short>(y, x) < 0) continue;
      const Vector3f towards = -Vector3f((static_cast<float>(x) + 0.5f - static_cast<float>(camera.centre_px.x())) * inverse_focal,
                                         (static_cast<float>(y) + 0.5f - static_cast<float>(camera.centre_px.y())) * inverse_focal, 1)
                                    .normalized();
      const cv::Vec3f& n = layers.normal.at<cv::Vec3f>(y, x);
      grey.at<uchar>(y, x) = to_grey8(head_light(towards.dot(Vector3f(n[0], n[1], n[2]))));
    }
  return grey;
}

}  // namespace looking3d
