#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "base/error.h"
#include "base/random.h"
#include "geometry/camera.h"
#include "geometry/mesh.h"
#include "geometry/mesh_io.h"

namespace looking3d {
namespace {

using Eigen::Vector3d;
using Eigen::Vector3f;

TriangleMesh unit_cube() {
  TriangleMesh mesh;
  for (int i = 0; i < 8; ++i) mesh.vertices.emplace_back(i & 1, (i >> 1) & 1, (i >> 2) & 1);
  mesh.triangles = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                    {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
  return mesh;
}

Path scratch(const std::string& name) {
  return Path(::testing::TempDir()) / ("l3d_geometry_" + name);
}

TEST(Mesh, MeasuresOfACube) {
  const TriangleMesh cube = unit_cube();
  EXPECT_DOUBLE_EQ(surface_area(cube), 6);
  EXPECT_DOUBLE_EQ(signed_volume(cube), 1);
  EXPECT_TRUE(topology(cube).watertight());
  EXPECT_EQ(topology(cube).euler, 2);
  EXPECT_TRUE(area_centroid(cube).isApprox(Vector3d::Constant(0.5)));
  const BoundingSphere sphere = bounding_sphere(cube.vertices);
  EXPECT_NEAR(sphere.radius, std::sqrt(0.75), 1e-6);
}

TEST(Mesh, BoundingSphereIsSmallest) {
  // A long thin triangle: the smallest ball has the long edge as diameter.
  const BoundingSphere sphere = bounding_sphere({{-1, 0, 0}, {1, 0, 0}, {0.2f, 0.1f, 0}});
  EXPECT_NEAR(sphere.radius, 1, 1e-12);
  EXPECT_NEAR(sphere.centre.norm(), 0, 1e-12);
}

TEST(Mesh, BoundingSphereStandsOnItsPoints) {
  // Of the smallest sphere, and of it alone: no point lies outside, and its centre lies in the hull of the points that it touches, so that
  // any other centre is farther from one of them.
  for (int draw = 0; draw < 50; ++draw) {
    Rng rng(identity(5, "sphere", draw));
    std::vector<Vector3f> points;
    for (int i = 0; i < 300; ++i) {
      Vector3f p(static_cast<float>(rng.normal()), static_cast<float>(rng.normal()), static_cast<float>(rng.normal()));
      if (draw % 3 == 1) p.z() = 0.5f;           // flat
      if (draw % 3 == 2) p = p.array().round();  // many alike, many at one distance
      points.push_back(p);
    }
    const BoundingSphere sphere = bounding_sphere(points);
    std::vector<Vector3d> touched;
    for (const Vector3f& p : points) {
      const double distance = (p.cast<double>() - sphere.centre).norm();
      EXPECT_LE(distance, sphere.radius + 1e-9);
      if (distance > sphere.radius - 1e-6) touched.push_back(p.cast<double>());
    }
    for (int way = 0; way < 200; ++way) {
      const Vector3d step = 1e-3 * Vector3d(rng.normal(), rng.normal(), rng.normal());
      double farthest = 0;
      for (const Vector3d& p : touched) farthest = std::max(farthest, (p - sphere.centre - step).norm());
      EXPECT_GT(farthest, sphere.radius);
    }
  }
}

TEST(Mesh, BoundingSphereOfOnePointAndOfLine) {
  EXPECT_EQ(bounding_sphere({{1, 2, 3}, {1, 2, 3}}).radius, 0);
  const BoundingSphere line = bounding_sphere({{0, 0, 0}, {1, 1, 1}, {3, 3, 3}, {2, 2, 2}});
  EXPECT_NEAR(line.radius, 1.5 * std::sqrt(3), 1e-9);
}

TEST(Mesh, TransformKeepsOrientationEvenWhenMirrored) {
  Eigen::Affine3d mirror = Eigen::Affine3d::Identity();
  mirror.linear() = Vector3d(-2, 1, 1).asDiagonal();
  EXPECT_DOUBLE_EQ(signed_volume(transformed(unit_cube(), mirror)), 2);
}

TEST(Mesh, MendRemovesWhatIsBroken) {
  TriangleMesh mesh = unit_cube();
  const int n = static_cast<int>(mesh.vertices.size());
  mesh.vertices.emplace_back(std::numeric_limits<float>::quiet_NaN(), 0, 0);
  mesh.vertices.push_back(mesh.vertices[0]);
  mesh.triangles.emplace_back(n, 0, 1);      // NaN corner
  mesh.triangles.emplace_back(0, 0, 1);      // no area
  mesh.triangles.emplace_back(n + 1, 2, 1);  // the first triangle again, over a doubled vertex
  const MendReport report = mend(mesh);
  EXPECT_EQ(report.removed_non_finite, 1);
  EXPECT_EQ(report.removed_degenerate, 1);
  EXPECT_EQ(report.removed_duplicates, 1);
  EXPECT_EQ(report.welded_vertices, 1);
  EXPECT_EQ(mesh.triangles.size(), 12u);
  EXPECT_TRUE(topology(mesh).watertight());
}

TEST(Mesh, ComponentsComeLargestFirst) {
  TriangleMesh mesh = transformed(unit_cube(), Eigen::Affine3d(Eigen::Translation3d(5, 0, 0)));
  append(mesh, transformed(unit_cube(), Eigen::Affine3d(Eigen::Scaling(2.0))));
  const auto parts = split_components(mesh);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_DOUBLE_EQ(signed_volume(parts[0]), 8);
  EXPECT_DOUBLE_EQ(signed_volume(parts[1]), 1);
}

TEST(Camera, ProjectAndUnprojectAreInverse) {
  const Camera camera = orbit_camera({.azimuth_rad = 0.7, .elevation_rad = 0.4, .roll_rad = 0.2, .shift_x = 0.05}, 256);
  Rng rng(1);
  for (int i = 0; i < 100; ++i) {
    const Vector3d x(rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(-1, 1));
    const Vector3d p = camera.project(x);
    EXPECT_LT((camera.unproject(p.x(), p.y(), p.z()) - x).norm(), 1e-12);
    const Vector3d along = camera.position_in_world() + camera.ray_direction(p.x(), p.y()) * (x - camera.position_in_world()).norm();
    EXPECT_LT((along - x).norm(), 1e-12);
  }
}

TEST(Camera, AxesAreAsDocumented) {
  const Camera front = orbit_camera({}, 256);
  EXPECT_LT((front.position_in_world() - Vector3d(0, 0, kPhotoDistance)).norm(), 1e-12);
  EXPECT_GT(front.project({0.5, 0, 0}).x(), 128);  // object's +X is on the right from the front
  EXPECT_LT(front.project({0, 0.5, 0}).y(), 128);  // up is up
  EXPECT_NEAR(front.camera_from_world.linear().determinant(), 1, 1e-12);
  const Camera side = orbit_camera({.azimuth_rad = std::numbers::pi / 2}, 256);
  EXPECT_GT(side.position_in_world().x(), 2.4);
  const Camera above = orbit_camera({.elevation_rad = 0.5}, 256);
  EXPECT_GT(above.position_in_world().y(), 1);
  const Camera rolled = orbit_camera({.roll_rad = 0.1}, 256);
  EXPECT_GT(rolled.project({0, 0.5, 0}).x(), 128);  // clockwise: up leans right
}

TEST(Camera, FittingDistanceTouchesTheMargin) {
  const TriangleMesh cube = transformed(unit_cube(), Eigen::Affine3d(Eigen::Translation3d(-0.5, -0.5, -0.5)));
  OrbitView view{.azimuth_rad = 0.5, .elevation_rad = 0.3, .distance = 0.1};
  view.distance = fitting_distance(view, cube.vertices, 0.03);
  const Camera camera = orbit_camera(view, 100);
  double farthest = 0;
  for (const Vector3f& v : cube.vertices) {
    const Vector3d p = camera.project(v.cast<double>());
    farthest = std::max({farthest, std::abs(p.x() - 50), std::abs(p.y() - 50)});
  }
  EXPECT_NEAR(farthest, 47, 1e-6);
  view.distance = 10;
  EXPECT_EQ(fitting_distance(view, cube.vertices), 10);
}

TEST(Camera, JsonRoundTripAndErrors) {
  const Camera camera = orbit_camera({.azimuth_rad = 1, .elevation_rad = 0.2}, 64);
  const Camera again = camera_from_json(camera_to_json(camera), "x.json");
  EXPECT_TRUE(again.camera_from_world.isApprox(camera.camera_from_world));
  EXPECT_EQ(again.focal_px, camera.focal_px);
  EXPECT_THROW(camera_from_json(Json::object(), "x.json"), InputError);
}

TEST(MeshIo, ObjRoundTripKeepsNamesAndCoordinates) {
  const Path path = scratch("two.obj");
  TriangleMesh odd = unit_cube();
  odd.vertices[3] = {1.0f / 3, 0.1f, 1e-7f};
  write_obj(path, {{"first", unit_cube()}, {"second", odd}});
  const auto meshes = read_mesh_file(path);
  ASSERT_EQ(meshes.size(), 2u);
  EXPECT_EQ(meshes[0].name, "first");
  EXPECT_EQ(meshes[1].name, "second");
  EXPECT_TRUE(topology(meshes[0].mesh).watertight());
  EXPECT_EQ(bounding_sphere(meshes[1].mesh.vertices).radius, bounding_sphere(odd.vertices).radius);
}

TEST(MeshIo, BadFilesSayWhy) {
  const auto error_of = [&](const std::string& name, const std::string& bytes) -> std::string {
    write_file_atomic(scratch(name), bytes);
    try {
      read_mesh_file(scratch(name));
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(error_of("nan.obj", "v 0 0 0\nv 1 nan 0\nv 0 1 0\nf 1 2 3\n").find("NaN"), std::string::npos);
  EXPECT_NE(error_of("points.obj", "v 0 0 0\nv 1 0 0\n").find("("), std::string::npos);
  EXPECT_NE(error_of("empty.obj", "").find("cannot be read as a mesh"), std::string::npos);
  EXPECT_NE(error_of("text.ply", "hello").find("is no PLY"), std::string::npos);
  EXPECT_NE(error_of("cut.glb", "glTF\2\0\0\0").find("cannot be read as a mesh"), std::string::npos);
  EXPECT_NE(error_of("photo.png", "x").find("not a mesh file"), std::string::npos);
  EXPECT_THROW(read_mesh_file(scratch("absent.obj")), InputError);
}

TEST(MeshIo, RandomBytesNeverCrash) {
  const TriangleMesh cube = unit_cube();
  write_obj(scratch("seed.obj"), {{"cube", cube}});
  const std::string good = read_file(scratch("seed.obj"));
  Rng rng(7);
  for (int i = 0; i < 200; ++i) {
    std::string bytes = good.substr(0, rng.index(good.size()) + 1);
    for (int k = 0; k < 5; ++k) bytes[rng.index(bytes.size())] = static_cast<char>(rng.uniform_int(0, 255));
    const char* extensions[] = {"obj", "ply", "stl", "off"};
    const Path path = scratch(std::string("fuzz.") + extensions[i % 4]);
    write_file_atomic(path, bytes);
    try {
      for (const NamedMesh& entry : read_mesh_file(path)) EXPECT_FALSE(entry.mesh.empty());
    } catch (const InputError&) {
    }
  }
}

}  // namespace
}  // namespace looking3d
