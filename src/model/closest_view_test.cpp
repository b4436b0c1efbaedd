#include "model/closest_view.h"

#include <gtest/gtest.h>

#include <cmath>

namespace looking3d {
namespace {

using torch::Tensor;

/// One view at a time, one patch at a time.
std::vector<double> plain_distances(const Tensor& query, const Tensor& query_at, const Tensor& keys, const Tensor& surface,
                                    const Tensor& key_at) {
  std::vector<double> distances;
  for (int64_t view = 0; view < keys.size(0); ++view) {
    double sum = 0;
    for (int64_t i = 0; i < query.size(0); ++i) {
      int64_t match = -1;
      float best = 0;
      for (int64_t j = 0; j < keys.size(1); ++j) {
        if (!surface[view][j].item<bool>()) continue;
        const float affinity = query[i].dot(keys[view][j]).item<float>();
        if (match < 0 || affinity > best) match = j, best = affinity;
      }
      sum += match < 0 ? INFINITY : (query_at[i] - key_at[match]).norm().item<double>();
    }
    distances.push_back(sum / static_cast<double>(query.size(0)));
  }
  return distances;
}

TEST(ClosestView, AgreesWithThePlainWay) {
  torch::manual_seed(1);
  const Tensor query = torch::randn({7, 5}), keys = torch::randn({4, 12, 5}), key_at = patch_middles(3, 4);
  const Tensor query_at = key_at.slice(0, 2, 9);
  Tensor surface = torch::rand({4, 12}) < 0.6;
  surface[2].fill_(false);
  const Tensor distances = view_distances(query, query_at, keys, surface, key_at);
  const std::vector<double> expected = plain_distances(query, query_at, keys, surface, key_at);
  for (int64_t view = 0; view < 4; ++view) {
    if (view == 2) {
      EXPECT_TRUE(std::isinf(distances[view].item<float>()));
    } else {
      EXPECT_NEAR(distances[view].item<float>(), expected[static_cast<size_t>(view)], 1e-3);
    }
  }
}

TEST(ClosestView, PatchesLieWhereTheirPixelsAre) {
  const Tensor at = patch_middles(2, 3);
  EXPECT_TRUE(torch::equal(at[0], torch::tensor({4.0f, 4.0f})));
  EXPECT_TRUE(torch::equal(at[1], torch::tensor({12.0f, 4.0f})));
  EXPECT_TRUE(torch::equal(at[3], torch::tensor({4.0f, 12.0f})));
}

/// Points on a turning cylinder, each with a feature of its own, as views 18 degrees apart show them: column of the patch by the sine of
/// the angle, hidden on the far side.
struct Cylinder {
  static constexpr int kPoints = 40, kRows = 8, kColumns = 8;
  Tensor features = torch::eye(kPoints * kRows);

  /// Features [rows * columns, c] and surface [rows * columns] seen from `azimuth_deg`.
  std::pair<Tensor, Tensor> seen(double azimuth_deg) const {
    Tensor map = torch::zeros({kRows * kColumns, kPoints * kRows}), surface = torch::zeros({kRows * kColumns}, torch::kBool);
    for (int point = 0; point < kPoints; ++point) {
      const double angle = 2 * M_PI * (point / static_cast<double>(kPoints) - azimuth_deg / 360);
      if (std::cos(angle) <= 0) continue;
      const int column = static_cast<int>((0.5 + 0.499 * std::sin(angle)) * kColumns);
      for (int row = 0; row < kRows; ++row) {
        map[row * kColumns + column] += features[point * kRows + row];
        surface[row * kColumns + column] = true;
      }
    }
    return {torch::nn::functional::normalize(map, torch::nn::functional::NormalizeFuncOptions().dim(1)), surface};
  }
};

TEST(ClosestView, IsRightForPerfectCorrespondences) {
  const Cylinder cylinder;
  std::vector<Tensor> keys, surfaces;
  for (int view = 0; view < 20; ++view) {
    const auto [map, surface] = cylinder.seen(18.0 * view);
    keys.push_back(map);
    surfaces.push_back(surface);
  }
  const Tensor at = patch_middles(Cylinder::kRows, Cylinder::kColumns);
  for (int view = 0; view < 20; ++view) {
    const auto [map, surface] = cylinder.seen(18.0 * view + 4);
    const Tensor rows = surface.nonzero().squeeze(1);
    const Tensor distances =
        view_distances(map.index_select(0, rows), at.index_select(0, rows), torch::stack(keys), torch::stack(surfaces), at);
    EXPECT_EQ(distances.argmin().item<int>(), view);
  }
}

}  // namespace
}  // namespace looking3d
