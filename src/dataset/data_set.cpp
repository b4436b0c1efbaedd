#include "dataset/data_set.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgcodecs.hpp>
#include <set>
#include <unordered_set>

#include "base/check.h"
#include "base/error.h"
#include "base/log.h"
#include "dataset/layout.h"
#include "dataset/npy.h"

namespace looking3d {
namespace {

using Splits = std::map<std::string, std::vector<std::string>>;

Splits read_splits(const Path& root) {
  const Path path = split_file(root);
  require_exists(root, "give the folder of a data set (looking3d generate makes one)");
  if (!std::filesystem::exists(path)) throw InputError(path, "no such file", "a data set has a split.json at its top");
  const Json json = read_json(path);
  Splits splits;
  std::map<std::string, std::string> split_of;
  for (const char* split : {"train", "val", "test"}) {
    if (!json.is_object() || !json.contains(split) || !json[split].is_array()) {
      throw InputError(path, std::string("has no list '") + split + "'", "expected {\"train\": [ids], \"val\": [ids], \"test\": [ids]}");
    }
    for (const Json& entry : json[split]) {
      if (!entry.is_string() && !entry.is_number_integer())
        throw InputError(path, std::string("list '") + split + "' holds something that is no id");
      const std::string id = entry.is_string() ? entry.get<std::string>() : std::to_string(entry.get<int64_t>());
      const auto [place, fresh] = split_of.emplace(id, split);
      if (!fresh && place->second != split) throw InputError(path, "shape " + id + " is both in " + place->second + " and in " + split);
      if (fresh) splits[split].push_back(id);
    }
    splits[split];
  }
  if (split_of.empty()) throw InputError(path, "names no shape");
  return splits;
}

/// Files below a folder, relative to it, sorted.
std::vector<Path> files_below(const Path& folder) {
  std::vector<Path> files;
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) return files;
  try {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(folder));
    }
  } catch (const std::filesystem::filesystem_error& failure) {
    throw InputError(folder, std::string("cannot be listed: ") + failure.code().message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Files of annotations/, as strings relative to it: asked for each sample, so listed once.
class AnnotationIndex {
 public:
  explicit AnnotationIndex(const Path& root) : folder_(root / "annotations") {
    for (const Path& file : files_below(folder_)) known_.insert(file.generic_string());
  }
  /// annotations/<sub>/<prefix>_<stem>.<extension>, or empty when there is none.
  Path find(const Path& sub, const std::string& prefix, const std::string& stem, const char* extension = ".png") const {
    const Path relative = sub / (prefix + "_" + stem + extension);
    return known_.contains(relative.generic_string()) ? folder_ / relative : Path();
  }

 private:
  Path folder_;
  std::unordered_set<std::string> known_;
};

Sample to_sample(const Path& root, const Path& relative, const PhotoName& name, const AnnotationIndex& annotations) {
  const Path sub = relative.parent_path();
  const std::string file_stem = relative.stem().string();
  const std::string stem = file_stem.substr(std::string("render_").size());
  Sample sample;
  sample.name = file_stem;
  sample.shape_id = name.shape;
  sample.image = root / "images" / relative;
  sample.kind = kind_of_label(name.label);
  sample.anomalous = sample.kind != "normal";
  sample.info = annotations.find(sub, "info", stem, ".json");
  sample.mask_before = annotations.find(sub, "mask_old", stem);
  sample.mask_after = annotations.find(sub, "mask_new", stem);
  sample.object = annotations.find(sub, "seg_new", stem);
  sample.change = annotations.find(sub, "change", stem);
  return sample;
}

std::vector<Sample> list_samples(const Path& root, const Splits& splits) {
  std::set<std::string> shapes;
  for (const auto& [split, ids] : splits) shapes.insert(ids.begin(), ids.end());
  const AnnotationIndex annotations(root);
  std::vector<Sample> samples;
  size_t foreign = 0;
  for (const Path& relative : files_below(root / "images")) {
    const std::string stem = relative.stem().string();
    if (relative.extension() != ".png" || !stem.starts_with("render_")) continue;
    const std::string rest = stem.substr(std::string("render_").size());
    const auto name = parse_photo_stem(rest, [&](const std::string& id) { return shapes.contains(id); });
    if (name) {
      samples.push_back(to_sample(root, relative, *name, annotations));
      continue;
    }
    // Tell a photo of a shape that no split names from a name that means nothing.
    if (!parse_photo_stem(rest, [](const std::string&) { return true; })) {
      throw InputError(root / "images" / relative, "has a name that does not say what it shows",
                       "expected render_<shape>_<texture>_<radius>_<azim>_<elev>_<light>_<label>.png");
    }
    ++foreign;
  }
  if (foreign > 0)
    log_warning(root.string() + ": " + std::to_string(foreign) + " photos of shapes that split.json does not name are left out");
  return samples;
}

/// Names are file stems; where a stem occurs in two sub-folders, the folder joins the name.
void make_names_unique(std::vector<Sample>& samples) {
  std::map<std::string, int> count;
  for (const Sample& sample : samples) ++count[sample.name];
  for (Sample& sample : samples)
    if (count[sample.name] > 1) sample.name = sample.image.parent_path().filename().string() + "/" + sample.name;
  std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.name < b.name; });
  const auto twin = std::adjacent_find(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.name == b.name; });
  if (twin != samples.end()) throw InputError(twin->image, "has the name of another photo of the data set");
}

Box box_from_pixels(const Json& json, const cv::Size& size, const Path& where) {
  if (!json.is_array() || json.size() != 4 || !std::all_of(json.begin(), json.end(), [](const Json& v) { return v.is_number(); })) {
    throw InputError(where, "field '2d_bbox' is not [x, y, w, h] in pixels");
  }
  const double x = json[0], y = json[1], w = json[2], h = json[3];
  return {(x + w / 2) / size.width, (y + h / 2) / size.height, w / size.width, h / size.height};
}

OrbitView view_from_json(const Json& json, const Path& where) {
  OrbitView view;
  try {
    view.azimuth_rad = radians(json.at("azimuth_deg").get<double>());
    view.elevation_rad = radians(json.at("elevation_deg").get<double>());
    view.roll_rad = radians(json.value("roll_deg", 0.0));
    view.distance = json.at("distance").get<double>();
    view.shift_x = json.value("shift_x", 0.0);
    view.shift_y = json.value("shift_y", 0.0);
    view.focal_per_width = json.value("focal_per_width", kFocalPerWidth);
  } catch (const Json::exception&) {
    throw InputError(where, "field 'view' is malformed", "expected azimuth_deg, elevation_deg, distance, ...");
  }
  return view;
}

OrbitView view_from_name(const Sample& sample) {
  const PhotoName name = photo_name(sample);
  OrbitView view;
  view.azimuth_rad = radians(swap_azimuth_convention(name.azimuth_deg));
  view.elevation_rad = radians(name.elevation_deg);
  view.distance = name.radius;
  return view;
}

StoredView read_view(const Path& json_path) {
  const Path stem = json_path.parent_path() / json_path.stem();
  const Json json = read_json(json_path);
  StoredView view;
  view.image = stem.string() + ".png";
  require_exists(view.image, "each reference view has a .png, a .json and a .npy");
  const cv::Size size = png_size(view.image);
  view.camera = camera_from_published(json, size.width, size.height, json_path);
  const Eigen::Vector3d position = view.camera.position_in_world();
  // Round, so that the view from the front is at 0 and not at 359.9999999.
  view.azimuth_deg = std::fmod(std::round(1e6 * degrees(std::atan2(position.x(), position.z()))) / 1e6 + 360, 360);
  view.elevation_deg = degrees(std::asin(std::clamp(position.y() / std::max(position.norm(), 1e-12), -1.0, 1.0)));
  if (json.contains("depth_scale")) {
    view.depth = stem.string() + "_depth.png";
    view.depth_scale = json["depth_scale"].is_number() ? json["depth_scale"].get<double>() : 0;
    if (!(view.depth_scale > 0)) throw InputError(json_path, "field 'depth_scale' is not a positive number");
  }

  // Patches whose three coordinates are -1 see no surface.
  const Path npy = stem.string() + ".npy";
  const NumpyDict dict = read_numpy_dict(npy);
  const auto xyz = dict.find("xyz");
  if (xyz == dict.end()) throw InputError(npy, "has no array 'xyz'");
  const std::vector<int64_t>& shape = xyz->second.shape;
  if (shape.size() != 3 || shape[0] != shape[1] || shape[2] != 3 || shape[0] < 1 || shape[0] > 1024) {
    throw InputError(npy, "array 'xyz' is not (h, h, 3)");
  }
  view.grid = static_cast<int>(shape[0]);
  const std::vector<double>& values = xyz->second.values;
  for (size_t i = 0; i < values.size(); i += 3) {
    const bool empty = values[i] == -1 && values[i + 1] == -1 && values[i + 2] == -1;
    const Eigen::Vector3f position_in_world(static_cast<float>(values[i]), static_cast<float>(values[i + 1]),
                                            static_cast<float>(values[i + 2]));
    view.patch_positions.push_back(empty ? Eigen::Vector3f::Constant(std::numeric_limits<float>::quiet_NaN()) : position_in_world);
  }
  return view;
}

/// "train: 4 shapes, val: 0 shapes, test: 2 shapes"
std::string splits_in_words(const DataSet& data) {
  std::string words;
  for (const char* split : {"train", "val", "test"}) {
    words += std::string(words.empty() ? "" : ", ") + split + ": " + std::to_string(data.splits().at(split).size()) + " shapes";
  }
  return words;
}

/// A mask of the photo's size, CV_8U 0/255; empty where there is no such file.
cv::Mat load_mask(const Sample& sample, const Path& file) {
  if (file.empty()) return {};
  const cv::Mat mask = read_picture(file, cv::IMREAD_GRAYSCALE);
  if (mask.size() != png_size(sample.image)) throw InputError(file, "is not of its photo's size");
  return mask > 127;
}

}  // namespace

PhotoName photo_name(const Sample& sample) {
  const std::string stem = sample.image.stem().string().substr(std::string("render_").size());
  const auto name = parse_photo_stem(stem, [&](const std::string& id) { return id == sample.shape_id; });
  L3D_CHECK(name.has_value(), "sample " + sample.name);
  return *name;
}

DataSet DataSet::open(const Path& root) {
  DataSet set;
  set.root_ = root;
  set.splits_ = read_splits(root);
  set.samples_ = list_samples(root, set.splits_);
  make_names_unique(set.samples_);
  if (set.samples_.empty()) throw InputError(root / "images", "holds no photo of the shapes in split.json", "is the data set complete?");
  return set;
}

std::vector<size_t> DataSet::samples_of(const std::string& split) const {
  const auto found = splits_.find(split);
  if (found == splits_.end()) throw InputError(root_, "has no split '" + split + "'", "the splits are train, val and test");
  const std::unordered_set<std::string> shapes(found->second.begin(), found->second.end());
  if (shapes.empty()) throw InputError(split_file(root_), "names no shape for the split '" + split + "'", splits_in_words(*this));
  std::vector<size_t> indices;
  for (size_t i = 0; i < samples_.size(); ++i)
    if (shapes.contains(samples_[i].shape_id)) indices.push_back(i);
  if (indices.empty()) {
    throw InputError(root_ / "images", "holds no photo of the " + std::to_string(shapes.size()) + " shapes of the split '" + split + "'",
                     splits_in_words(*this));
  }
  return indices;
}

cv::Mat DataSet::load_image(const Sample& sample) const {
  return read_picture(sample.image, cv::IMREAD_COLOR);
}

Annotation DataSet::load_annotation(const Sample& sample) const {
  Annotation annotation;
  annotation.view = view_from_name(sample);
  if (sample.info.empty()) return annotation;
  annotation.raw = read_json(sample.info);
  const Json& raw = annotation.raw;
  if (!raw.is_object()) throw InputError(sample.info, "is no JSON object");
  if (raw.contains("2d_bbox") && !raw["2d_bbox"].is_null()) {
    annotation.box = box_from_pixels(raw["2d_bbox"], png_size(sample.image), sample.info);
  }
  if (raw.contains("view")) annotation.view = view_from_json(raw["view"], sample.info);
  if (raw.contains("camera_from_world")) annotation.camera = camera_from_json(raw, sample.info);
  try {
    annotation.part = raw.value("part", "");
    annotation.label = raw.value("label", "");
    annotation.visible_size = raw.value("visible_size", 0.0);
  } catch (const Json::exception&) {
    throw InputError(sample.info, "field 'part', 'label' or 'visible_size' is of the wrong type");
  }
  return annotation;
}

cv::Mat DataSet::load_change_mask(const Sample& sample) const {
  const cv::Size size = png_size(sample.image);
  cv::Mat mask;
  if (!sample.anomalous) return cv::Mat::zeros(size, CV_8U);
  const std::vector<Path> files =
      sample.change.empty() ? std::vector<Path>{sample.mask_before, sample.mask_after} : std::vector<Path>{sample.change};
  for (const Path& file : files) {
    if (file.empty()) continue;
    if (mask.empty()) mask = cv::Mat::zeros(size, CV_8U);
    mask.setTo(255, load_mask(sample, file));
  }
  return mask;
}

cv::Mat DataSet::load_part_mask(const Sample& sample) const {
  return sample.anomalous ? load_mask(sample, sample.mask_before) : cv::Mat();
}

cv::Mat DataSet::load_object_mask(const Sample& sample) const {
  return load_mask(sample, sample.object);
}

std::vector<StoredView> DataSet::load_views(const std::string& shape_id) const {
  const Path folder = views_folder(root_, shape_id);
  require_exists(folder, "each shape has its reference views in mv_images");
  std::vector<StoredView> views;
  for (const Path& file : files_below(folder))
    if (file.extension() == ".json") views.push_back(read_view(folder / file));
  if (views.empty()) throw InputError(folder, "holds no reference view");
  std::sort(views.begin(), views.end(), [](const StoredView& a, const StoredView& b) {
    return a.azimuth_deg != b.azimuth_deg ? a.azimuth_deg < b.azimuth_deg : a.elevation_deg < b.elevation_deg;
  });
  for (size_t i = 1; i < views.size(); ++i) {
    if (views[i].camera.camera_from_world.isApprox(views[i - 1].camera.camera_from_world, 1e-6)) {
      throw InputError(views[i].image, "is taken by the same camera as " + views[i - 1].image.filename().string());
    }
  }
  return views;
}

cv::Mat load_depth(const StoredView& view) {
  if (view.depth.empty()) throw InputError(view.image, "has no depth stored beside it");
  const cv::Mat stored = read_picture(view.depth, cv::IMREAD_UNCHANGED);
  if (stored.type() != CV_16U) throw InputError(view.depth, "is no 16-bit depth picture");
  cv::Mat depth;
  stored.convertTo(depth, CV_32F, 1 / view.depth_scale);
  return depth;
}

bool DataSet::has_mesh(const std::string& shape_id) const {
  return std::filesystem::exists(mesh_file(root_, shape_id));
}

Shape DataSet::load_mesh(const std::string& shape_id) const {
  require_exists(mesh_file(root_, shape_id), "the published data set has views only; ours stores shape.obj");
  Shape shape = load_shape(mesh_file(root_, shape_id));
  shape.id = shape_id;
  return shape;
}

}  // namespace looking3d
