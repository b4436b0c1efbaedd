#include "inspect/page_reference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <opencv2/imgcodecs.hpp>

#include "shapes/procedural.h"

namespace looking3d {
namespace {

template <class Number>
std::vector<Number> decoded(const std::string& base64) {
  static const std::string kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char letter : base64) {
    if (letter == '=') break;
    bits = bits << 6 | static_cast<uint32_t>(kLetters.find(letter));
    if ((count += 6) >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 255);
  }
  std::vector<Number> numbers(bytes.size() / sizeof(Number));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(Number));
  return numbers;
}

/// A sphere of radius 1 in 2 * rings * (2 * rings) triangles or so.
TriangleMesh sphere(int rings) {
  TriangleMesh mesh;
  const int columns = 2 * rings;
  for (int r = 0; r <= rings; ++r)
    for (int c = 0; c < columns; ++c) {
      const double polar = std::numbers::pi * r / rings, around = 2 * std::numbers::pi * c / columns;
      mesh.vertices.emplace_back(std::sin(polar) * std::cos(around), std::cos(polar), std::sin(polar) * std::sin(around));
    }
  for (int r = 0; r < rings; ++r)
    for (int c = 0; c < columns; ++c) {
      const int next = (c + 1) % columns, a = r * columns;
      mesh.triangles.emplace_back(a + c, a + next, a + columns + c);
      mesh.triangles.emplace_back(a + next, a + columns + next, a + columns + c);
    }
  return mesh;
}

Shape ball(int rings) {
  return {"ball", "file", {{"ball_1", "part", "ball", sphere(rings)}}};
}

TEST(PageMesh, IsTheMeshToSixteenBits) {
  const Shape shape = make_shape({.seed = 1, .index = 0, .family = "chair"});
  const Json json = page_mesh(shape);
  const auto coordinates = decoded<int16_t>(json["vertices"]);
  const auto corners = decoded<uint32_t>(json["indices"]);
  EXPECT_EQ(json["triangles"], shape.triangle_count());
  ASSERT_EQ(corners.size(), 3 * shape.triangle_count());
  ASSERT_EQ(json["parts"].size(), shape.parts.size());
  size_t at = 0;
  for (size_t p = 0; p < shape.parts.size(); ++p) {
    const TriangleMesh& mesh = shape.parts[p].mesh;
    EXPECT_EQ(json["parts"][p], (Json{{"name", shape.parts[p].name}, {"first", at}, {"count", 3 * mesh.triangles.size()}}));
    for (size_t t = 0; t < mesh.triangles.size(); ++t)
      for (int k = 0; k < 3; ++k, ++at)
        for (int axis = 0; axis < 3; ++axis)
          ASSERT_NEAR(coordinates[3 * corners[at] + static_cast<size_t>(axis)] / 32767.0, mesh.corner(static_cast<int>(t), k)[axis], 2e-5);
  }
}

TEST(PageMesh, LargeOnesAreSimplifiedAndStayInPlace) {
  const Shape shape = ball(400);  // 640,000 triangles
  ASSERT_GT(shape.triangle_count(), kPageTriangles);
  const auto meshes = page_meshes(shape);
  ASSERT_TRUE(meshes);
  EXPECT_LE(meshes->front().triangles.size(), kPageTriangles);
  EXPECT_GT(meshes->front().triangles.size(), kPageTriangles / 10);
  EXPECT_NEAR(surface_area(meshes->front()) / surface_area(shape.parts[0].mesh), 1, 0.01);
  EXPECT_NEAR(signed_volume(meshes->front()) / signed_volume(shape.parts[0].mesh), 1, 0.01);
}

TEST(PageMesh, EnormousOnesAndThoseWithoutAMeshAreLeftOut) {
  EXPECT_TRUE(page_mesh(ball(750)).is_null());  // 2,250,000 triangles
  EXPECT_TRUE(page_mesh({}).is_null());
}

TEST(PageViews, AreTheTwentyThatPatchesAreFoundIn) {
  const ReferenceData reference = prepare_reference("stool", make_shape({1, 1, "stool"}), {});
  const std::vector<cv::Mat> views = page_views(reference);
  ASSERT_EQ(views.size(), 20u);
  for (const cv::Mat& view : views) EXPECT_GT(cv::countNonZero(view < 240), 0);
  EXPECT_TRUE(page_views(reference_of_views("stool", {})).empty());
}

}  // namespace
}  // namespace looking3d
