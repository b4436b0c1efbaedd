#pragma once
// View-agnostic local feature alignment (paper, eq. 13-15): patches that show the same place of the object look alike in beta-space.
#include <torch/torch.h>

#include <functional>

#include "train/process_group.h"

namespace looking3d {

/// Features in beta-space and where on the object they lie; G groups of n patches.
struct MatchPatches {
  torch::Tensor matching;  ///< [G, n, c], unit length
  torch::Tensor position;  ///< [G, n, 3] canonical units; undefined: unknown (pseudo-labels are used)
  torch::Tensor surface;   ///< [G, n] bool: the patch shows the object; undefined: unknown, all count
  torch::Tensor lot{};     ///< [G, n], which of them are drawn: the largest; undefined: draw_lots()
  /// Given: `matching` holds features before beta, and the drawn ones [G, r, c'] come out as [G, r, c].
  std::function<torch::Tensor(const torch::Tensor&)> project{};
};

/// Random numbers in [0, 1) for `patches` patches of each of this process's groups. They are drawn for the groups of all processes, so that
/// a group's do not depend on how many there are.
torch::Tensor draw_lots(int64_t groups, int64_t patches, const ProcessGroup& group);

struct MatchLossOptions {
  double temperature = 0.1;
  int points = 64;            ///< random patches of each group and view that are matched
  double max_distance = 0.1;  ///< canonical units: farther than this, a patch's place is hidden in that view
};

/// Mean over random patches i of `from` and views of `to` of -log softmax_j(z_i . z_j / temperature) at the matching patch of that view;
/// the softmax runs over the patches of that view that show the object. The match is the patch nearest in space where positions are
/// known, else the one that looks most alike now (pseudo-labels). `views`: `to` holds so many views of equal size. The mean is over the
/// groups of all processes, which hold equally many; here stands this process's share of it.
torch::Tensor match_loss(const MatchPatches& from, const MatchPatches& to, int64_t views, const MatchLossOptions& options,
                         const ProcessGroup& group);

}  // namespace looking3d
