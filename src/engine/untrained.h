#pragma once
// For tests: weights files of small untrained networks, and a photo to judge.
#include <unistd.h>

#include <filesystem>
#include <opencv2/core.hpp>

#include "engine/reference_data.h"
#include "looking3d/looking3d.h"
#include "model/align_net.h"
#include "model/cmt.h"
#include "model/weights.h"
#include "shapes/procedural.h"

namespace looking3d {

/// A file in a folder of this process, which goes with it: tests run side by side.
inline Path scratch(const std::string& name) {
  static const struct Folder {
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    const Path path = std::filesystem::temp_directory_path() / ("l3d_engine_test_" + std::to_string(::getpid()));
  } folder;
  return folder.path / name;
}

/// A weights file of an untrained network.
template <class Network, class Options>
Path untrained(const std::string& method, const Options& options) {
  torch::manual_seed(3);
  Network network(options);
  const Path path = scratch(method + ".safetensors");
  write_tensors(path, state_of(*network),
                {{"format", "looking3d-weights-1"}, {"method", method}, {"size", "128"}, {"network", to_json(options)}});
  return path;
}

inline CmtOptions small_cmt() {
  CmtOptions options = CmtOptions::looking3d();
  options.width = 8;
  options.channels = 16;
  options.blocks = 1;
  return options;
}

inline Path untrained_align(int detail = 1) {
  AlignNetOptions options;
  options.compare.detail = detail;
  options.compare.width = 8;
  options.compare.channels = 16;
  options.mask.width = 4;
  return untrained<AlignNet>("align", options);
}

/// A photo of a grey chair on white, its mask, and its reference.
struct Photographed {
  explicit Photographed(int index = 3) : shape(make_shape({5, index, "armchair"})), reference(Reference::prepare(shape)) {
    const Scene scene(shape);
    OrbitView view{.azimuth_rad = 0.7, .elevation_rad = 0.5};
    view.distance = fitting_distance(view, shape.all_vertices());
    const Camera camera = orbit_camera(view, 200);
    cv::Mat grey = render_grey(scene, camera);
    cv::merge(std::vector<cv::Mat>{grey, grey, grey}, photo);
    mask = render_silhouette(scene, camera);
  }
  Shape shape;
  Reference reference;
  cv::Mat photo, mask;
};

}  // namespace looking3d
