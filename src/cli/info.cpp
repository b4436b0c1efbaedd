// looking3d info: what a weights file, an index file, a mesh or a data set holds.
#include <cstdio>

#include "base/error.h"
#include "cli/verb.h"
#include "dataset/data_set.h"
#include "engine/detector.h"
#include "engine/encoded_views.h"
#include "model/weights.h"

namespace looking3d {
namespace {

/// What --threshold gives which share of false alarms.
void print_thresholds(const Calibration& calibration) {
  const size_t pieces = calibration.normal_logits.size();
  if (pieces == 0) {
    std::printf("thresholds for shares of false alarms: unknown (looking3d train --resume on the run of these weights stores them)\n");
    return;
  }
  std::printf("thresholds for shares of false alarms, from %zu whole pieces:\n", pieces);
  for (const int percent : {1, 2, 5, 10}) {
    if (percent * pieces < 100) {
      std::printf("  %3d %%  unknown: too few pieces\n", percent);
    } else {
      std::printf("  %3d %%  --threshold %.6g\n", percent, calibration.threshold_at(percent / 100.0));
    }
  }
}

void print_weights(const Path& path) {
  const TensorFile file = read_tensors(path);
  const WeightsInfo info = read_weights_info(file.metadata, path);
  int64_t numbers = 0;
  for (const auto& [name, tensor] : file.tensors) numbers += tensor.numel();
  std::printf("weights of method %s, photos of %d x %d pixels, %zu tensors, %.2f million numbers\n", info.method.c_str(), info.size,
              info.size, file.tensors.size(), static_cast<double>(numbers) / 1e6);
  std::printf("calibration: p = sigmoid(%.3f * logit %+.3f)\n", info.calibration.scale, info.calibration.bias);
  print_thresholds(info.calibration);
  std::printf("network: %s\ntrained: %s\n", info.network.dump().c_str(), info.trained.dump().c_str());
}

void print_shape(const Shape& shape, const std::vector<std::string>& care) {
  std::printf("%zu parts, %zu triangles\n", shape.parts.size(), shape.triangle_count());
  for (const Part& part : shape.parts) {
    const MeshTopology mesh = topology(part.mesh);
    const Eigen::Vector3d size = bounding_box(part.mesh).sizes();
    std::printf("  %-24s %-16s %7zu triangles, %.3f x %.3f x %.3f, ", part.name.c_str(), part.label.c_str(), part.mesh.triangles.size(),
                size.x(), size.y(), size.z());
    if (mesh.watertight()) {
      std::printf("volume %.2g\n", signed_volume(part.mesh));
    } else {
      std::printf("%d open and %d doubtful edges\n", mesh.boundary_edges, mesh.non_manifold_edges);
    }
  }
  std::printf("  (sizes along x, y up and z front, in radii of the bounding sphere)\n");
  for (const std::string& line : care) std::printf("care: %s\n", line.c_str());
}

void print_index(const Path& path) {
  const ReferenceData reference = load_reference(path);
  std::printf("index of %s, %zu silhouettes\n", reference.name.c_str(), reference.poses.entries().size());
  if (reference.encoded) {
    const EncodedViews& views = reference.encoded->views;
    std::printf("encoded for cmt: %lld patches of %zu views, by %s\n", static_cast<long long>(views.starts.back()), views.views.size(),
                reference.encoded->made_by.text().c_str());
  }
  print_shape(reference.shape, reference.care);
}

void print_mesh(const Path& path, const MeshAxes& axes) {
  CareReport care;
  const Shape shape = load_shape(path, &care, axes);
  std::printf("mesh, ");
  print_shape(shape, care.lines);
}

void print_data_set(const Path& path) {
  const DataSet data = DataSet::open(path);
  std::printf("data set, %zu photos\n", data.samples().size());
  for (const auto& [split, shapes] : data.splits()) {
    size_t photos = 0, anomalous = 0;
    if (!shapes.empty()) {
      for (const size_t i : data.samples_of(split)) ++photos, anomalous += data.samples()[i].anomalous;
    }
    std::printf("  %-6s %6zu shapes %8zu photos, %zu of them anomalous\n", split.c_str(), shapes.size(), photos, anomalous);
  }
}

struct InfoOptions {
  std::string file;
  MeshAxes axes;
  void visit(OptionVisitor& v) { axes.visit(v); }
};

int run_info(const InfoOptions& options) {
  const Path path = options.file;
  require_exists(path);
  if (std::filesystem::is_directory(path) && std::filesystem::exists(path / "split.json")) {
    print_data_set(path);
  } else if (std::filesystem::is_regular_file(path) && is_reference_file(path)) {
    print_index(path);
  } else if (path.extension() == ".safetensors") {
    print_weights(path);
  } else {
    print_mesh(path, options.axes);
  }
  return 0;
}

}  // namespace

Verb info_verb() {
  return {
      "info", "what a weights, index, mesh or data-set file holds",
      "  looking3d info weights/align.safetensors\n"
      "  looking3d info chair.l3d\n"
      "  looking3d info scan.stl --up z --front auto\n"
      "  looking3d info data",
      [](CLI::App& verb) -> std::function<int()> {
        auto options = std::make_shared<InfoOptions>();
        verb.add_option("file", options->file, "weights (.safetensors), index (.l3d), mesh file or folder, data-set folder")->required();
        bind_options(verb, *options);
        return [options] { return run_info(*options); };
      }};
}

}  // namespace looking3d
