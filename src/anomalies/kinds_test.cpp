// The five kinds of anomaly in the families beside the seats.
#include <gtest/gtest.h>

#include <cstdio>

#include "anomalies/anomaly.h"
#include "base/random.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

constexpr int kShapes = 10, kDonors = 6;
constexpr uint64_t kTries = 4;  ///< a build tries eight draws before it gives an anomaly up; boards are often nearly equal

/// As a data set's plan makes them: half of the same family, half of its category.
std::vector<Shape> donors_of(const std::string& family, int index) {
  std::vector<Shape> donors;
  for (int d = 0; d < kDonors; ++d) {
    donors.push_back(make_shape({5, 1000 + kDonors * index + d, d % 2 == 0 ? family : category_of(family)}));
    donors.back().id = "donor" + std::to_string(d);
  }
  return donors;
}

TEST(InjectKinds, SucceedInEachFamilyAndStayClosed) {
  for (const std::string& family : family_names("furniture,machines")) {
    std::printf("%-10s", family.c_str());
    for (const AnomalyKind kind : kAllAnomalyKinds) {
      int made = 0;
      for (int i = 0; i < kShapes; ++i) {
        const Shape normal = make_shape({5, i, family});
        const std::vector<Shape> donors = kind == AnomalyKind::kSwapped ? donors_of(family, i) : std::vector<Shape>();
        auto anomaly = inject(normal, {kind, identity(3, i, 0), ""}, donors);
        for (uint64_t t = 1; t < kTries && !anomaly; ++t) anomaly = inject(normal, {kind, identity(3, i, t), ""}, donors);
        if (!anomaly) continue;
        ++made;
        EXPECT_EQ(anomaly->shape.parts.size() + (kind == AnomalyKind::kMissing && anomaly->shape.part_index(anomaly->part) < 0),
                  normal.parts.size());
        for (const Part& part : anomaly->shape.parts) {
          EXPECT_EQ(topology(part.mesh).boundary_edges, 0) << name_of(kind) << " " << family << " " << i << " " << part.name;
          if (kind == AnomalyKind::kSwapped && part.name == anomaly->part) {
            EXPECT_GT(signed_volume(part.mesh), 0);
          }
        }
      }
      std::printf(" %s %d", name_of(kind).c_str(), made);
      // Desks and cabinets are mostly boards: a board fitted to another's place differs too little to be a swap.
      const bool boards = family == "desk" || family == "cabinet";
      EXPECT_GE(made, kind != AnomalyKind::kSwapped ? 9 : boards ? 2 : 7) << name_of(kind) << " of " << kShapes << " " << family;
    }
    std::printf("\n");
  }
}

}  // namespace
}  // namespace looking3d
