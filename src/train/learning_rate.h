#pragma once
// Length and learning rate of a training that may be given in minutes.
#include <algorithm>
#include <cstdint>

namespace looking3d {

/// Linear rise over `warmup` steps, constant, then linear fall to 0 over the steps after `decay_from * total_steps`.
/// `total_steps` 0: not known yet, before the fall.
inline double learning_rate_at(int64_t step, int64_t total_steps, double peak, int64_t warmup, double decay_from) {
  const double rise = warmup > 0 ? std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(warmup)) : 1.0;
  double fall = 1;
  if (total_steps > 0 && decay_from < 1) {
    const double share = static_cast<double>(step) / static_cast<double>(total_steps);
    fall = std::clamp((1 - share) / (1 - decay_from), 0.0, 1.0);
  }
  return peak * std::min(rise, fall);
}

/// Steps of a training of `budget_seconds`, once `seconds` of it have brought it to `step`: 0 (not yet known) before the share of time
/// after which the rate falls, since until then the number makes no difference; so a slow start on a busy machine does not decide.
inline int64_t steps_for_budget(int64_t step, double seconds, double budget_seconds, double decay_from) {
  const double share = std::min(decay_from, 0.9);
  if (seconds < share * budget_seconds || seconds <= 0) return 0;
  return std::max<int64_t>(step + 1, static_cast<int64_t>(static_cast<double>(step) * budget_seconds / seconds));
}

}  // namespace looking3d
