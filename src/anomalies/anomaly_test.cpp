#include "anomalies/anomaly.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "anomalies/injection.h"
#include "anomalies/surface_distance.h"
#include "anomalies/surface_tree.h"
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
      const auto outcome = inject(normal, {kind, i, ""}, std::span(shapes()).first(16));
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
  Shape twin[] = {one};
  EXPECT_EQ(inject(one, {AnomalyKind::kSwapped, 1, ""}, twin).reason(), AnomalyRefusal::kNoDonor) << "no donor to itself";
  twin[0].id = "twin";
  EXPECT_EQ(inject(one, {AnomalyKind::kSwapped, 1, ""}, twin).reason(), AnomalyRefusal::kNearlyEqualSwap);
  EXPECT_EQ(name_of(AnomalyRefusal::kNearlyEqualSwap), "nearly_equal_swap");
  EXPECT_THROW(anomaly_kind_from_name("melted"), InputError);
  for (const AnomalyKind kind : kAllAnomalyKinds) EXPECT_EQ(anomaly_kind_from_name(name_of(kind)), kind);
}

TEST(Inject, EveryPartGoesMissingSometimes) {
  const Shape& normal = shapes()[3];
  std::set<std::string> missing;
  for (uint64_t seed = 0; seed < 400; ++seed) missing.insert(inject(normal, {AnomalyKind::kMissing, seed, ""})->part);
  EXPECT_EQ(missing.size(), normal.parts.size());
}

TEST(Inject, OneOfSeveralLikePiecesChangesAlone) {
  // Four legs in one mesh, as some files have them, under a seat.
  Shape table;
  table.parts.push_back({"seat", "seat", "seat", moved(rounded_box({1.2, 0.1, 1.2}), {0, 0.05, 0})});
  table.parts.push_back({"legs", "leg", "legs", {}});
  for (const double x : {-0.5, 0.5})
    for (const double z : {-0.5, 0.5}) append(table.parts[1].mesh, moved(rounded_box({0.1, 0.7, 0.1}), {x, -0.35, z}));
  const std::vector<TriangleMesh> legs = split_components(table.parts[1].mesh);
  for (const AnomalyKind kind : {AnomalyKind::kMissing, AnomalyKind::kPosition, AnomalyKind::kRotation, AnomalyKind::kBroken}) {
    std::set<size_t> changed, whole;
    for (uint64_t seed = 0; seed < 60; ++seed) {
      const auto outcome = inject(table, {kind, seed, "legs"});
      if (!outcome) continue;
      const int part = outcome->shape.part_index("legs");
      if (!outcome->parameters.contains("piece")) {
        whole.insert(seed);
        EXPECT_EQ(part < 0, kind == AnomalyKind::kMissing);
        continue;
      }
      const auto piece = outcome->parameters["piece"].get<size_t>();
      changed.insert(piece);
      // The three other legs stand as they were, vertex by vertex.
      ASSERT_GE(part, 0);
      std::vector<TriangleMesh> left = split_components(outcome->shape.parts[static_cast<size_t>(part)].mesh);
      for (size_t leg = 0; leg < legs.size(); ++leg) {
        const bool stands = std::any_of(left.begin(), left.end(), [&](const TriangleMesh& l) { return same(l, legs[leg]); });
        EXPECT_EQ(stands, leg != piece) << name_of(kind);
      }
      EXPECT_EQ(outcome->shape.parts.size(), 2u);
      if (kind == AnomalyKind::kMissing) {
        EXPECT_NEAR(outcome->magnitude, 0.1, 0.05) << "share of the table's surface";
      }
    }
    EXPECT_EQ(changed.size(), 4u) << name_of(kind);
    EXPECT_GT(whole.size(), 0u) << name_of(kind);
  }
}

TEST(Inject, HalfOfTheMovesAreAnAssemblers) {
  std::map<std::string, int> ways;
  for (uint64_t i = 0; i < 240; ++i) {
    const Shape& normal = shapes()[i % shapes().size()];
    const auto outcome = inject(normal, {AnomalyKind::kPosition, i, ""});
    ASSERT_TRUE(outcome);
    const std::string way = outcome->parameters["way"];
    ++ways[way];
    const Eigen::Vector3d t(outcome->parameters["translation"][0], outcome->parameters["translation"][1],
                            outcome->parameters["translation"][2]);
    EXPECT_TRUE(way != "height" || std::hypot(t.x(), t.z()) == 0);
    if (way != "neighbour") continue;
    const Part& moved_part = normal.parts[normal.part_index(outcome->part)];
    EXPECT_TRUE(std::any_of(normal.parts.begin(), normal.parts.end(), [&](const Part& other) {
      const Eigen::Vector3d there = area_centroid(other.mesh) - area_centroid(moved_part.mesh);
      return other.group == moved_part.group && there.norm() > 0 && std::abs(there.normalized().dot(t.normalized())) > 0.999;
    }));
  }
  EXPECT_NEAR(ways["free"], 120, 30);
  for (const char* way : {"slid", "height", "neighbour"}) EXPECT_GT(ways[way], 10) << way;
}

/// The changed part before and after.
std::pair<const Part*, const Part*> parts_of(const Shape& normal, const Anomaly& anomaly) {
  return {&normal.parts[normal.part_index(anomaly.part)], &anomaly.shape.parts[anomaly.shape.part_index(anomaly.part)]};
}

TEST(Inject, MovesAreWithinRangeAndRigid) {
  for (size_t i = 0; i < shapes().size(); ++i) {
    const auto moved_part = inject(shapes()[i], {AnomalyKind::kPosition, i, ""});
    ASSERT_TRUE(moved_part);
    EXPECT_GE(moved_part->magnitude, 0.02);
    EXPECT_LE(moved_part->magnitude, 0.25);

    const auto outcome = inject(shapes()[i], {AnomalyKind::kRotation, i, ""});
    ASSERT_TRUE(outcome);
    EXPECT_GE(outcome->magnitude, 5.0 / 180 - 1e-9);
    EXPECT_LE(outcome->magnitude, outcome->parameters["wrong_way_round"] ? 1 : 0.5 + 1e-9);
    const auto [before, after] = parts_of(shapes()[i], *outcome);
    // The declared axis, angle and centre make it, vertex by vertex.
    const auto vector = [&](const char* key) {
      const Json& v = outcome->parameters[key];
      return Eigen::Vector3d(v[0], v[1], v[2]);
    };
    const Eigen::AngleAxisd turn(outcome->parameters["angle_rad"], vector("axis"));
    for (size_t v = 0; v < before->mesh.vertices.size(); v += 17) {
      const Eigen::Vector3d expected = turn * (before->mesh.vertices[v].cast<double>() - vector("centre")) + vector("centre");
      EXPECT_LT((after->mesh.vertices[v].cast<double>() - expected).norm(), 1e-6);
    }
  }
}

TEST(Inject, BrokenPartsStayClosedAndLoseWhatTheySay) {
  std::set<std::string> places, cutters;
  for (size_t i = 0; i < 3 * shapes().size(); ++i) {
    const Shape& normal = shapes()[i % shapes().size()];
    const auto broken = inject(normal, {AnomalyKind::kBroken, i, ""});
    ASSERT_TRUE(broken) << name_of(broken.reason());
    places.insert(broken->parameters["place"].get<std::string>());
    cutters.insert(broken->parameters["cutter"].get<std::string>());
    const auto [before, after] = parts_of(normal, *broken);
    EXPECT_GE(broken->magnitude, 0.03);
    EXPECT_LE(broken->magnitude, 0.70);
    ASSERT_TRUE(topology(before->mesh).watertight());
    EXPECT_EQ(topology(after->mesh).boundary_edges, 0) << normal.family << " " << before->name;
    EXPECT_NEAR(1 - signed_volume(after->mesh) / signed_volume(before->mesh), broken->magnitude, 1e-9);
    // Nothing grows: what is left lies in the old part's box.
    const Eigen::AlignedBox3d box = bounding_box(before->mesh), rest = bounding_box(after->mesh);
    EXPECT_LT((rest.max() - box.max()).maxCoeff(), 1e-5);
    EXPECT_LT((box.min() - rest.min()).maxCoeff(), 1e-5);
  }
  EXPECT_GE(places.size(), 4u);
  EXPECT_EQ(cutters.size(), 3u);
}

TEST(Inject, SwapsFillTheOldPlaceWithADonorOfTheSameLabel) {
  std::vector<Shape> donors;
  for (int i = 0; i < 14; ++i) donors.push_back(make_shape({12, i, ""})), donors.back().id = "donor" + std::to_string(i);
  int swapped = 0;
  for (size_t i = 0; i < shapes().size(); ++i) {
    const auto outcome = inject(shapes()[i], {AnomalyKind::kSwapped, i, ""}, donors);
    if (!outcome) continue;
    ++swapped;
    const auto [before, after] = parts_of(shapes()[i], *outcome);
    const auto donor =
        std::find_if(donors.begin(), donors.end(), [&](const Shape& s) { return s.id == outcome->parameters["donor_shape"]; });
    ASSERT_NE(donor, donors.end());
    const Part& source = donor->parts[donor->part_index(outcome->parameters["donor_part"])];
    EXPECT_EQ(source.label, before->label);
    EXPECT_EQ(after->name, before->name);
    EXPECT_EQ(after->group, before->group);
    Eigen::Affine3d object_from_donor = Eigen::Affine3d::Identity();
    for (int k = 0; k < 12; ++k) object_from_donor(k / 4, k % 4) = outcome->parameters["object_from_donor"][k].get<double>();
    EXPECT_TRUE(same(after->mesh, transformed(source.mesh, object_from_donor)));
    EXPECT_GE(outcome->magnitude, 0.012);
    EXPECT_GT(signed_volume(after->mesh), 0) << "a mirrored donor is inside out";
    const Eigen::AlignedBox3d was = bounding_box(before->mesh), is = bounding_box(after->mesh);
    EXPECT_LT((is.center() - was.center()).norm(), 0.1);
  }
  EXPECT_GE(swapped, 20) << "of " << shapes().size();
}

TEST(Inject, EachLimitRefusesWithItsReason) {
  const auto reasons = [](const TriangleMesh& mesh, AnomalyKind kind) {
    Shape shape;
    shape.parts.push_back({"it", "part", "it", mesh});
    std::set<AnomalyRefusal> found;
    for (uint64_t seed = 0; seed < 3; ++seed) {
      const auto outcome = inject(shape, {kind, seed, "it"});
      if (!outcome) found.insert(outcome.reason());
    }
    return found;
  };
  const TriangleMesh ball = lathe(
      {{0.01, -0.5}, {0.19, -0.46}, {0.35, -0.35}, {0.46, -0.19}, {0.5, 0}, {0.46, 0.19}, {0.35, 0.35}, {0.19, 0.46}, {0.01, 0.5}}, 48);
  EXPECT_TRUE(reasons(ball, AnomalyKind::kRotation).contains(AnomalyRefusal::kOwnSymmetry));
  EXPECT_TRUE(reasons(rounded_box({5, 5, 5}), AnomalyKind::kPosition).contains(AnomalyRefusal::kTooLarge));
  EXPECT_TRUE(reasons(rounded_box({0.01, 0.01, 0.01}), AnomalyKind::kBroken).contains(AnomalyRefusal::kTooSmall));
  // Single draws of breaks: most succeed, the others remove too little or too much.
  std::map<std::string, int> draws;
  for (uint64_t i = 0; i < 240; ++i) {
    const Shape& normal = shapes()[i % shapes().size()];
    Rng rng(identity(i, "single draw"));
    Injection injection{normal, static_cast<int>(rng.index(normal.parts.size())), {}, rng};
    const InjectionOutcome outcome = break_part(injection);
    ++draws[outcome ? "ok" : name_of(outcome.reason())];
  }
  EXPECT_GT(draws["ok"], 80);
  EXPECT_GT(draws["cut_removes_nothing"], 0);
  EXPECT_GT(draws["cut_removes_all"], 0);
  EXPECT_EQ(draws["cut_failed"], 0);
  for (const auto& [outcome, count] : draws) std::printf("%s %d, ", outcome.c_str(), count);
  std::printf("of 240 single breaks\n");
  TriangleMesh poisoned = ball;
  for (auto& v : poisoned.vertices) v.x() = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(reasons(poisoned, AnomalyKind::kBroken).contains(AnomalyRefusal::kCutFailed));
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
  EXPECT_NEAR(SurfaceTree(plate).distance({0, 2, 0}), 1.995, 1e-6);
}

TEST(SurfaceTree, FindsWhatLookingEverywhereFinds) {
  for (const Part& part : shapes()[2].parts) {
    const SurfaceTree tree(part.mesh);
    Rng rng(identity(1, part.name));
    for (int i = 0; i < 200; ++i) {
      const Eigen::Vector3d x = rng.uniform(0, 1.5) * random_direction(rng);
      const SurfacePoint expected = nearest_on_surface(x, part.mesh), found = tree.nearest(x);
      EXPECT_EQ(found.triangle, expected.triangle);
      EXPECT_EQ(found.distance, expected.distance);
      EXPECT_EQ(tree.nearest(x, 1.001 * expected.distance).triangle, expected.triangle);
      EXPECT_EQ(tree.nearest(x, 0.999 * expected.distance).triangle, -1);
    }
  }
  EXPECT_EQ(SurfaceTree(TriangleMesh{}).nearest({0, 0, 0}).triangle, -1);
}

}  // namespace
}  // namespace looking3d
