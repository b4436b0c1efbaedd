// How strong anomalies are and how long they take: `anomaly_report [SHAPES]` injects each kind twice into procedural shapes and prints a
// histogram of magnitudes, the time of one injection, refusals, and how the damage was done.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>

#include "anomalies/anomaly.h"
#include "base/random.h"
#include "shapes/procedural.h"

using namespace looking3d;

namespace {

constexpr std::array kLimits = {0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.16, 0.24, 0.32, 0.5, 0.64};
constexpr int kDraws = 2, kDonors = 6;

struct Measured {
  std::vector<double> magnitudes, milliseconds;
};

std::vector<Shape> donors_of(const Shape& shape, int index) {
  std::vector<Shape> donors;
  for (int d = 0; d < kDonors; ++d) {
    donors.push_back(make_shape({11, 1'000'000 + kDonors * index + d, d % 2 == 0 ? shape.family : ""}));
    donors.back().id = "donor" + std::to_string(d);
  }
  return donors;
}

void print(const std::string& kind, Measured measured) {
  std::array<int, kLimits.size() + 1> bins{};
  for (const double m : measured.magnitudes)
    ++bins[static_cast<size_t>(std::upper_bound(kLimits.begin(), kLimits.end(), m) - kLimits.begin())];
  std::printf("| %s |", kind.c_str());
  for (const int count : bins) std::printf(" %d |", count);
  std::vector<double>& times = measured.milliseconds;
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (const double time : times) sum += time;
  std::printf(" %.2f | %.2f |\n", sum / static_cast<double>(times.size()), times[times.size() * 95 / 100]);
}

}  // namespace

int main(int argc, char** argv) {
  const int shapes = argc > 1 ? std::max(1, std::atoi(argv[1])) : 100;
  std::map<AnomalyKind, Measured> measured;
  std::map<std::string, int> notes;
  for (int i = 0; i < shapes; ++i) {
    const Shape shape = make_shape({11, i, ""});
    const std::vector<Shape> donors = donors_of(shape, i);
    for (const AnomalyKind kind : kAllAnomalyKinds) {
      for (int draw = 0; draw < kDraws; ++draw) {
        const std::clock_t start = std::clock();
        const auto anomaly = inject(shape, {kind, identity(1, "report", i, draw), ""}, donors);
        measured[kind].milliseconds.push_back(1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
        if (!anomaly) {
          ++notes["refused " + name_of(kind) + ":" + name_of(anomaly.reason())];
          continue;
        }
        measured[kind].magnitudes.push_back(anomaly->magnitude);
        for (const char* key : {"way", "axis_of", "about_joint", "wrong_way_round", "place", "cutter"})
          if (anomaly->parameters.contains(key)) ++notes[name_of(kind) + " " + key + " " + anomaly->parameters[key].dump()];
      }
    }
  }
  std::printf("| magnitude |");
  for (const double limit : kLimits) std::printf(" < %g |", limit);
  std::printf(" more | mean ms CPU | 95 %% within ms |\n");
  for (const auto& [kind, values] : measured) print(name_of(kind), values);
  for (const auto& [note, count] : notes) std::printf("%4d x %s\n", count, note.c_str());
}
