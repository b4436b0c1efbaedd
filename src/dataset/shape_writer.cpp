#include "dataset/shape_writer.h"

#include <cmath>

#include "base/check.h"
#include "base/random.h"
#include "dataset/npy.h"

namespace looking3d {
namespace {

constexpr int kSurfacePoints = 512;  ///< points of the 'pxy' list
constexpr const char* kPhotoFiles[] = {"render_", "info_", "seg_new_", "seg_old_", "mask_old_", "mask_new_", "change_"};
constexpr const char* kTemporaryMark = ".tmp";  ///< of write_file_atomic, after the file's own name
constexpr double kVisibleSlack = 0.02;          ///< a point this little behind the depth map is still seen

/// Does the name of a photo's file, or of one of its annotation's, belong to such a shape?
bool is_photo_file_of(const std::string& name, const std::function<bool(const std::string&)>& is_shape) {
  return std::any_of(std::begin(kPhotoFiles), std::end(kPhotoFiles), [&](const std::string& prefix) {
    return name.starts_with(prefix) && parse_photo_stem(Path(name.substr(prefix.size())).stem().string(), is_shape);
  });
}

/// Removes temporary files below `folder` whose target's name is chosen.
void sweep(const Path& folder, const std::function<bool(const std::string& name)>& chosen) {
  if (!std::filesystem::is_directory(folder)) return;
  std::vector<Path> remnants;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const size_t mark = name.rfind(kTemporaryMark);
    if (mark != std::string::npos && chosen(name.substr(0, mark))) remnants.push_back(entry.path());
  }
  for (const Path& remnant : remnants) std::filesystem::remove(remnant);
}

/// Points spread evenly over the surface, the same for all views of a shape.
std::vector<Eigen::Vector3d> surface_points(const Shape& shape) {
  std::vector<double> areas;
  std::vector<std::array<Eigen::Vector3d, 3>> corners;
  for (const Part& part : shape.parts) {
    for (size_t t = 0; t < part.mesh.triangles.size(); ++t) {
      std::array<Eigen::Vector3d, 3> triangle;
      for (int k = 0; k < 3; ++k) triangle[static_cast<size_t>(k)] = part.mesh.corner(static_cast<int>(t), k).cast<double>();
      const double area = (triangle[1] - triangle[0]).cross(triangle[2] - triangle[0]).norm() / 2;
      areas.push_back((areas.empty() ? 0 : areas.back()) + area);
      corners.push_back(triangle);
    }
  }
  Rng rng(identity(0, "surface", shape.id));
  std::vector<Eigen::Vector3d> points;
  for (int i = 0; i < kSurfacePoints && !areas.empty(); ++i) {
    const double target = (i + rng.uniform()) / kSurfacePoints * areas.back();
    const size_t t = static_cast<size_t>(std::upper_bound(areas.begin(), areas.end() - 1, target) - areas.begin());
    const double root = std::sqrt(rng.uniform()), v = rng.uniform();
    points.push_back((1 - root) * corners[t][0] + root * (1 - v) * corners[t][1] + root * v * corners[t][2]);
  }
  return points;
}

/// The published arrays: where each surface point falls (row, col), whether it is seen, and the mean position of each patch.
NumpyDict view_arrays(const ReferenceView& view, const std::vector<Eigen::Vector3d>& points) {
  NumpyDict arrays;
  NumpyArray& pxy = arrays["pxy"] = {"<i4", {static_cast<int64_t>(points.size()), 2}, {}};
  NumpyArray& is_visible = arrays["is_visible"] = {"|b1", {static_cast<int64_t>(points.size())}, {}};
  for (const Eigen::Vector3d& point : points) {
    const Eigen::Vector3d pixel = view.camera.project(point);
    const int row = static_cast<int>(std::floor(pixel.y())), col = static_cast<int>(std::floor(pixel.x()));
    const bool inside = row >= 0 && row < view.depth.rows && col >= 0 && col < view.depth.cols;
    const double depth = inside ? view.depth.at<float>(row, col) : 0;
    pxy.values.push_back(row);
    pxy.values.push_back(col);
    is_visible.values.push_back(depth > 0 && pixel.z() < depth + kVisibleSlack);
  }
  const std::vector<Eigen::Vector3f> patches = patch_positions(view.depth, view.camera);
  const int64_t grid = view.depth.rows / 8;
  L3D_CHECK_EQ(static_cast<int64_t>(patches.size()), grid * grid);
  NumpyArray& xyz = arrays["xyz"] = {"<f4", {grid, grid, 3}, {}};
  for (const Eigen::Vector3f& patch : patches)
    for (int axis = 0; axis < 3; ++axis) xyz.values.push_back(patch.allFinite() ? patch[axis] : -1.0f);
  return arrays;
}

}  // namespace

void write_photo(const Path& root, const PhotoRecord& record) {
  const Path sub = record.change ? "anomaly" : "normal";
  const std::string stem = photo_stem(record.name);
  const Path notes = root / "annotations" / sub;
  write_json_atomic(notes / ("info_" + stem + ".json"), record.info);
  write_mask(notes / ("seg_new_" + stem + ".png"), record.object);
  if (record.change) {
    write_mask(notes / ("seg_old_" + stem + ".png"), record.change->object_before);
    write_mask(notes / ("mask_old_" + stem + ".png"), record.change->mask_before);
    write_mask(notes / ("mask_new_" + stem + ".png"), record.change->mask_after);
    write_mask(notes / ("change_" + stem + ".png"), record.change->changed);
  }
  write_png(root / "images" / sub / ("render_" + stem + ".png"), record.photo);
}

void remove_remnants(const Path& root, const std::function<bool(const std::string& shape_id)>& is_ours) {
  for (const char* folder : {"images", "annotations"})
    sweep(root / folder, [&](const std::string& name) { return is_photo_file_of(name, is_ours); });
  const Path nameless = shape_folder(root, "");
  if (!std::filesystem::is_directory(nameless.parent_path())) return;
  for (const auto& entry : std::filesystem::directory_iterator(nameless.parent_path())) {
    const std::string name = entry.path().filename().string(), start = nameless.filename().string();
    if (name.starts_with(start) && is_ours(name.substr(start.size()))) sweep(entry.path(), [](const std::string&) { return true; });
  }
}

void write_reference_views(const Path& root, const Shape& shape, const std::vector<ReferenceView>& views) {
  const std::vector<Eigen::Vector3d> points = surface_points(shape);
  for (const ReferenceView& view : views) {
    const std::string stem = shape.id + "_" + short_number(view.camera.position_in_world().norm()) + "_" +
                             short_number(swap_azimuth_convention(view.azimuth_deg)) + "_" + short_number(view.elevation_deg);
    const Path base = views_folder(root, shape.id) / stem;
    Json camera = published_camera_json(view.camera);
    camera["depth_scale"] = kDepthScale;
    cv::Mat depth;
    view.depth.convertTo(depth, CV_16U, kDepthScale);
    write_png(base.string() + ".png", view.grey);
    write_png(base.string() + "_depth.png", depth);
    write_numpy_dict(base.string() + ".npy", view_arrays(view, points));
    write_json_atomic(base.string() + ".json", camera);
  }
}

}  // namespace looking3d
