#pragma once
// Builds all files of one shape: reference views, mesh, photos, annotations, and last of all the manifest that declares it complete.
#include <set>
#include <string>

#include "base/progress.h"
#include "dataset/photographer.h"
#include "dataset/plan.h"

namespace looking3d {

/// Which photos to make again (--only); empty sets mean all.
struct OnlyFilter {
  std::set<std::string> shapes, anomalies, views;

  /// From "shape=000012", "anomaly=3" (index), "anomaly=missing" (kind) or "anomaly=normal", "view=7". Throws InputError.
  static OnlyFilter parse(const std::vector<std::string>& entries);
  bool active() const { return !shapes.empty() || !anomalies.empty() || !views.empty(); }
  bool wants_shape(const PlannedShape& shape) const;
  bool wants_anomaly(const PlannedAnomaly* anomaly) const;  ///< nullptr: the normal photos
  bool wants_view(int index) const;
};

class ShapeBuilder {
 public:
  ShapeBuilder(const Plan& plan, const GenerateOptions& options, const PhotoStock& stock, const OnlyFilter& only,
               const PlannedShape& planned, Progress& progress);

  /// Makes and writes everything. Throws Interrupted between two photos after Ctrl-C; the shape then has no manifest and is made again.
  void build();
  int64_t photos() const { return static_cast<int64_t>(names_.size()); }  ///< written in this run

 private:
  void write_references();
  void take_normal_photos();
  void take_anomalous_photos(const PlannedAnomaly& planned);
  /// Photographs the candidate views of `subject` until `wanted` photos are made; returns how many.
  int photograph(const Subject& subject, int anomaly_index, uint64_t anomaly_seed, int wanted);
  void annotate_plan(PhotoRecord& record, const PlannedView& view, int anomaly_index, uint64_t anomaly_seed) const;
  bool belongs(const std::string& name) const;  ///< false for a photo that the complete shape does not have
  void write_manifest() const;
  bool any_view_shows(const Subject& subject, int anomaly_index);
  PhotoRequest request_of(const PlannedView& view) const;
  const std::vector<Shape>& donors();

  const Plan& plan_;
  const GenerateOptions& options_;
  const OnlyFilter& only_;
  const PlannedShape& planned_;
  Progress& progress_;
  const Shape normal_;
  const Photographer photographer_;
  std::optional<std::vector<Shape>> donors_;
  std::vector<std::string> names_;              ///< file stems of the photos made
  std::optional<std::set<std::string>> known_;  ///< with --only: file stems of the photos of the complete shape, if it is one
  std::map<std::string, int64_t> photos_by_kind_, shapes_by_kind_, refused_;
};

}  // namespace looking3d
