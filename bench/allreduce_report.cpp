// How fast processes add up tensors of the sizes that training sends: scripts/launch.sh 2 build/release/bench/allreduce_report
// (or under torchrun's variables on several machines). Rank 0 prints a table.
#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/stopwatch.h"
#include "train/process_group.h"

namespace {

using namespace looking3d;

/// Median seconds of one sum of `count` floats.
double seconds_of_sum(const ProcessGroup& group, int64_t count) {
  const torch::Tensor values = torch::ones({count}, torch::TensorOptions(group.device()));
  std::vector<double> seconds;
  for (int i = 0; i < 21; ++i) {
    group.sum(torch::zeros({1}));  // start together
    const Stopwatch watch;
    group.sum(values);
    values[0].item<float>();  // a GPU has finished then
    seconds.push_back(watch.ms() / 1000);
  }
  std::nth_element(seconds.begin(), seconds.begin() + 10, seconds.end());
  return seconds[10];
}

}  // namespace

int main() {
  try {
    const Rendezvous meeting = Rendezvous::from_environment();
    const ProcessGroup group(meeting, device_of("auto", meeting.rank));
    if (group.leads()) std::printf("%d processes\n\n| floats | ms | MB/s |\n|---|---|---|\n", group.size());
    for (const int64_t count : {1L, 1L << 10, 1L << 16, 1L << 20, 25L << 18, 100L << 18}) {
      const double seconds = seconds_of_sum(group, count);
      const double megabytes = static_cast<double>(count) * sizeof(float) / 1e6;
      if (group.leads()) std::printf("| %lld | %.3f | %.0f |\n", static_cast<long long>(count), 1000 * seconds, megabytes / seconds);
    }
  } catch (const InputError& error) {
    std::fprintf(stderr, "allreduce_report: %s\n", error.what());
    return 2;
  }
}
