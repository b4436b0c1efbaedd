#include "geometry/mesh_winding.h"

#include <gtest/gtest.h>

namespace looking3d {
namespace {

TriangleMesh box(const Eigen::Vector3f& low, float size) {
  TriangleMesh mesh;
  for (int i = 0; i < 8; ++i) mesh.vertices.push_back(low + size * Eigen::Vector3f(i & 1 ? 1 : 0, i & 2 ? 1 : 0, i & 4 ? 1 : 0));
  mesh.triangles = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                    {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
  return mesh;
}
void turn(TriangleMesh& mesh, size_t t) {
  std::swap(mesh.triangles[t][1], mesh.triangles[t][2]);
}

TEST(Winding, AnOrderlyMeshIsLeftAlone) {
  TriangleMesh mesh = box({0, 0, 0}, 1);
  const TriangleMesh before = mesh;
  EXPECT_EQ(mend_winding(mesh), 0);
  EXPECT_EQ(mesh.triangles, before.triangles);
}

TEST(Winding, TurnedTrianglesComeRound) {
  // Also where most are wrong, and far from the origin.
  for (const float place : {0.0f, -1000.0f})
    for (unsigned pattern = 1; pattern < 4096; pattern += 97) {
      TriangleMesh mesh = box({place, 0, 0}, 1);
      int turned = 0;
      for (size_t t = 0; t < 12; ++t)
        if (pattern >> t & 1) turn(mesh, t), ++turned;
      EXPECT_EQ(mend_winding(mesh), turned);
      EXPECT_TRUE(topology(mesh).watertight());
      EXPECT_NEAR(signed_volume(mesh), 1, 1e-3);
    }
}

TEST(Winding, CavitiesStayAndOpenSurfacesFollowTheirMajority) {
  TriangleMesh hollow = box({0, 0, 0}, 4), cavity = box({1, 1, 1}, 1);
  for (size_t t = 0; t < 12; ++t) turn(cavity, t);
  append(hollow, cavity);
  EXPECT_EQ(mend_winding(hollow), 0);
  EXPECT_NEAR(signed_volume(hollow), 63, 1e-4);

  TriangleMesh open = box({0, 0, 0}, 1);
  open.triangles.pop_back();
  turn(open, 0);
  EXPECT_EQ(mend_winding(open), 1);
  EXPECT_EQ(topology(open).non_manifold_edges, 0);
}

}  // namespace
}  // namespace looking3d
