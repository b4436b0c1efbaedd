#include "train/match_loss.h"

#include <algorithm>

#include "base/check.h"
#include "model/take_rows.h"

namespace looking3d {

using torch::Tensor;

namespace {
constexpr int64_t kExactly = 2;  ///< cdist's mode without matrix products, so that a patch lies at distance 0 of itself

/// x [G, n, c], different rows [G, R] of each group -> [G, R, c].
Tensor drawn_rows(const Tensor& x, const Tensor& rows) {
  const Tensor in_all = rows + x.size(1) * torch::arange(rows.size(0), rows.options()).unsqueeze(1);
  return take_rows(x.flatten(0, 1), in_all.flatten()).view({rows.size(0), rows.size(1), x.size(2)});
}
}  // namespace

Tensor draw_lots(int64_t groups, int64_t patches, const ProcessGroup& group) {
  return torch::rand({groups * group.size(), patches}).slice(0, groups * group.rank(), groups * (group.rank() + 1));
}

torch::Tensor match_loss(const MatchPatches& from, const MatchPatches& to, int64_t views, const MatchLossOptions& options,
                         const ProcessGroup& group) {
  const int64_t groups = from.matching.size(0), count = std::min<int64_t>(from.matching.size(1), int64_t{options.points} * views);
  L3D_CHECK_EQ(to.matching.size(1) % views, 0);

  // Random patches, those on the object first.
  Tensor lot = (from.lot.defined() ? from.lot : draw_lots(groups, from.matching.size(1), group)).to(from.matching.device());
  if (from.surface.defined()) lot = lot + from.surface.to(torch::kFloat);
  const Tensor rows = std::get<1>(lot.topk(count, 1));  // [G, R]
  const Tensor drawn = drawn_rows(from.matching, rows), z = from.project ? from.project(drawn) : drawn;
  const Tensor is_key = to.surface.view({groups, 1, views, -1});  // [G, 1, N, hw]
  const Tensor logits = (torch::matmul(z, to.matching.transpose(1, 2)) / options.temperature)
                            .view({groups, count, views, -1})
                            .masked_fill(is_key.logical_not(), -1e4);  // [G, R, N, hw]

  // The match in each view, and whether there is one.
  Tensor match, found;
  {
    const torch::NoGradGuard no_grad;
    found = is_key.any(3).expand({groups, count, views});
    if (from.position.defined()) {
      const Tensor at = from.position.gather(1, rows.unsqueeze(2).expand({-1, -1, 3}));
      const Tensor distance =
          torch::cdist(at, to.position, 2.0, kExactly).view({groups, count, views, -1}).masked_fill(is_key.logical_not(), 1e4);
      auto [nearest, index] = distance.min(3);  // [G, R, N]
      match = index;
      // A distance of 0 is the very patch itself, which teaches nothing.
      found = found & (nearest < options.max_distance) & (nearest > 0);
    } else {
      match = logits.argmax(3);
    }
    if (from.surface.defined()) found = found & from.surface.gather(1, rows).unsqueeze(2);
  }
  const Tensor losses = -torch::log_softmax(logits, 3).gather(3, match.unsqueeze(3)).squeeze(3);  // [G, R, N]
  const Tensor weights = found.to(torch::kFloat);
  return (losses * weights).sum() / group.sum(weights.sum()).clamp_min(1);
}

}  // namespace looking3d
