#include "anomalies/anomaly.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "anomalies/surface_distance.h"
#include "base/error.h"
#include "shapes/members.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all = [] {
    std::vector<Shape> made;
    for (int i = 0; i < 24; ++i) made.push_back(make_shape({11, i, ""}));
    return made;
  }();
  return all;
}

bool same(const TriangleMesh& a, const TriangleMesh& b) {
  return a.vertices == b.vertices && a.triangles == b.triangles;
}

TEST(Inject, ChangesExactlyTheDeclaredPart) {
  std::map<AnomalyKind, int> injected;
  for (size_t i = 0; i < shapes().size(); ++i)
    for (const AnomalyKind kind : kAllAnomalyKinds) {
      const Shape& normal = shapes()[i];
      const auto outcome = inject(normal, {kind, i, ""}, shapes());
      if (!outcome) continue;
      ++injected[kind];
      const Anomaly& anomaly = *outcome;
      ASSERT_GE(normal.part_index(anomaly.part), 0);
      EXPECT_GT(anomaly.magnitude, 0);
      EXPECT_LE(anomaly.magnitude, 1);
      for (const Part& part : normal.parts) {
        const int now = anomaly.shape.part_index(part.name);
        if (part.name != anomaly.part) {
          ASSERT_GE(now, 0) << name_of(kind) << " lost " << part.name;
          EXPECT_TRUE(same(part.mesh, anomaly.shape.parts[now].mesh)) << name_of(kind) << " touched " << part.name;
        } else if (kind == AnomalyKind::kMissing) {
          EXPECT_LT(now, 0);
        } else {
          ASSERT_GE(now, 0);
          EXPECT_EQ(anomaly.shape.parts[now].group, part.group);
          EXPECT_FALSE(same(part.mesh, anomaly.shape.parts[now].mesh));
          EXPECT_FALSE(anomaly.shape.parts[now].mesh.empty());
        }
      }
      EXPECT_EQ(anomaly.shape.parts.size(), normal.parts.size() - (kind == AnomalyKind::kMissing));
    }
  for (const AnomalyKind kind : kAllAnomalyKinds) EXPECT_GE(injected[kind], 20) << name_of(kind) << " of " << shapes().size();
}

TEST(Inject, IsDeterministicAndSeedsDiffer) {
  for (const AnomalyKind kind : {AnomalyKind::kPosition, AnomalyKind::kBroken}) {
    const auto a = inject(shapes()[0], {kind, 5, ""}), b = inject(shapes()[0], {kind, 5, ""}), c = inject(shapes()[0], {kind, 6, ""});
    ASSERT_TRUE(a && b && c);
    EXPECT_EQ(a->parameters, b->parameters);
    EXPECT_NE(a->parameters, c->parameters);
  }
}

TEST(Inject, ParametersSayWhatHappened) {
  const Shape& normal = shapes()[1];
  const auto moved_part = inject(normal, {AnomalyKind::kPosition, 3, ""});
  ASSERT_TRUE(moved_part);
  const Json t = moved_part->parameters["translation"];
  const TriangleMesh &before = normal.parts[normal.part_index(moved_part->part)].mesh,
                     &after = moved_part->shape.parts[moved_part->shape.part_index(moved_part->part)].mesh;
  for (int a = 0; a < 3; ++a) EXPECT_NEAR(after.vertices[0][a] - before.vertices[0][a], t[a].get<double>(), 1e-6);

  const auto broken = inject(normal, {AnomalyKind::kBroken, 3, ""});
  ASSERT_TRUE(broken);
  const double whole = signed_volume(normal.parts[normal.part_index(broken->part)].mesh);
  const double rest = signed_volume(broken->shape.parts[broken->shape.part_index(broken->part)].mesh);
  EXPECT_NEAR(1 - rest / whole, broken->magnitude, 1e-9);
}

TEST(Inject, RefusalsHaveNames) {
  EXPECT_EQ(inject(shapes()[0], {AnomalyKind::kMissing, 1, "no such"}).reason(), AnomalyRefusal::kNoSuchPart);
  EXPECT_EQ(inject(shapes()[0], {AnomalyKind::kSwapped, 1, ""}).reason(), AnomalyRefusal::kNoDonor);
  Shape one;
  one.parts.push_back({"only", "seat_surface", "seat", rounded_box({1, 1, 1})});
  EXPECT_EQ(inject(one, {AnomalyKind::kMissing, 1, ""}).reason(), AnomalyRefusal::kOnlyPart);
  const Shape twin[] = {one};
  EXPECT_EQ(inject(one, {AnomalyKind::kSwapped, 1, ""}, twin).reason(), AnomalyRefusal::kNearlyEqualSwap);
  EXPECT_EQ(name_of(AnomalyRefusal::kNearlyEqualSwap), "nearly_equal_swap");
  EXPECT_THROW(anomaly_kind_from_name("melted"), InputError);
  for (const AnomalyKind kind : kAllAnomalyKinds) EXPECT_EQ(anomaly_kind_from_name(name_of(kind)), kind);
}

TEST(Inject, ATurnAboutItsOwnAxisIsNeverTaken) {
  Shape shape;
  shape.parts.push_back(
      {"ball", "part", "ball", lathe({{0.01, -0.5}, {0.3, -0.4}, {0.48, -0.15}, {0.48, 0.15}, {0.3, 0.4}, {0.01, 0.5}}, 48)});
  shape.parts.push_back({"floor", "part", "floor", moved(rounded_box({1, 0.1, 1}), {0, -0.55, 0})});
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const auto outcome = inject(shape, {AnomalyKind::kRotation, seed, "ball"});
    if (!outcome) continue;
    EXPECT_GT(surface_distance(shape.parts[0].mesh, outcome->shape.parts[0].mesh), 0.019);
  }
}

TEST(SurfaceDistance, OfShiftedPlanesIsTheShift) {
  const TriangleMesh plate = rounded_box({1, 0.01, 1}, {.radius = 0.001});
  EXPECT_NEAR(surface_distance(plate, moved(plate, {0, 0.3, 0})), 0.295, 0.01);
  EXPECT_EQ(surface_distance(plate, plate) < 1e-6, true);
  EXPECT_NEAR(distance_to_surface({0, 2, 0}, plate), 1.995, 1e-6);
}

}  // namespace
}  // namespace looking3d
