#pragma once
// The data factory: shapes become anomalies, anomalies become pictures, pictures become a data set (SPEC 2). Parallel, resumable, sharded;
// the same bytes for any thread count, shard or resume.
#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/options.h"
#include "render/photo_stock.h"
#include "shapes/orientation.h"

namespace looking3d {

struct GenerateOptions {
  std::string out;                 ///< folder of the data set
  int shapes = 100;                ///< procedural shapes to make
  std::string families = "seats";  ///< of the procedural shapes, as family_names() takes them
  std::string shapes_from;         ///< folder of shapes to use instead (each sub-folder or mesh file one shape)
  MeshAxes axes;                   ///< how the shapes of that folder stand
  uint64_t seed = 1;
  int size = 256;                  ///< image side in pixels
  std::string splits = "78/7/15";  ///< percent of shapes for train/val/test
  bool all_test = false;           ///< every shape into the test split, where shapes marked test-only are in any case
  std::string shard = "0/1";       ///< this process makes the shapes whose index % n == i
  std::vector<std::string> only;   ///< "shape=..", "anomaly=..", "view=..": make just these again
  int samples = 24;                ///< paths a pixel
  double anomalous_shapes = 3.5;   ///< mean anomalous variants per normal shape (SPEC 2.3)
  double min_visible = 0.004;      ///< keep an anomalous view only if changed pixels / object pixels reach this
  PhotoStyle style;                ///< light, background, texture sets
  void visit(OptionVisitor& v);
  void check() const;
};

/// Counts of one build; written to build_report.json. Every refusal has a name.
struct BuildReport {
  int64_t shapes = 0, photos = 0, normal_photos = 0, anomalous_photos = 0;
  std::map<std::string, int64_t> by_kind;         ///< anomalous photos of each kind
  std::map<std::string, int64_t> shapes_by_kind;  ///< anomalous shapes of each kind
  std::map<std::string, int64_t> refused;         ///< "KIND:reason" of an anomaly, or the reason of a view
  Json to_json() const;
};

/// Adds up the manifests of the complete shapes on disk.
BuildReport collect_report(const Path& root, const std::vector<std::string>& shape_ids);

/// Makes (or completes) the data set. Shapes that are already complete on disk are skipped. Throws Interrupted after Ctrl-C.
BuildReport generate(const GenerateOptions& options);

}  // namespace looking3d
