#pragma once
// What a data set will hold, before anything is rendered: shapes, their split, anomalies and views, in the proportions of the paper's
// table 1 (SPEC 2.3). Every draw is keyed by what it is for, so that shards and threads agree without talking.
#include <array>
#include <map>
#include <string>
#include <vector>

#include "anomalies/anomaly.h"
#include "dataset/build.h"
#include "geometry/camera.h"

namespace looking3d {

inline constexpr int kNormal = -1;          ///< "anomaly index" of the normal shape
inline constexpr int kAnomalyAttempts = 8;  ///< draws of one planned anomaly before it is given up
inline constexpr int kCandidateViews = 20;  ///< azimuths, one every 18 degrees

/// A view that may be photographed: quality control decides. `index` identifies it.
struct PlannedView {
  int index = 0;
  double azimuth_deg = 0, elevation_deg = 0;
  uint64_t appearance_seed = 0, noise_seed = 0;
};

struct PlannedAnomaly {
  int index = 0;
  AnomalyKind kind = AnomalyKind::kMissing;
  int views = 0;  ///< photos wanted
};

struct PlannedShape {
  int64_t index = 0;
  std::string id;
  std::string split;
  int normal_views = 0;  ///< photos wanted
  std::vector<PlannedAnomaly> anomalies;
};

class Plan {
 public:
  /// Throws InputError when the options are wrong or options.shapes_from holds no shape.
  explicit Plan(const GenerateOptions& options);

  const std::vector<PlannedShape>& shapes() const { return shapes_; }
  const std::map<std::string, std::vector<std::string>>& splits() const { return splits_; }  ///< ids in order of the shapes

  Shape make(const PlannedShape& shape) const;
  /// Other shapes of the same split, from which parts may be swapped in. Procedural donors are made for this shape alone and occur nowhere
  /// else, half of them of its own family, the others of its category; donors from disk are neighbours in its split.
  std::vector<Shape> donors(const PlannedShape& shape, const std::string& family) const;
  /// All views in the order in which they are tried; `anomaly` is an index into shape.anomalies or kNormal.
  std::vector<PlannedView> candidate_views(const PlannedShape& shape, int anomaly) const;
  AnomalySpec anomaly_spec(const PlannedShape& shape, const PlannedAnomaly& anomaly, int attempt) const;

 private:
  void name_shapes();
  void find_sources();
  void deal_splits();
  void draw_counts(PlannedShape& shape) const;

  GenerateOptions options_;
  std::vector<Path> sources_;    ///< shape files or folders; empty when procedural
  std::vector<bool> test_only_;  ///< of each source: its source.json forbids training
  std::vector<PlannedShape> shapes_;
  std::map<std::string, std::vector<std::string>> splits_;
};

/// Sizes of train, val, test for `count` shapes and percentages "78/7/15": largest remainders, so that they sum to count.
std::array<int64_t, 3> split_sizes(int64_t count, const std::string& percents);

}  // namespace looking3d
