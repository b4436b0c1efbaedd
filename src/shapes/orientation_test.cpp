#include "shapes/orientation.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

constexpr int kShapes = 60;
constexpr const char* kAxes[] = {"x", "-x", "y", "-y", "z", "-z"};

TriangleMesh whole(const Shape& shape) {
  TriangleMesh mesh;
  for (const Part& part : shape.parts) append(mesh, part.mesh);
  return mesh;
}
TriangleMesh turned(const TriangleMesh& mesh, const Eigen::Matrix3f& turn) {
  return transformed(mesh, Eigen::Affine3d(turn.cast<double>()));
}

TEST(Orientation, AxesAreProperTurns) {
  int turns = 0;
  for (const std::string up : kAxes)
    for (const std::string front : kAxes) {
      const MeshAxes axes{up, front};
      if (up.back() == front.back()) {
        EXPECT_THROW(axes.check(), InputError);
        continue;
      }
      ++turns;
      const auto vector = [](const std::string& name) -> Eigen::Vector3f {
        return (name[0] == '-' ? -1.0f : 1.0f) * Eigen::Vector3f::Unit(name.back() - 'x');
      };
      const Eigen::Matrix3f turn = canonical_from_file(up, front);
      EXPECT_FLOAT_EQ(turn.determinant(), 1);
      EXPECT_EQ(turn * vector(up), Eigen::Vector3f::UnitY());
      EXPECT_EQ(turn * vector(front), Eigen::Vector3f::UnitZ());
    }
  EXPECT_EQ(turns, 24);
  EXPECT_TRUE(canonical_from_file("y", "file").isIdentity());
  EXPECT_EQ(canonical_from_file("z", "file") * -Eigen::Vector3f::UnitY(), Eigen::Vector3f::UnitZ());
  EXPECT_THROW((MeshAxes{"w", "file"}.check()), InputError);
  EXPECT_THROW((MeshAxes{"auto", "up"}.check()), InputError);
  EXPECT_THROW(stand(whole(make_shape({1, 0, ""})), {"auto", "y"}), InputError) << "up turns out to be y";
}

TEST(Orientation, SeatsStandUpHoweverTheyLie) {
  int sure = 0, right = 0;
  for (int i = 0; i < kShapes; ++i) {
    const TriangleMesh mesh = whole(make_shape({91, i, ""}));
    // Each shape lies in another of the 24 ways.
    const std::string up = kAxes[i % 6], front = kAxes[(i % 6 / 2 * 2 + 2 + i / 6 % 4) % 6];
    const AxisGuess guess = guess_up(turned(mesh, canonical_from_file(up, front).transpose()));
    right += guess.axis == up;
    if (guess.confidence < kSureGuess) continue;
    ++sure;
    EXPECT_EQ(guess.axis, up) << i << " " << guess.confidence;
  }
  EXPECT_GE(right, kShapes * 9 / 10);
  EXPECT_GE(sure, kShapes / 2);
}

TEST(Orientation, ChairsFaceTheFront) {
  int sure = 0;
  for (const char* family : {"chair", "armchair", "swivel"})
    for (int i = 0; i < 10; ++i) {
      const TriangleMesh mesh = whole(make_shape({92, i, family}));
      const std::string front = std::vector<std::string>{"z", "x", "-z", "-x"}[static_cast<size_t>(i % 4)];
      const AxisGuess guess = guess_front(turned(mesh, canonical_from_file("y", front).transpose()), "y");
      if (guess.confidence < kSureGuess) continue;
      ++sure;
      EXPECT_EQ(guess.axis, front) << family << " " << i;
    }
  EXPECT_GE(sure, 15) << "of 30";
}

TEST(Orientation, NothingIsTurnedOnADoubt) {
  // A cube has no side that is up: it stays as it is, and the report says so.
  TriangleMesh cube;
  for (int i = 0; i < 8; ++i) cube.vertices.emplace_back(i & 1 ? 1.f : 0.f, i & 2 ? 1.f : 0.f, i & 4 ? 1.f : 0.f);
  cube.triangles = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                    {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
  const Standing standing = stand(cube, {"auto", "auto"});
  EXPECT_TRUE(standing.canonical_from_file.isIdentity());
  ASSERT_EQ(standing.lines.size(), 2u);
  EXPECT_NE(standing.lines[0].find("does not settle"), std::string::npos) << standing.lines[0];
  // A single flat triangle and one of extreme size are no trouble either.
  for (const float size : {1e-30f, 1.0f, 1e30f}) {
    const TriangleMesh flat{{{0, 0, 0}, {size, 0, 0}, {0, 0, size}}, {{0, 1, 2}}};
    EXPECT_TRUE(stand(flat, {}).canonical_from_file.allFinite());
  }
}

}  // namespace
}  // namespace looking3d
